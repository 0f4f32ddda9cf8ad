package order

// Components gives the strongly connected components of a graph of n nodes,
// by Tarjan's algorithm without recursion, so that a long chain of maps cannot
// exhaust the stack.
func Components(n int, edges func(v int, yield func(int))) [][]int {
	const unseen = -1
	index := make([]int, n)
	low := make([]int, n)
	onStack := make([]bool, n)
	for i := range index {
		index[i] = unseen
	}
	type frame struct {
		v    int
		next []int
	}
	var stack []int
	var out [][]int
	count := 0
	open := func(v int) frame {
		index[v], low[v] = count, count
		count++
		stack = append(stack, v)
		onStack[v] = true
		f := frame{v: v}
		edges(v, func(t int) { f.next = append(f.next, t) })
		return f
	}
	for start := range n {
		if index[start] != unseen {
			continue
		}
		calls := []frame{open(start)}
		for len(calls) > 0 {
			f := &calls[len(calls)-1]
			if len(f.next) > 0 {
				t := f.next[0]
				f.next = f.next[1:]
				switch {
				case index[t] == unseen:
					calls = append(calls, open(t))
				case onStack[t]:
					low[f.v] = min(low[f.v], index[t])
				}
				continue
			}
			v := f.v
			calls = calls[:len(calls)-1]
			if len(calls) > 0 {
				parent := calls[len(calls)-1].v
				low[parent] = min(low[parent], low[v])
			}
			if low[v] != index[v] {
				continue
			}
			var ring []int
			for {
				u := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				onStack[u] = false
				ring = append(ring, u)
				if u == v {
					break
				}
			}
			out = append(out, ring)
		}
	}
	return out
}
