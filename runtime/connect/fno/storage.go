package fno

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/connect/odata"
)

const (
	storageTimeout  = 10 * time.Minute // of one attempt; a download goes on where it stopped
	storageAttempts = 5                // in a row without a byte

	// maxExportFile keeps a storage account from filling the disk. It is far
	// beyond a package of ten million records.
	maxExportFile = 64 << 30
)

// What to write in a map where the storage account cannot be reached.
const (
	writeOtherwise = `write via = "odata"`
	readOtherwise  = `write read_via = "odata"`
)

func (c *Connector) storageRefuses(status int) error {
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodeRequestRefused, Severity: diag.Error, Summary: "the storage account of F&O refuses a package",
		Detail: fmt.Sprintf("It answers with status %d to an address that F&O has just given.", status),
		Hint:   "Look whether a proxy or firewall keeps this machine from Azure Storage, and whether its clock is right.",
	})
}

// storageAway explains a storage account that gives no answer. Errors of the
// HTTP client show the address, so that none of them is told.
func (c *Connector) storageAway(u *url.URL, err error, otherwise string) error {
	detail := "the connection broke off"
	if failed, ok := errors.AsType[*url.Error](err); ok && failed.Timeout() {
		detail = "it gave no answer in time"
	}
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodeServiceUnreachable, Severity: diag.Error, Summary: "the storage account of F&O at " + u.Host + " cannot be reached",
		Detail: fmt.Sprintf("%s (%d attempts)", detail, storageAttempts),
		Hint:   "Packages go over Azure Storage: let the network and the proxy allow it, or " + otherwise + ".",
	})
}

// blobAddress checks an address of a storage account.
func (c *Connector) blobAddress(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, c.data.Explain(&odata.Malformed{Detail: "the address of a blob is none, or not encrypted"}, "give an address of a package")
	}
	return u, nil
}

func loopback(name string) bool { return name == "localhost" || name == "127.0.0.1" || name == "::1" }

// transfer sends a request to an address of a storage account, which carries its
// own permission: no token goes there, and no error shows the address. Both
// kinds of requests may be repeated.
func (c *Connector) transfer(ctx context.Context, method, address string, content []byte) (status int, body []byte, err error) {
	u, err := c.blobAddress(address)
	if err != nil {
		return 0, nil, err
	}
	for attempt := 1; ; attempt++ {
		status, body, err = c.transferOnce(ctx, method, address, content)
		again := err != nil || status >= 500 || status == http.StatusTooManyRequests
		if ctx.Err() != nil {
			return 0, nil, ctx.Err()
		}
		if !again {
			return status, body, nil
		}
		if attempt == storageAttempts {
			break
		}
		if err := c.host.Clock.Sleep(ctx, limit.Backoff(attempt)); err != nil {
			return 0, nil, err
		}
	}
	if err == nil {
		return 0, nil, c.storageRefuses(status)
	}
	return 0, nil, c.storageAway(u, err, writeOtherwise)
}

func (c *Connector) transferOnce(ctx context.Context, method, address string, content []byte) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, storageTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(content))
	if err != nil {
		return 0, nil, errors.New("the address of a blob cannot be used")
	}
	if method == http.MethodPut {
		r.Header.Set("x-ms-blob-type", "BlockBlob")
		r.Header.Set("Content-Type", "application/zip")
	}
	response, err := c.jobs.storage.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxErrorFile+1))
	if err == nil && len(body) > maxErrorFile {
		err = errors.New("the blob is too large")
	}
	return response.StatusCode, body, err
}

// download is a blob on its way to a file.
type download struct {
	address string // a secret
	to      *os.File
	size    int64  // bytes that are here
	etag    string // of the blob that they are of; "" unknown
	full    error  // why the file takes no more
}

// fetch brings a blob to a file. address gives an address of it, again when one
// has expired. A connection that broke off goes on where it did.
func (c *Connector) fetch(ctx context.Context, to *os.File, address func() (string, error)) error {
	d := &download{to: to}
	for attempt := 1; ; attempt++ {
		if d.address == "" {
			var err error
			if d.address, err = address(); err != nil {
				return err
			}
		}
		u, err := c.blobAddress(d.address)
		if err != nil {
			return err
		}
		before := d.size
		status, pause, err := c.fetchOnce(ctx, d)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case d.full != nil:
			return fmt.Errorf("keep the file of an export: %w", d.full)
		case err != nil, status >= 500, status == http.StatusTooManyRequests:
		case status < 300:
			return nil
		case status == http.StatusForbidden:
			d.address = "" // it has expired
		case status == http.StatusPreconditionFailed, status == http.StatusRequestedRangeNotSatisfiable:
			d.size, d.etag = 0, "" // it is another blob by now
		case status == http.StatusNotFound:
			return connect.ErrExportGone
		default:
			return c.storageRefuses(status)
		}
		if d.size > before {
			attempt = 0
		}
		if attempt == storageAttempts {
			if err != nil {
				return c.storageAway(u, err, readOtherwise)
			}
			return c.storageRefuses(status)
		}
		if err := c.host.Clock.Sleep(ctx, max(pause, limit.Backoff(attempt+1))); err != nil {
			return err
		}
	}
}

// fetchOnce makes one attempt. pause is what the storage account asks for.
func (c *Connector) fetchOnce(ctx context.Context, d *download) (status int, pause time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, storageTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.address, nil)
	if err != nil {
		return 0, 0, errors.New("the address of a blob cannot be used")
	}
	r.Header.Set("Accept-Encoding", "identity")
	if d.size > 0 && d.etag != "" {
		r.Header.Set("Range", "bytes="+strconv.FormatInt(d.size, 10)+"-")
		r.Header.Set("If-Match", d.etag)
	}
	response, err := c.jobs.storage.Do(r)
	if err != nil {
		return 0, 0, err
	}
	defer response.Body.Close()
	pause, _ = limit.RetryAfter(response.Header, c.host.Clock.Now())
	switch {
	case response.StatusCode == http.StatusPartialContent && strings.HasPrefix(response.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", d.size)):
	case response.StatusCode == http.StatusOK:
		d.size = 0
	case response.StatusCode < 300:
		d.size, d.etag = 0, ""
		return 0, pause, errors.New("the blob is not what was asked for")
	default:
		return response.StatusCode, pause, nil
	}
	if d.etag = response.Header.Get("ETag"); strings.HasPrefix(d.etag, "W/") {
		d.etag = ""
	}
	if d.full = d.to.Truncate(d.size); d.full != nil {
		return 0, pause, d.full
	}
	_, err = io.Copy(d, io.LimitReader(response.Body, maxExportFile-d.size+1))
	return response.StatusCode, pause, err
}

// Write implements io.Writer.
func (d *download) Write(p []byte) (int, error) {
	if d.size+int64(len(p)) > maxExportFile {
		d.full = fmt.Errorf("it has more than %d GB", maxExportFile>>30)
		return 0, d.full
	}
	n, err := d.to.WriteAt(p, d.size)
	d.size += int64(n)
	d.full = err
	return n, err
}
