package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
)

// MaxSize of a saved plan in bytes. A larger file is not read.
const MaxSize = 256 << 20

// Encode gives the JSON form of a plan, indented, with a final newline. The
// same plan always gives the same bytes.
func Encode(p *Plan) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(p); err != nil {
		return nil, fmt.Errorf("encode plan: %w", err)
	}
	return buf.Bytes(), nil
}

// Decode reads a saved plan. It takes no unknown names, no other major format
// version, and no plan whose fingerprint does not match what it holds. Errors
// are *diag.Failure.
func Decode(data []byte) (*Plan, error) {
	if len(data) > MaxSize {
		return nil, fail(diag.CodePlanUnreadable, "the saved plan is too large",
			fmt.Sprintf("It has %d bytes; at most %d are read.", len(data), MaxSize), makeAnother)
	}
	var head struct {
		FormatVersion *string `json:"format_version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fail(diag.CodePlanUnreadable, "the saved plan is not JSON", describe(err, data), makeAnother)
	}
	if head.FormatVersion == nil {
		return nil, fail(diag.CodePlanUnreadable, "the file is not a saved plan", "It has no format_version.", makeAnother)
	}
	if err := checkVersion(*head.FormatVersion); err != nil {
		return nil, err
	}
	if line := nullInList(data); line > 0 {
		return nil, fail(diag.CodePlanUnreadable, "the saved plan cannot be read", fmt.Sprintf("Line %d: a list holds null.", line), makeAnother)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	p := &Plan{}
	if err := dec.Decode(p); err != nil {
		return nil, fail(diag.CodePlanUnreadable, "the saved plan cannot be read", describe(err, data), makeAnother)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fail(diag.CodePlanUnreadable, "the saved plan cannot be read", "Something follows the plan in the file.", makeAnother)
	}
	if problem := check(p); problem != "" {
		return nil, fail(diag.CodePlanUnreadable, "the saved plan cannot be read", problem, makeAnother)
	}
	want, err := Fingerprint(p)
	if err != nil {
		return nil, err
	}
	content, err := contentHash(p, nil)
	if err != nil {
		return nil, err
	}
	if p.Fingerprint != want || p.ContentHash != content {
		return nil, fail(diag.CodePlanAltered, "the saved plan has been changed since it was made",
			"Its hashes do not match what it holds, so nobody has reviewed what it would do now.", makeAnother)
	}
	return p, nil
}

const makeAnother = "Make another with `dw plan -out FILE`."

func fail(code, summary, detail, hint string) error {
	return diag.Fail(diag.Diagnostic{Code: code, Summary: summary, Detail: detail, Hint: hint})
}

// describe says where in the file a JSON error stands.
func describe(err error, data []byte) string {
	offset := int64(-1)
	switch e := err.(type) {
	case *json.SyntaxError:
		offset = e.Offset
	case *json.UnmarshalTypeError:
		offset = e.Offset
	}
	if offset < 0 || offset > int64(len(data)) {
		return err.Error() + "."
	}
	return fmt.Sprintf("Line %d: %v.", 1+bytes.Count(data[:offset], []byte("\n")), err)
}

// leastMinor is the first minor version whose hashes are made as those of today.
const leastMinor = 2

// checkVersion accepts later minors of this major: minors only add.
func checkVersion(v string) error {
	major, minor, found := strings.Cut(v, ".")
	ours, _, _ := strings.Cut(FormatVersion, ".")
	number, err := strconv.ParseUint(minor, 10, 16)
	if !found || err != nil || major != ours {
		return fail(diag.CodePlanUnreadable, fmt.Sprintf("the saved plan has format version %q", v),
			fmt.Sprintf("This dw reads format version %s.x.", ours), "Make and apply a plan with the same dw.")
	}
	if number < leastMinor {
		return fail(diag.CodePlanUnreadable, fmt.Sprintf("the saved plan has format version %q", v),
			fmt.Sprintf("An older dw made it, with other hashes; this one reads versions from %s.%d on.", ours, leastMinor), makeAnother)
	}
	return nil
}

// check says what is wrong with a plan that no Build makes, so that apply can
// rely on what it is given; "" where nothing is.
func check(p *Plan) string {
	if !slices.Contains(Outcomes(), p.Policy.Outcome) {
		return fmt.Sprintf("The policy's outcome %q is unknown.", p.Policy.Outcome)
	}
	seen := map[string]bool{}
	for i, a := range p.Actions {
		if a.Map == "" || seen[a.Map] {
			return fmt.Sprintf("Action %d has no map of its own.", i)
		}
		seen[a.Map] = true
		def := a.Definition
		switch {
		case a.Kind == Destroy:
			if def != nil {
				return fmt.Sprintf("The action of %s destroys and defines.", a.Map)
			}
			continue
		case !knownKind(a.Kind):
			return fmt.Sprintf("The action of %s is of unknown kind %q.", a.Map, a.Kind)
		case def == nil || def.Map == nil || def.FnO == nil || def.Dataverse == nil:
			return fmt.Sprintf("The action of %s has no complete definition.", a.Map)
		case def.Map.Name != a.Map:
			return fmt.Sprintf("The action of %s defines %s.", a.Map, def.Map.Name)
		}
	}
	return ""
}

func knownKind(k Kind) bool { return slices.Contains(Kinds(), k) }

// nullInList gives the line of the first null that is an item of a list; 0
// where there is none. No list of a plan has such items, and what reads plans
// relies on that.
func nullInList(data []byte) int {
	var lists []bool // of what is open: whether it is a list
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			for i++; i < len(data) && data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
		case '[', '{':
			lists = append(lists, data[i] == '[')
		case ']', '}':
			lists = lists[:max(len(lists)-1, 0)]
		case 'n':
			if len(lists) > 0 && lists[len(lists)-1] {
				return 1 + bytes.Count(data[:i], []byte("\n"))
			}
		}
	}
	return 0
}
