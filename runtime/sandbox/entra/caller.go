package entra

import (
	"net/http"

	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// Caller names who sent a request by the object id in its token, "" without
// one. It does not verify the token, which is the gate's task. An application's
// subject is its object id.
func Caller(r *http.Request) string {
	_, c, err := parseJWT(gate.BearerToken(r))
	if err != nil {
		return ""
	}
	return c.Subject
}
