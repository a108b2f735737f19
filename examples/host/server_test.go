package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"

	host "github.com/amends-go/amends/examples/host"
)

// client sends requests to a server, as the agent Ana.
type client struct {
	t       *testing.T
	handler http.Handler
	log     *bytes.Buffer
}

func newClient(t *testing.T, store history.Store) *client {
	t.Helper()
	desk, err := host.NewDesk(store)
	require.NoError(t, err)
	var log bytes.Buffer
	server := &host.Server{Desk: desk, Log: slog.New(slog.NewTextHandler(&log, nil))}
	return &client{t, server.Handler(), &log}
}

// post sends a request, with a key if one is given.
func (c *client) post(path, body string, key ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(c.t.Context(), http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Agent", "ana")
	for _, k := range key {
		r.Header.Set("Idempotency-Key", k)
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	return w
}

// wants checks the status and a part of the answer.
func (c *client) wants(w *httptest.ResponseRecorder, status int, part string) {
	c.t.Helper()
	assert.Equal(c.t, status, w.Code, w.Body)
	assert.Contains(c.t, w.Body.String(), part)
}

const (
	complaint = `{"customer": "42", "summary": "The kettle leaks", "restated": "It leaks at the handle"}`
	credit    = `{"remedies": [{"kind": "credit", "amount": {"amount": "15.00", "currency": "EUR"}}]}`
)

// opened opens a complaint and returns its path.
func (c *client) opened() string {
	c.t.Helper()
	w := c.post("/complaints", complaint)
	require.Equal(c.t, http.StatusCreated, w.Code, w.Body)
	var answer struct{ ID string }
	require.NoError(c.t, json.Unmarshal(w.Body.Bytes(), &answer))
	return "/complaints/" + answer.ID
}

func TestComplaintOverHTTP(t *testing.T) {
	c := newClient(t, new(host.Tables))
	path := c.opened()
	c.wants(c.post(path+"/facts", `{"chargeback_open": false}`), http.StatusOK, `"step":"clarified"`)
	c.wants(c.post(path+"/offers", credit), http.StatusOK, `"step":"presented"`)
	c.wants(c.post(path+"/acceptance", ""), http.StatusOK, `"step":"delivered"`)

	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	c.wants(w, http.StatusOK, `"step":"delivered"`)
	assert.Empty(t, c.log)
}

func TestErrorsOverHTTP(t *testing.T) {
	c := newClient(t, new(host.Tables))
	path := c.opened()
	for _, test := range []struct {
		name, path, body string
		status           int
		answer           string
	}{
		{"a body that is none", path + "/facts", `{`, http.StatusBadRequest, "bad body"},
		{"an unknown field", "/complaints", `{"client": "42"}`, http.StatusBadRequest, `unknown field "client"`},
		{"too long a body", "/complaints", `{"summary": "` + strings.Repeat("x", 1<<20) + `"}`, http.StatusBadRequest, "too large"},
		{"faults of the input", path + "/offers", `{"remedies": [{"kind": "cake"}]}`, http.StatusUnprocessableEntity, "remedies[0]"},
		{"a step too early", path + "/acceptance", ``, http.StatusConflict, "not while the case is clarified; possible: strategize"},
		{"a fact that is lacking", path + "/offers", credit, http.StatusForbidden, "missing chargeback_open"},
		{"an id that is none", "/complaints/7/acceptance", ``, http.StatusNotFound, "no such case"},
		{"an unknown id", "/complaints/00000000-0000-7000-8000-000000000000/acceptance", ``, http.StatusNotFound, "no such case"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := c.post(test.path, test.body)
			assert.Equal(t, test.status, w.Code)
			assert.Contains(t, w.Body.String(), test.answer)
		})
	}
	assert.Empty(t, c.log, "none of these is the server's fault")
}

func TestChargeback(t *testing.T) {
	c := newClient(t, new(host.Tables))
	path := c.opened()
	c.post(path+"/facts", `{"chargeback_open": true}`)
	c.wants(c.post(path+"/offers", credit), http.StatusForbidden, "the bank is taking the money back already")
	c.wants(c.post(path+"/offers", `{"remedies": [{"kind": "replacement"}]}`), http.StatusOK, `"step":"presented"`)
}

func TestRequestSentTwice(t *testing.T) {
	c := newClient(t, new(host.Tables))
	first, second := c.post("/complaints", complaint, "7"), c.post("/complaints", complaint, "7")
	assert.Equal(t, http.StatusCreated, first.Code)
	assert.Equal(t, first.Body, second.Body)
	c.wants(c.post("/complaints", strings.Replace(complaint, "42", "43", 1), "7"), http.StatusUnprocessableEntity, "used for another request")
}

// broken is a store that cannot append.
type broken struct {
	host.Tables
	err error
}

func (b *broken) Append(context.Context, history.Commit) (history.Receipt, error) {
	return history.Receipt{}, b.err
}

func TestWhatGoesWrongInside(t *testing.T) {
	c := newClient(t, &broken{err: errors.New("disk 7 is on fire")})
	c.wants(c.post("/complaints", complaint), http.StatusInternalServerError, "internal error\n")
	assert.Contains(t, c.log.String(), "disk 7 is on fire")

	c = newClient(t, &broken{err: history.ErrUncertain})
	c.wants(c.post("/complaints", complaint), http.StatusServiceUnavailable, "try again")
}
