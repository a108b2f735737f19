package postgres

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Options are settings that have defaults. The zero value is ready to use with a schema that exists.
type Options struct {
	// Schema is the PostgreSQL schema that holds the tables: 1 to 63 bytes. Any name will do, since it is always
	// quoted. It is best left to this package alone; a schema that has the host's tables too, as "public", works as long
	// as none of them has the name of one of ours, which is ErrForeign. Tenants that must not share anything get a schema each, and a Store each.
	// Defaults to "amends".
	Schema string
	// Migrate lets Open and New make the schema, or bring it up to date. They need the right to create then. Defaults to
	// false: a schema that is missing or not up to date is ErrOutdated, and left alone.
	Migrate bool
	// LockTimeout is for how long one attempt waits for a lock that another transaction holds. It should be longer than the
	// server's deadlock_timeout (1 second, if nobody has set another), which finds the deadlocks among those who
	// wait. Defaults to 2 seconds.
	LockTimeout time.Duration
	// Patience is for how long a method tries again, after the first attempt, what failed for a reason that passes: a
	// lock, a deadlock, a serialization failure, a lost connection, a server that starts again, a pool whose connections
	// are all in use. An attempt that has begun is cut off when as much time again has passed. So a call can last up to
	// twice Patience. An Append or Erase whose outcome is unknown by then looks for it for twice Patience more, so it can
	// last up to four times that; and then it is history.ErrUncertain. Wake can last once Patience. Not bounded are the
	// migrations that Options.Migrate asks for, the methods of [Store.In], which wait as long as the host's transaction
	// and connection do, and Close. A context that ends sooner ends all but a statement that appends and a COMMIT.
	// Defaults to 10 seconds; it should not be less than LockTimeout.
	Patience time.Duration
}

// check fills in the defaults, and names every fault.
func (o *Options) check() (Options, error) {
	var set Options
	if o != nil {
		set = *o
	}
	var faults []error
	if set.Schema == "" {
		set.Schema = "amends"
	}
	const longest = 63 // PostgreSQL cuts off the rest, unasked
	switch s := set.Schema; {
	case len(s) > longest || !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0:
		faults = append(faults, fmt.Errorf("postgres: Options.Schema is %q, want 1 to %d bytes of UTF-8 without NUL", s, longest))
	case strings.HasPrefix(s, "pg_") || s == "information_schema":
		faults = append(faults, fmt.Errorf("postgres: Options.Schema is %q, which belongs to PostgreSQL", s))
	}
	for _, d := range []struct {
		name  string
		value *time.Duration
		usual time.Duration
	}{
		{"LockTimeout", &set.LockTimeout, 2 * time.Second},
		{"Patience", &set.Patience, 10 * time.Second},
	} {
		switch v := *d.value; {
		case v == 0:
			*d.value = d.usual
		case v < time.Millisecond || v > 24*time.Hour:
			faults = append(faults, fmt.Errorf("postgres: Options.%s is %v, want 0 or 1ms to 24h", d.name, v))
		}
	}
	return set, errors.Join(faults...)
}
