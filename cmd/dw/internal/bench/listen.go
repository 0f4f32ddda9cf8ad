package bench

import (
	"context"
	"net"
)

// listen opens a free port of loopback.
func listen(ctx context.Context) (net.Listener, error) {
	var c net.ListenConfig
	return c.Listen(ctx, "tcp", "127.0.0.1:0")
}
