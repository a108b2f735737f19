package sla_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

// TestDaysBetween counts the dates one by one beside it, and goes there and back with AddDays.
func TestDaysBetween(t *testing.T) {
	spec := sla.CalendarSpec{Zone: "America/Santiago", Weekly: map[time.Weekday][]sla.Interval{}, Holidays: []string{"2026-09-18", "2026-12-25", "2027-01-01"}}
	for d := time.Monday; d <= time.Friday; d++ {
		spec.Weekly[d] = []sla.Interval{{From: "09:00", To: "17:00"}}
	}
	c, err := sla.NewCalendar(spec)
	require.NoError(t, err)
	loc := c.Location()
	first := time.Date(2026, 8, 1, 12, 0, 0, 0, loc)
	works := func(day int) bool {
		at := first.AddDate(0, 0, day)
		return at.Weekday() != time.Sunday && at.Weekday() != time.Saturday && !slices.Contains(spec.Holidays, at.Format(time.DateOnly))
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		a, b := r.IntN(600), r.IntN(600)
		want := 0
		for day := a + 1; day <= b; day++ {
			if works(day) {
				want++
			}
		}
		for day := b; day < a; day++ {
			if works(day) {
				want--
			}
		}
		hour := func(day int) time.Time {
			at := first.AddDate(0, 0, day)
			return time.Date(at.Year(), at.Month(), at.Day(), r.IntN(24), r.IntN(60), 0, 0, loc).UTC()
		}
		from := hour(a)
		require.Equal(t, want, c.DaysBetween(from, hour(b)), "%s + %d days", first.AddDate(0, 0, a), b-a)
		to, err := c.AddDays(from, want, sla.IntakeRules{})
		require.NoError(t, err)
		require.Equal(t, want, c.DaysBetween(from, to))
	}
	farthest := c.DaysBetween(time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC))
	assert.InDelta(t, 9999*365.2425*5/7, farthest, 10)
	assert.Equal(t, farthest, c.DaysBetween(time.Time{}, time.Date(9999, 12, 31, 23, 0, 0, 0, loc)))
}

// An instant whose own zone reads the first or last year and that is not in it leaves the calendar's other answers as they were.
func TestDaysBetweenBeyondTheYears(t *testing.T) {
	c, err := sla.NewCalendar(sla.CalendarSpec{Zone: "Etc/UTC", Weekly: weekOf(sla.Interval{From: "00:00", To: "24:00"})})
	require.NoError(t, err)
	east, west := time.FixedZone("east", 14*3600), time.FixedZone("west", -12*3600)
	c.DaysBetween(time.Date(1, 1, 1, 5, 0, 0, 0, east), time.Date(9999, 12, 31, 20, 0, 0, 0, west))
	_, err = c.Add(time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), -72*time.Hour)
	require.ErrorIs(t, err, sla.ErrHorizon)
	_, err = c.Add(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), 72*time.Hour)
	require.ErrorIs(t, err, sla.ErrHorizon)
}
