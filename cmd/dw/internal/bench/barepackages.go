package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dualwrite/dw/runtime/connect/fno"
)

// PackageLoop is a bare loop of packages: files that were prepared before the
// clock starts, one job after the other, and nothing done with the answers.
type PackageLoop struct {
	Address string // of the F&O twin
	Dir     string // of packages, in their order: "0001-usmf.zip" for the company usmf
}

const (
	// barePoll is how often the loop asks whether a job has ended.
	barePoll = 250 * time.Millisecond

	actionPath = "/data/DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities."
)

// Send carries out a loop.
func (l PackageLoop) Send(ctx context.Context) error {
	files, err := filepath.Glob(filepath.Join(l.Dir, "*.zip"))
	if err != nil || len(files) == 0 {
		return errors.Join(err, fmt.Errorf("no packages in %s", l.Dir))
	}
	slices.Sort(files)
	contents := make([][]byte, len(files))
	for i, path := range files {
		if contents[i], err = os.ReadFile(path); err != nil {
			return err
		}
	}
	for i, path := range files {
		name := filepath.Base(path)
		_, company, _ := strings.Cut(strings.TrimSuffix(name, ".zip"), "-")
		if err := l.job(ctx, "bare-"+name, company, contents[i]); err != nil {
			return fmt.Errorf("bare loop: package %s: %w", name, err)
		}
	}
	return nil
}

// job has one package carried out and waits for its end.
func (l PackageLoop) job(ctx context.Context, id, company string, content []byte) error {
	text, err := l.act(ctx, "GetAzureWriteUrl", map[string]any{"uniqueFileName": id})
	if err != nil {
		return err
	}
	var to struct {
		BlobURL string `json:"BlobUrl"`
	}
	if err := json.Unmarshal([]byte(text), &to); err != nil {
		return err
	}
	if err := l.put(ctx, to.BlobURL, content); err != nil {
		return err
	}
	_, err = l.act(ctx, "ImportFromPackageAsync", map[string]any{
		"packageUrl": to.BlobURL, "definitionGroupId": fno.ImportProject, "executionId": id, "execute": true, "overwrite": true, "legalEntityId": strings.ToUpper(company),
	})
	if err != nil {
		return err
	}
	for first := true; ; first = false {
		status, err := l.act(ctx, "GetExecutionSummaryStatus", map[string]any{"executionId": id})
		switch {
		case err != nil && !first: // right after its start a job may not be found
			return err
		case status == "Succeeded":
			return nil
		case err == nil && status != "NotRun" && status != "Executing":
			return fmt.Errorf("the job ended as %s", status)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(barePoll):
		}
	}
}

func (l PackageLoop) act(ctx context.Context, action string, parameters map[string]any) (string, error) {
	body, err := json.Marshal(parameters)
	if err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.Address+actionPath+action, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/json")
	said, err := send(r)
	if err != nil {
		return "", fmt.Errorf("%s: %w", action, err)
	}
	var answer struct{ Value string }
	err = json.Unmarshal(said, &answer)
	return answer.Value, err
}

func (l PackageLoop) put(ctx context.Context, address string, content []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, address, bytes.NewReader(content))
	if err != nil {
		return err
	}
	r.Header.Set("x-ms-blob-type", "BlockBlob")
	_, err = send(r)
	return err
}

func send(r *http.Request) ([]byte, error) {
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= 300 {
		err = fmt.Errorf("status %d: %.200s", answer.StatusCode, said)
	}
	return said, err
}
