package sla

import (
	"fmt"
	"path"
	"strings"
	"time"
)

const (
	daySeconds  = 86_400
	nanosPerSec = int64(time.Second)
)

// segment is a stretch of time, up to the next segment, in which a zone's local clock runs offset seconds ahead of UTC.
type segment struct{ from, offset int64 }

// loadZone loads a zone by its IANA name. What depends on the machine ("", "Local", "localtime") is no name, and the directories
// "posix" and "right" that some machines keep beside the names are none either (the clocks of "right" count leap seconds), nor are other
// ways to write the path of one, as in "Europe//London".
func loadZone(name string) (*time.Location, error) {
	switch top, _, _ := strings.Cut(name, "/"); top {
	case "":
		return nil, fmt.Errorf("a calendar needs the IANA name of its zone, as in \"Europe/London\" or \"Etc/UTC\"")
	case "Local", "localtime", "posixrules", "posix", "right", "Factory":
		return nil, fmt.Errorf("zone %q depends on the machine; give an IANA name, as in \"Europe/London\"", name)
	}
	loc, err := time.LoadLocation(name)
	if err == nil && path.Clean(name) == name {
		return loc, nil
	}
	if _, err := time.LoadLocation("Europe/London"); err != nil {
		return nil, fmt.Errorf("zone %q: this machine has no database of zones; a program brings it along by importing time/tzdata", name)
	}
	return nil, fmt.Errorf("unknown zone %q: want an IANA name, as in \"Europe/London\"%s", name, didYouMean(zonesMeant(name)))
}

func offsetAt(loc *time.Location, unix int64) int64 {
	_, offset := time.Unix(unix, 0).In(loc).Zone()
	return int64(offset)
}

// segments lists the zone's offsets over [from, to), in seconds relative to from.
//
// It leans on ZoneBounds, which ends a year after 365 days even if it has 366, so that on the last day of some leap years the end it
// gives has passed already. There the search goes on in steps of an hour.
func segments(loc *time.Location, from, to int64) []segment {
	segs := []segment{{0, offsetAt(loc, from)}}
	for at := from; ; {
		_, bound := time.Unix(at, 0).In(loc).ZoneBounds()
		if bound.IsZero() {
			return segs
		}
		next := bound.Unix()
		if next <= at {
			next = firstChange(loc, at, at+3600)
		}
		if next >= to {
			return segs
		}
		if offset := offsetAt(loc, next); offset != segs[len(segs)-1].offset {
			segs = append(segs, segment{next - from, offset})
		}
		at = next
	}
}

// firstChange is the second in (from, to] at which the offset becomes what it is at to.
func firstChange(loc *time.Location, from, to int64) int64 {
	offset := offsetAt(loc, to)
	if offset == offsetAt(loc, from) {
		return to
	}
	for from+1 < to {
		if mid := from + (to-from)/2; offsetAt(loc, mid) == offset {
			to = mid
		} else {
			from = mid
		}
	}
	return to
}

// instant is the first second at which the local clock reads local or later: where clocks go forward over it, the moment they do;
// where they go back over it, its first occurrence.
func instant(segs []segment, local int64) int64 {
	last := len(segs) - 1
	for i := range last {
		if at := max(local-segs[i].offset, segs[i].from); at < segs[i+1].from {
			return at
		}
	}
	return max(local-segs[last].offset, segs[last].from)
}

// offset is how far the local clock is ahead of UTC at a second.
func offset(segs []segment, at int64) int64 {
	i := len(segs) - 1
	for i > 0 && segs[i].from > at {
		i--
	}
	return segs[i].offset
}
