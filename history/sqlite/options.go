package sqlite

import (
	"errors"
	"fmt"
	"time"
)

// Durability is what a commit must survive.
type Durability string

// What Options.Durability may be.
const (
	// Full has every commit on the disk before Append returns, so that it survives a power failure (PRAGMA
	// synchronous = FULL).
	Full Durability = "full"
	// Normal lets the last commits before a power failure be lost, whole commits and the newest ones only; a
	// crash of the program loses none (PRAGMA synchronous = NORMAL). It does not wait for the disk.
	Normal Durability = "normal"
	// Unchanged leaves the setting of the host's connections as it is.
	Unchanged Durability = "unchanged"
)

// Options are settings that have defaults. The zero value is ready to use.
type Options struct {
	// Durability is what a commit must survive. Defaults to Full.
	Durability Durability
	// Patience is for how long New and the store's methods try to get a lock that another connection holds, most
	// often another process that writes, before they fail with ErrBusy. A busy_timeout that the host has set on its
	// connections comes on top. Defaults to 10 seconds.
	Patience time.Duration
}

// check fills in the defaults, and names every fault.
func (o *Options) check() (Options, error) {
	var set Options
	if o != nil {
		set = *o
	}
	var faults []error
	switch set.Durability {
	case "":
		set.Durability = Full
	case Full, Normal, Unchanged:
	default:
		faults = append(faults, fmt.Errorf("sqlite: Options.Durability is %q, want Full, Normal or Unchanged", set.Durability))
	}
	if set.Patience < 0 {
		faults = append(faults, fmt.Errorf("sqlite: Options.Patience is %v, want 0 or more", set.Patience))
	}
	if set.Patience == 0 {
		set.Patience = 10 * time.Second
	}
	return set, errors.Join(faults...)
}

// settings are what a connection needs before the store writes on it. They stay
// with the connection; but a new one starts without them, and the host may set
// others on any, for a bulk load say. No one tells when, and asking would cost as
// much as setting (some microseconds), so that they are set every time.
func settings(d Durability) string {
	const secure = `PRAGMA secure_delete = ON`
	switch d {
	case Normal:
		return `PRAGMA synchronous = NORMAL; ` + secure
	case Unchanged:
		return secure
	case Full:
	}
	return `PRAGMA synchronous = FULL; ` + secure
}
