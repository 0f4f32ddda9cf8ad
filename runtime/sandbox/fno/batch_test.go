package fno_test

import (
	"fmt"
	"strings"
	"testing"
)

// operation is one part of a batch.
func operation(method, target, body string, id int) string {
	return fmt.Sprintf("Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: %d\r\n\r\n"+
		"%s %s HTTP/1.1\r\nContent-Type: application/json;odata.metadata=minimal\r\n\r\n%s\r\n", id, method, target, body)
}

func changeSet(operations ...string) string {
	// The blank behind the boundary is what widespread clients send.
	out := "Content-Type: multipart/mixed; boundary=changeset_c\r\n\r\n"
	for _, o := range operations {
		out += "--changeset_c \r\n" + o
	}
	return out + "--changeset_c--\r\n"
}

func (s *server) batch(parts ...string) string {
	s.t.Helper()
	body := ""
	for _, p := range parts {
		body += "--batch_b \r\n" + p
	}
	a := s.must(200, "POST", "/data/$batch?cross-company=true", body+"--batch_b--\r\n", "Content-Type", "multipart/mixed; boundary=batch_b")
	if got := a.header.Get("Content-Type"); !strings.HasPrefix(got, "multipart/mixed; boundary=batchresponse_") {
		s.t.Errorf("content type %s", got)
	}
	return a.body
}

func TestBatch(t *testing.T) {
	s := start(t)
	group := func(id string) string {
		return operation("POST", "CustomerGroups?cross-company=true", `{"dataAreaId":"usmf","CustomerGroupId":"`+id+`"}`, 1)
	}
	count := func() string { t.Helper(); return s.get(groups + "/$count").body }

	t.Run("independent operations", func(t *testing.T) {
		body := s.batch(group("A"), group("10"), group("B"), operation("GET", s.URL+groups+"?$filter=CustomerGroupId%20eq%20'A'", "", 4))
		if strings.Count(body, "HTTP/1.1 201 Created") != 2 || strings.Count(body, "HTTP/1.1 400 Bad Request") != 1 ||
			!strings.Contains(body, "The record already exists.") || !strings.Contains(body, "HTTP/1.1 200 OK") {
			t.Errorf("got %s", body)
		}
		if got := count(); got != "4" {
			t.Errorf("%s groups", got)
		}
	})
	t.Run("change set", func(t *testing.T) {
		body := s.batch(changeSet(group("C"), strings.Replace(group("D"), "Content-ID: 1", "Content-ID: 2", 1),
			operation("PATCH", "/data/CustomerGroups(dataAreaId='usmf',CustomerGroupId='C')", `{"Description":"x"}`, 3)))
		if strings.Count(body, "HTTP/1.1 201 Created") != 2 || strings.Count(body, "HTTP/1.1 204 No Content") != 1 ||
			!strings.Contains(body, "boundary=changesetresponse_") {
			t.Errorf("got %s", body)
		}
		entries := s.log.Entries()
		if last := entries[len(entries)-1]; len(last.Writes) != 3 || last.Writes[2].ID != "dataAreaId='usmf',CustomerGroupId='C'" {
			t.Errorf("writes %v", last.Writes)
		}
		if got := count(); got != "6" {
			t.Errorf("%s groups", got)
		}
	})
	t.Run("failed change set", func(t *testing.T) {
		body := s.batch(changeSet(group("E"), strings.Replace(group("A"), "Content-ID: 1", "Content-ID: 2", 1)), group("F"))
		if strings.Count(body, "HTTP/1.1 400 Bad Request") != 1 || strings.Count(body, "HTTP/1.1 201 Created") != 1 ||
			strings.Count(body, "Content-ID: 1") != 2 {
			t.Errorf("got %s", body)
		}
		entries := s.log.Entries()
		if last := entries[len(entries)-1]; len(last.Writes) != 1 || last.Writes[0].ID != "dataAreaId='usmf',CustomerGroupId='F'" {
			t.Errorf("writes %v", last.Writes)
		}
		if got := count(); got != "7" {
			t.Errorf("%s groups", got)
		}
	})
	t.Run("too many operations", func(t *testing.T) {
		part := operation("GET", "Currencies?$top=0", "", 1)
		body := strings.Repeat("--b\r\n"+part, 5001) + "--b--\r\n"
		a := s.must(400, "POST", "/data/$batch", body, "Content-Type", "multipart/mixed; boundary=b")
		if got := a.innerMessage(t); !strings.Contains(got, "5000") {
			t.Error(got)
		}
	})
}
