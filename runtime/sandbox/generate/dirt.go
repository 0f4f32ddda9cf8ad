package generate

import "context"

// mostDirt is the most cases of each kind.
const mostDirt = 1000

func (w *world) plantDirt(context.Context) error { return nil }
