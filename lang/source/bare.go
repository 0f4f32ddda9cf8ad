package source

import (
	"errors"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// BareParse parses a file in native syntax and throws the result away: no
// guard, no decoding, no check. It is the least that reading a configuration
// can cost, which benchmarks hold Load to.
func BareParse(src []byte, name string) error {
	_, diags := hclsyntax.ParseConfig(src, name, hcl.InitialPos)
	if diags.HasErrors() {
		return errors.New(diags.Error())
	}
	return nil
}
