package sla_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

func office(tb testing.TB, zone string) *sla.Calendar {
	tb.Helper()
	week := map[time.Weekday][]sla.Interval{}
	for d := time.Monday; d <= time.Friday; d++ {
		week[d] = []sla.Interval{{From: "09:00", To: "17:00"}}
	}
	c, err := sla.NewCalendar(sla.CalendarSpec{
		Name: "office", Zone: zone, Weekly: week, Holidays: []string{"2026-01-01", "2026-07-03", "2026-11-26", "2026-12-25"},
	})
	require.NoError(tb, err)
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
	for _, d := range []time.Duration{8 * time.Hour, 80 * time.Hour, 2000 * time.Hour, 200_000 * time.Hour} {
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
		b.Run("BetweenScattered/"+d.String(), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				c.Between(scattered[i&1023], end)
				i++
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

func BenchmarkClock(b *testing.B) {
	a, err := sla.Load([]byte(quickstart))
	require.NoError(b, err)
	facts := sla.Facts{"channel": "email", "severity": "normal", "tier": "", "category": "quality", "situation": ""}
	at := time.Date(2026, 11, 16, 9, 30, 0, 0, time.UTC)
	for _, m := range []sla.Metric{sla.Acknowledgement, sla.Solution, sla.FinalResponse} {
		o := a.Select(m, facts)[0]
		b.Run("Start/"+o.Target.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = a.Start("x", o, at, 1)
			}
		})
	}
	o := a.Select(sla.Solution, facts)[0]
	c, err := a.Start("x", o, at, 1)
	require.NoError(b, err)
	paused, err := a.Pause(c, at.Add(time.Hour))
	require.NoError(b, err)
	b.Run("Pause", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = a.Pause(c, at.Add(time.Hour))
		}
	})
	b.Run("Resume", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = a.Resume(paused, at.Add(5*time.Hour))
		}
	})
	b.Run("Stop", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c.Stop(at.Add(time.Hour))
		}
	})
	b.Run("Cross", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c.Cross(at.Add(time.Hour))
		}
	})
	b.Run("Select", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			a.Select(sla.Acknowledgement, facts)
		}
	})
	b.Run("MarshalJSON", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = json.Marshal(c)
		}
	})
	b.Run("UnmarshalJSON", func(b *testing.B) {
		b.ReportAllocs()
		data, _ := json.Marshal(c)
		for b.Loop() {
			var c sla.Clock
			_ = json.Unmarshal(data, &c)
		}
	})
}

const quickstart = `{
  "name": "retail", "version": "2026-11",
  "calendars": [
    {"name": "office", "zone": "Europe/London", "weekly": {"mon-fri": ["09:00-17:30"], "sat": ["10:00-14:00"]}, "holidays": ["2026-12-25", "2026-12-28"]},
    {"name": "uk", "zone": "Europe/London", "weekly": {"mon-fri": ["00:00-24:00"]}}
  ],
  "objectives": [
    {"id": "social-answer", "metric": "acknowledgement", "when": {"channel": ["social"]}, "target": "15 working minutes",
     "calendar": "office", "warn": ["50%", "5m before"], "personOnly": true},
    {"id": "answer", "metric": "acknowledgement", "target": "8 working hours", "calendar": "office", "warn": ["75%"], "personOnly": true},
    {"id": "solution", "metric": "solution", "target": "3 business days", "calendar": "office", "warn": ["75%"], "pause": ["customer"]},
    {"id": "promise", "metric": "promise", "calendar": "office", "warn": ["2h before"]},
    {"id": "fca-final", "metric": "final_response", "target": "8 weeks", "calendar": "uk", "statutory": true, "source": "FCA DISP 1.6.2R"}
  ]
}`
