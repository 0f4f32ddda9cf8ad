package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Client calls the interface of a running sandbox, whose addresses name both
// members (sandbox.Addresses, Control and ControlKey).
type Client struct {
	Address string // "http://127.0.0.1:P"
	Key     string
}

// ActivateEvents switches data events on for an endpoint, which gets a test
// message first and has to take it. It adds to what the endpoint gets already.
func (c Client) ActivateEvents(ctx context.Context, a Activation) (Status, error) {
	return c.call(ctx, http.MethodPost, eventsPath, a)
}

// DeactivateEvents switches off all data events of an endpoint.
func (c Client) DeactivateEvents(ctx context.Context, endpoint string) (Status, error) {
	return c.call(ctx, http.MethodDelete, eventsPath, endpointName{endpoint})
}

// Events tells what is delivered and how that goes.
func (c Client) Events(ctx context.Context) (Status, error) {
	return c.call(ctx, http.MethodGet, eventsPath, nil)
}

// Resend sends failures again.
func (c Client) Resend(ctx context.Context, r Resend) (Status, error) {
	return c.call(ctx, http.MethodPost, resendPath, r)
}

// DisturbEvents replaces the faults of the delivery of both twins.
func (c Client) DisturbEvents(ctx context.Context, f Faults) (Status, error) {
	return c.call(ctx, http.MethodPost, faultsPath, FaultSet{Events: &f})
}

// CreateProject makes a data project, or gives one of the name other entities.
func (c Client) CreateProject(ctx context.Context, p Project) (Status, error) {
	return c.call(ctx, http.MethodPost, projectsPath, p)
}

// DeleteProject takes a data project away.
func (c Client) DeleteProject(ctx context.Context, name string) (Status, error) {
	return c.call(ctx, http.MethodDelete, projectsPath, projectName{name})
}

// SetParameters changes the execution parameters of an entity.
func (c Client) SetParameters(ctx context.Context, p Parameters) (Status, error) {
	return c.call(ctx, http.MethodPost, parametersPath, p)
}

func (c Client) call(ctx context.Context, method, path string, body any) (Status, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return Status{}, fmt.Errorf("sandbox control: %w", err)
		}
		content = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.Address, "/")+path, content)
	if err != nil {
		return Status{}, fmt.Errorf("sandbox control: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+c.Key)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return Status{}, fmt.Errorf("the sandbox at %s does not answer: %w", c.Address, err)
	}
	defer resp.Body.Close()
	d := json.NewDecoder(resp.Body)
	if resp.StatusCode != http.StatusOK {
		var e errorAnswer
		if d.Decode(&e) != nil || e.Error == "" {
			e.Error = "status " + resp.Status
		}
		return Status{}, fmt.Errorf("the sandbox refuses: %s", e.Error)
	}
	var s Status
	if err := d.Decode(&s); err != nil {
		return Status{}, fmt.Errorf("the sandbox at %s gave an answer that cannot be read: %w", c.Address, err)
	}
	return s, nil
}
