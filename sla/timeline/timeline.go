package timeline

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/amends-go/amends/sla"
)

// Options say how a picture looks. Nil and the zero value are the defaults.
type Options struct {
	// Width is the picture's width in CSS pixels. Its height follows from what is in it. Defaults to 720; less than 320 is 320, more than 4096 is 4096.
	Width int
	// Title is the heading. Defaults to the clock's id.
	Title string
	// Zone is the zone of the times, if the clock's objective has no calendar, whose zone they are in otherwise. Defaults to UTC.
	Zone *time.Location
	// Date is the layout of dates, as [time.Time.Format] has it: "Mon 2 Jan", "2006-01-02". Where it has no year, that is added when the picture reaches
	// into another. Defaults to "Mon Jan 2", with the year as in "Mon Jan 2, 2006" and weeks on the axis as in "Jan 2".
	Date string
}

// dates are the layouts of dates.
type dates struct{ day, year, week string }

func (o *Options) dates() dates {
	switch {
	case o == nil || o.Date == "":
		return dates{"Mon Jan 2", "Mon Jan 2, 2006", "Jan 2"}
	case strings.Contains(o.Date, "06"):
		return dates{o.Date, o.Date, o.Date}
	}
	return dates{o.Date, o.Date + " 2006", o.Date}
}

// zone is the zone of the times.
func (o *Options) zone(a *sla.Agreement, c sla.Clock) *time.Location {
	if objective, ok := a.Objective(c.Objective); ok {
		if calendar, ok := a.Calendar(objective.Calendar); ok {
			return calendar.Location()
		}
	}
	if o != nil && o.Zone != nil {
		return o.Zone
	}
	return time.UTC
}

func (o *Options) width() px {
	if o == nil || o.Width == 0 {
		return 7200
	}
	return px(max(320, min(o.Width, 4096)) * 10)
}

// SVG writes a picture of a clock at an instant; of one that was stopped or dropped, up to then. The agreement is the one under which the
// clock runs. The document is whole, in UTF-8, and begins with its svg element, so that it may be a file or stand in HTML as it is.
//
// The error is that of the agreement's Explain or At (another agreement's clock, more spans than it explains), or of writing; nothing is written
// if there is nothing to draw.
func SVG(w io.Writer, a *sla.Agreement, c sla.Clock, now time.Time, o *Options) error {
	v := view{clock: c, present: now, due: c.Due, title: c.ID}
	switch {
	case !c.StoppedAt.IsZero():
		v.present = c.StoppedAt
	case c.Dropped():
		v.present, v.due = c.DroppedAt, time.Time{}
	}
	spans, err := a.Explain(c, v.present)
	if err != nil {
		return fmt.Errorf("timeline: %w", err)
	}
	if v.status, err = a.At(c, v.present); err != nil {
		return fmt.Errorf("timeline: %w", err)
	}
	v.zone, v.dates = o.zone(a, c), o.dates()
	if o != nil && o.Title != "" {
		v.title = o.Title
	}
	v.scale = newScale(c.Started, v.end(spans), o.width())
	v.pieces = v.merge(spans)
	if _, err = w.Write(v.draw()); err != nil {
		return fmt.Errorf("timeline: %w", err)
	}
	return nil
}

// view is what is drawn.
type view struct {
	scale
	clock   sla.Clock
	present time.Time // up to when the clock has run: now, or when it was stopped or dropped
	due     time.Time // zero if nothing is
	status  sla.Status
	title   string
	zone    *time.Location
	dates   dates
	pieces  []piece
}

// end is the last instant of the picture.
func (v *view) end(spans []sla.Span) time.Time {
	end := v.due
	if v.present.After(end) {
		end = v.present
	}
	if n := len(spans); n > 0 && spans[n-1].To.After(end) {
		end = spans[n-1].To
	}
	return end
}

// overdue reports whether the due time has passed, and the clock ran on.
func (v *view) overdue() bool { return !v.due.IsZero() && v.present.After(v.due) }
