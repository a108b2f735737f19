package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// Server is the part of a CRM that handles complaints over HTTP.
type Server struct {
	Desk *recovery.Desk
	Log  *slog.Logger
}

// Handler returns the routes.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /complaints", s.answer(http.StatusCreated, s.open))
	mux.Handle("GET /complaints/{id}", s.answer(http.StatusOK, s.show))
	mux.Handle("POST /complaints/{id}/facts", s.answer(http.StatusOK, s.learn))
	mux.Handle("POST /complaints/{id}/offers", s.answer(http.StatusOK, s.offer))
	mux.Handle("POST /complaints/{id}/acceptance", s.answer(http.StatusOK, s.accept))
	return mux
}

// open takes a complaint on the phone: the agent has listened and understood.
func (s *Server) open(r *http.Request) (recovery.Case, error) {
	var in struct{ Customer, Summary, Restated string }
	if err := read(r, &in); err != nil {
		return recovery.Case{}, err
	}
	return s.once(r).Open(r.Context(), agent(r),
		recovery.Complaint{Customer: in.Customer, Channel: recovery.Phone, Category: "quality", Summary: in.Summary},
		recovery.Acknowledge{},
		recovery.Clarify{Restated: in.Restated, Basis: recovery.Confirmed})
}

func (s *Server) show(r *http.Request) (recovery.Case, error) {
	id, err := caseID(r)
	if err != nil {
		return recovery.Case{}, err
	}
	return s.Desk.Case(r.Context(), id)
}

func (s *Server) learn(r *http.Request) (recovery.Case, error) {
	var facts policy.Facts
	if err := read(r, &facts); err != nil {
		return recovery.Case{}, err
	}
	return s.do(r, recovery.Learn{Facts: facts})
}

func (s *Server) offer(r *http.Request) (recovery.Case, error) {
	var in struct{ Remedies []policy.Remedy }
	if err := read(r, &in); err != nil {
		return recovery.Case{}, err
	}
	return s.do(r, recovery.Propose{Remedies: in.Remedies}, recovery.Present{})
}

func (s *Server) accept(r *http.Request) (recovery.Case, error) { return s.do(r, recovery.Accept{}) }

// do has the agent give commands on the case that the request names.
func (s *Server) do(r *http.Request, commands ...recovery.Command) (recovery.Case, error) {
	id, err := caseID(r)
	if err != nil {
		return recovery.Case{}, err
	}
	return s.once(r).Do(r.Context(), id, agent(r), commands...)
}

// once makes a request that is sent again under its key happen once.
func (s *Server) once(r *http.Request) recovery.Once {
	return s.Desk.Once(cmp.Or(r.Header.Get("Idempotency-Key"), uuid.NewString()))
}

// agent is who is logged in. A CRM asks its session; here a header says it.
func agent(r *http.Request) recovery.Actor {
	return recovery.Actor{ID: r.Header.Get("Agent"), Role: "agent"}
}

// caseID is the case that the request's path names. What is no id names none.
func caseID(r *http.Request) (uuid.UUID, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return id, fmt.Errorf("%w: %w", history.ErrNotFound, err)
	}
	return id, nil
}

// errBody says that a request's body cannot be read.
var errBody = errors.New("bad body")

// read reads a request's body, of 1 MiB at most.
func read(r *http.Request, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", errBody, err)
	}
	return nil
}

// answer makes a handler of a function: the case as it stands now, or the error.
func (s *Server) answer(status int, do func(*http.Request) (recovery.Case, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := do(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		body, err := json.Marshal(map[string]any{"id": c.ID, "step": c.Step, "round": c.Round})
		if err != nil {
			s.fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write(body) // if the client is gone, nobody misses it
	})
}

// fail answers an error. What a caller can do about it is in the status; what
// went wrong inside goes into the log alone.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	denied, byPolicy := errors.AsType[*recovery.DeniedError](err)
	failed, onCase := errors.AsType[*recovery.CaseError](err)
	switch {
	case byPolicy: // the decision says why, and which facts would help
		http.Error(w, denied.Decision.String(), http.StatusForbidden)
	case errors.Is(err, recovery.ErrDenied):
		http.Error(w, err.Error(), http.StatusForbidden)
	case errors.Is(err, recovery.ErrStep) && onCase:
		http.Error(w, fmt.Sprintf("not while the case is %s; possible: %s", failed.Step, strings.Join(failed.Legal, ", ")), http.StatusConflict)
	case errors.Is(err, recovery.ErrInvalid) && onCase: // every fault of the input, by its field
		http.Error(w, failed.Err.Error(), http.StatusUnprocessableEntity)
	case errors.Is(err, errBody):
		http.Error(w, err.Error(), http.StatusBadRequest)
	case errors.Is(err, history.ErrNotFound):
		http.Error(w, "no such case", http.StatusNotFound)
	case errors.Is(err, history.ErrKeyReused):
		http.Error(w, "the idempotency key was used for another request", http.StatusUnprocessableEntity)
	case errors.Is(err, history.ErrConflict), errors.Is(err, history.ErrUncertain): // lost every race; the same key makes it safe to ask again
		http.Error(w, "try again", http.StatusServiceUnavailable)
	default:
		s.Log.ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
	}
}
