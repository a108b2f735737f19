package riverqueue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/history/postgres"
)

// Store is a [postgres.Store] that, in the same transaction as a case's records, inserts the [Wake] that settles it when
// it is due next. In all else it is the postgres.Store, with all that is optional: [history.Eraser],
// [history.Clock], [history.Waker] and [history.Bookmarker]. It is safe for concurrent use. NewStore makes it.
type Store struct {
	reader
	store  *postgres.Store
	client *river.Client[pgx.Tx]
	jobs   river.InsertOpts
}

// reader is what of a store inserts no jobs.
type reader interface {
	heads
	records
	history.Clock
	history.Bookmarker
}

type heads interface {
	Head(ctx context.Context, stream uuid.UUID) (history.Head, error)
	Heads(ctx context.Context, q history.Query) ([]history.Head, error)
}

type records interface {
	Records(ctx context.Context, stream uuid.UUID, after uint64, limit int) ([]history.Record, error)
	Feed(ctx context.Context, after uint64, limit int) ([]history.Record, error)
}

var (
	_ history.Store      = (*Store)(nil)
	_ history.Eraser     = (*Store)(nil)
	_ history.Clock      = (*Store)(nil)
	_ history.Waker      = (*Store)(nil)
	_ history.Bookmarker = (*Store)(nil)
)

// NewStore returns a store on another one, whose pool it uses. River's tables must be in the same database, in the schema
// of Options.Client or else where search_path leads; that they are there, and can be written to, NewStore checks. It
// takes nothing over: it closes nothing, and starts nothing. Nil options are the defaults.
func NewStore(ctx context.Context, store *postgres.Store, o *Options) (*Store, error) {
	var faults []error
	if store == nil {
		faults = append(faults, errors.New("a *postgres.Store is needed, as postgres.New returns it"))
	}
	set, err := o.check()
	if err = errors.Join(append(faults, err)...); err != nil {
		return nil, fmt.Errorf("riverqueue: %w", err)
	}
	if err := find(ctx, store, set.Client.Schema()); err != nil {
		return nil, fmt.Errorf("riverqueue: %w", err)
	}
	return &Store{reader: store, store: store, client: set.Client, jobs: set.Jobs}, nil
}

// find looks for River's jobs in a schema, or where search_path leads if it is empty.
func find(ctx context.Context, store *postgres.Store, schema string) error {
	table := pgx.Identifier{"river_job"}
	if schema != "" {
		table = pgx.Identifier{schema, "river_job"}
	}
	var database, path string
	var can *bool // nil if there is no such table
	err := store.Transact(ctx, func(ctx context.Context, tx pgx.Tx, _ history.Store) error {
		return tx.QueryRow(ctx, `SELECT current_database(), array_to_string(current_schemas(false), ', '),
			CASE WHEN $2 = '' OR has_schema_privilege($2, 'USAGE') THEN has_table_privilege(to_regclass($1), 'INSERT') ELSE false END
			FROM (SELECT) AS one WHERE $2 = '' OR to_regnamespace(quote_ident($2)) IS NOT NULL
			UNION ALL SELECT current_database(), '', NULL LIMIT 1`, table.Sanitize(), schema).Scan(&database, &path, &can)
	})
	switch {
	case err != nil:
		return err
	case can == nil:
		where := "on search_path (" + path + ")"
		if schema != "" {
			where = fmt.Sprintf("in the schema %q", schema)
		}
		return fmt.Errorf("no table river_job of River's %s of the database %q: run River's migrations there (package rivermigrate), "+
			"or hand over an Options.Client whose river.Config.Schema has it", where, database)
	case !*can:
		return fmt.Errorf("the role may not insert into River's table %s of the database %q", table.Sanitize(), database)
	}
	return nil
}

// Append implements [history.Store]. A commit that leaves no case due is one statement, as it is for postgres.Store; any
// other is a transaction, with its jobs inserted first, so that it holds up the appends of others no longer than
// need be. A commit that turns out to be stored already inserts none.
//
// It tries again, hears a context that ends, and settles an outcome that nobody could know, as [postgres.Store.Append]
// does, by the patience of the postgres.Store; errors are those too, and River's where a job can't be inserted.
func (s *Store) Append(ctx context.Context, c history.Commit) (history.Receipt, error) {
	return s.write(ctx, c, write)
}

// Erase implements [history.Eraser], as Append does.
func (s *Store) Erase(ctx context.Context, c history.Commit) (history.Receipt, error) {
	return s.write(ctx, c, erase)
}

// Wake implements [history.Waker].
func (s *Store) Wake(ctx context.Context) (<-chan struct{}, error) { return s.store.Wake(ctx) }

// Notify tells those who wait in Wake that something was appended in a transaction of the host's: see
// [postgres.Store.Notify]. River needs no such call.
func (s *Store) Notify() { s.store.Notify() }

// Transact does something in a transaction of the host's, so that rows of its own, a case and its wake-up commit together or not
// at all, and does it again where that failed for a reason that passes: all as [postgres.Store.Transact] says.
func (s *Store) Transact(ctx context.Context, do func(ctx context.Context, tx pgx.Tx, s history.Store) error) error {
	return s.store.Transact(ctx, func(ctx context.Context, tx pgx.Tx, in history.Store) error {
		return do(ctx, tx, s.within(inTx{tx}, in))
	})
}

// In returns the store within a transaction that the host has begun and will commit, for hosts that cannot use
// Transact: see [postgres.Store.In], which says what holds there. Call [Store.Notify] after the commit if somebody follows
// the feed.
func (s *Store) In(tx pgx.Tx) history.Store { return s.within(inTx{tx}, s.store.In(tx)) }

// InSQL is [Store.In] for hosts that use database/sql, with all that [postgres.Store.InSQL] says: the driver must be pgx's
// own, github.com/jackc/pgx/v5/stdlib. Options.Client is that of pgx here too, and nothing of River's for database/sql
// is needed: the jobs are inserted on the transaction's own connection. River's hooks and middleware run
// meanwhile, and must not use the *sql.Tx, which would wait for them.
func (s *Store) InSQL(tx *sql.Tx) history.Store { return s.within(inSQLTx{tx}, s.store.InSQL(tx)) }

func (s *Store) within(tx transaction, inner history.Store) history.Store {
	read, _ := inner.(reader)
	return &inside{read: read, inner: inner, store: s, tx: tx}
}

// how a commit is written: by Append or by Erase.
type how bool

const (
	write how = false
	erase how = true
)

func (h how) String() string {
	if h == erase {
		return "erase"
	}
	return "append"
}

func (h how) to(ctx context.Context, s history.Store, c history.Commit) (history.Receipt, error) {
	if h == write {
		return s.Append(ctx, c)
	}
	e, ok := s.(history.Eraser)
	if !ok {
		return history.Receipt{}, errors.New("the store can't erase")
	}
	return e.Erase(ctx, c)
}

func (s *Store) insert(ctx context.Context, tx pgx.Tx, jobs []river.InsertManyParams) error {
	if _, err := s.client.InsertManyTx(ctx, tx, jobs); err != nil {
		return fmt.Errorf("insert wake-up: %w", err)
	}
	return nil
}
