package sla_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

func office(t testing.TB, zone string) *sla.Calendar {
	t.Helper()
	week := map[time.Weekday][]sla.Interval{}
	for d := time.Monday; d <= time.Friday; d++ {
		week[d] = []sla.Interval{{From: "09:00", To: "17:00"}}
	}
	c, err := sla.NewCalendar(sla.CalendarSpec{
		Name: "office", Zone: zone, Weekly: week, Holidays: []string{"2026-01-01", "2026-07-03", "2026-11-26", "2026-12-25"},
	})
	require.NoError(t, err)
	return c
}

func BenchmarkCalendar(b *testing.B) {
	c := office(b, "America/New_York")
	start := time.Date(2026, 3, 6, 15, 0, 0, 0, time.UTC)
	var scattered [1024]time.Time
	for i := range scattered {
		scattered[i] = start.Add(time.Duration(i*7919%26_000) * time.Hour)
		c.IsOpen(scattered[i])
	}
	for _, d := range []time.Duration{8 * time.Hour, 80 * time.Hour, 2000 * time.Hour} {
		_, err := c.Add(scattered[1], d)
		require.NoError(b, err)
		end := start.Add(4 * d)
		b.Run("Add/"+d.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = c.Add(start, d)
			}
		})
		b.Run("AddScattered/"+d.String(), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				_, _ = c.Add(scattered[i&1023], d)
				i++
			}
		})
		b.Run("Between/"+d.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Between(start, end)
			}
		})
	}
	b.Run("IsOpen", func(b *testing.B) {
		for b.Loop() {
			c.IsOpen(start)
		}
	})
	b.Run("AddDays", func(b *testing.B) {
		b.ReportAllocs()
		in := sla.IntakeRules{Before: sla.ToOpening, After: sla.NextDayOpening, DayOff: sla.NextDayOpening}
		for b.Loop() {
			_, _ = c.AddDays(start, 10, in)
		}
	})
}

func BenchmarkCompileThreeYears(b *testing.B) {
	b.ReportAllocs()
	at := time.Date(2026, 3, 6, 15, 0, 0, 0, time.UTC)
	for b.Loop() {
		b.StopTimer()
		c := office(b, "America/New_York")
		b.StartTimer()
		c.Between(at, at.AddDate(2, 0, 0))
	}
}
