// Host is a CRM that embeds the desk. It keeps cases in tables of its own
// (store.go), has a rule of its own (chargeback.go), serves complaints over HTTP
// and answers what goes wrong (server.go), and writes rows of its own together
// with a case (parcel.go).
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

//go:embed policy.json
var policyDocument []byte

func main() {
	dir, err := os.MkdirTemp("", "amends")
	if err == nil {
		ctx := context.Background()
		err = errors.Join(complain(ctx, os.Stdout), send(ctx, filepath.Join(dir, "crm.db"), os.Stdout), os.RemoveAll(dir))
	}
	if err != nil {
		log.Fatal(err)
	}
}

// NewDesk makes a desk with the CRM's policy, and its rule in Go.
func NewDesk(store history.Store) (*recovery.Desk, error) {
	rules, err := policy.Load(policyDocument, &policy.Options{Rules: []policy.Rule{Chargeback()}})
	if err != nil {
		return nil, err
	}
	return recovery.New(store, &recovery.Options{Policy: rules})
}

// complain handles a complaint over HTTP, in the CRM's own tables.
func complain(ctx context.Context, out io.Writer) error {
	desk, err := NewDesk(new(Tables))
	if err != nil {
		return err
	}
	server := (&Server{Desk: desk, Log: slog.Default()}).Handler()
	var c struct{ ID string }
	const credit = `{"remedies": [{"kind": "credit", "amount": {"amount": "15.00", "currency": "EUR"}}]}`
	for _, request := range []struct{ path, body string }{
		{"/complaints", `{"customer": "42", "summary": "The kettle leaks"}`}, // the agent did not say what they understood
		{"/complaints", `{"customer": "42", "summary": "The kettle leaks", "restated": "It leaks at the handle"}`},
		{"/complaints/{id}/acceptance", ``}, // of what?
		{"/complaints/{id}/offers", credit}, // is the bank paying back?
		{"/complaints/{id}/facts", `{"chargeback_open": false}`},
		{"/complaints/{id}/offers", credit},
		{"/complaints/{id}/acceptance", ``},
		{"/complaints/none/acceptance", ``},
	} {
		path := strings.Replace(request.path, "{id}", c.ID, 1)
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader(request.body))
		r.Header.Set("Agent", "ana")
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		if w.Code == http.StatusCreated {
			if err := json.Unmarshal(w.Body.Bytes(), &c); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(out, "POST %s\n  %d %s\n", request.path, w.Code, strings.TrimSpace(w.Body.String())); err != nil {
			return err
		}
	}
	return nil
}

// send has a replacement sent once the customer has accepted it.
func send(ctx context.Context, file string, out io.Writer) (err error) {
	parcels, err := OpenParcels(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, parcels.Close()) }()

	ana := recovery.Actor{ID: "ana", Role: "agent"}
	c, err := parcels.Desk.Open(ctx, ana,
		recovery.Complaint{Customer: "42", Channel: recovery.Phone, Summary: "The kettle leaks"},
		recovery.Acknowledge{},
		recovery.Clarify{Restated: "It leaks at the handle", Basis: recovery.Confirmed},
		recovery.Propose{Remedies: []policy.Remedy{{Kind: policy.Replacement, Item: "kettle"}}})
	if err != nil {
		return err
	}
	early := parcels.Accept(ctx, "request 6", c.ID, ana, "kettle") // the customer has not been told yet
	none, err := parcels.Count(ctx)
	if err != nil {
		return err
	}
	if _, err := parcels.Desk.Do(ctx, c.ID, ana, recovery.Present{Text: "You get a new one."}); err != nil {
		return err
	}
	for range 2 { // the second time because the client did not hear of the first
		if err := parcels.Accept(ctx, "request 7", c.ID, ana, "kettle"); err != nil {
			return err
		}
	}
	n, err := parcels.Count(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\naccepted too early (%v): %d parcels\naccepted twice: %d parcel\n", errors.Is(early, recovery.ErrStep), none, n)
	return err
}
