package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/amends-go/amends/history"
)

// Errors that a host may branch on, with [errors.Is]. All others are history's or the driver's: a *pgconn.PgError
// carries the server's code.
var (
	// ErrOutdated says that the schema does not exist or lacks migrations that this package needs. Nothing was touched: set
	// Options.Migrate, or run [Migrations] with a tool of your own.
	ErrOutdated = errors.New("schema is missing or not up to date")
	// ErrNewer says that a newer release of this package has made the schema, so that this one cannot tell what it
	// would destroy. Nothing was touched: run the newer program.
	ErrNewer = errors.New("schema is of a newer release")
	// ErrForeign says that the schema has tables, indexes or functions that have the names of this package's but are not
	// as it makes them. Nothing was touched.
	ErrForeign = errors.New("schema has tables of something else")
	// ErrBusy says that other transactions held a lock, or won every race, for all of Options.Patience. Nothing was
	// written: try again later. In a transaction of the host's it comes after one Options.LockTimeout, see [Store.In].
	ErrBusy = errors.New("other transactions hold the lock")
	// ErrUnavailable says that for all of Options.Patience the server could not be reached, or did not answer, or that
	// no connection of the pool came free: what a web service answers with 503. An Append, an Erase or a Transact that
	// fails with it has written nothing; whether MoveBookmark has moved it, Bookmark tells. What may have been
	// written is not this but [history.ErrUncertain]; ask for that first, since a desk that has looked further for the outcome
	// returns all that it has met.
	ErrUnavailable = errors.New("the server was not reached or did not answer in time")
)

// unavailable is ErrUnavailable and its cause.
type unavailable struct{ cause error }

func (u *unavailable) Error() string { return ErrUnavailable.Error() + ": " + u.cause.Error() }

// Unwrap returns both, for errors.Is.
func (u *unavailable) Unwrap() []error { return []error{ErrUnavailable, u.cause} }

// uncertain is the error of what may have been written, which is not ErrUnavailable, whatever ended the attempts to find out.
func uncertain(err error) error {
	if u, ok := errors.AsType[*unavailable](err); ok {
		err = u.cause
	}
	return fmt.Errorf("%w: %w", history.ErrUncertain, err)
}

// failed says what failed, and makes sure that the end of the context can be told.
func failed(ctx context.Context, what string, err error) error {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		err = brief{err}
	}
	if end := ctx.Err(); end != nil && !errors.Is(err, end) {
		return fmt.Errorf("postgres: %s: %w: %w", what, end, err)
	}
	return fmt.Errorf("postgres: %s: %w", what, err)
}

// brief is an error that says each thing once, in one line: pgx tries a server with TLS and without, and reports both.
type brief struct{ error }

func (b brief) Unwrap() error { return b.error }

func (b brief) Error() string {
	var said []string
	for line := range strings.SplitSeq(b.error.Error(), "\n") {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(said, line) {
			said = append(said, line)
		}
	}
	return strings.ReplaceAll(strings.Join(said, "; "), ":; ", ": ")
}

// SQLSTATE codes: the function append's own, and PostgreSQL's.
const (
	codeStored   = "AM001" // another transaction has stored the key meanwhile
	codeConflict = "AM002"

	codeSerialization = "40001"
	codeDeadlock      = "40P01"
	codeLockTimeout   = "55P03"

	codeDuplicateTable    = "42P07"
	codeDuplicateFunction = "42723"
)

func code(err error) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code
	}
	return ""
}

// fate is what an error says about the statement that failed.
type fate int

const (
	refused   fate = iota // it has changed nothing, and would be refused again
	contended             // it has changed nothing, and lost to another transaction: worth trying again
	unsent                // it has changed nothing, for it never reached a server that works: worth trying again
	unknown               // nobody can tell whether it has changed something
)

// fateOf judges an error of one attempt; gone is whether its connection is.
func fateOf(err error, gone bool) fate {
	pg, answered := errors.AsType[*pgconn.PgError](err)
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		// A wrong password, database, role or setting stays wrong.
		if answered && slices.Contains([]string{"28", "3D", "42", "22", "0A"}, pg.Code[:min(2, len(pg.Code))]) {
			return refused
		}
		return unsent
	}
	switch {
	case !answered && pgconn.SafeToRetry(err):
		return unsent
	case !answered && gone:
		return unknown
	case !answered:
		return refused // on this side, before anything was sent
	case slices.Contains([]string{codeStored, codeSerialization, codeDeadlock, codeLockTimeout}, pg.Code):
		return contended
	case pg.Code == "57P03", pg.Code == "53300": // starting or stopping; too many connections
		return unsent
	case strings.HasPrefix(pg.Code, "57P"), strings.HasPrefix(pg.Code, "08"), ending(pg):
		// The server ended the connection: perhaps after it had committed and before it could say so.
		return unknown
	}
	return refused
}

// ending reports whether an error is the last that its connection brings. Severity is in the server's language, and
// what stands between may send nothing else.
func ending(pg *pgconn.PgError) bool {
	return slices.ContainsFunc([]string{pg.Severity, pg.SeverityUnlocalized}, func(s string) bool { return s == "FATAL" || s == "PANIC" })
}

// lost reports whether an error is a connection's end.
func lost(err error) bool {
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, pgconn.ErrConnClosed)
}
