package timeline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

const retail = `{"name": "retail", "version": "1",
  "calendars": [{"name": "office", "zone": "America/New_York", "weekly": {"mon-fri": ["09:00-17:00"]}}],
  "objectives": [
    {"id": "answer", "metric": "acknowledgement", "target": "8 working hours", "calendar": "office", "warn": ["50%", "75%", {"at": "1h before", "notify": "lead"}], "pause": ["customer"]},
    {"id": "fix", "metric": "resolution", "target": "10 business days", "calendar": "office", "warn": ["75%", {"at": "24h after", "notify": "head"}], "pause": ["customer"]},
    {"id": "call", "metric": "next_response", "target": "90m", "warn": ["75%"], "pause": ["customer"], "maxPause": "30m"},
    {"id": "keep", "metric": "promise"},
    {"id": "long", "metric": "solution", "target": "700 business days", "calendar": "office", "warn": ["75%", "90%"], "pause": ["customer"]},
    {"id": "crowd", "metric": "update", "target": "4 working hours", "calendar": "office", "warn": ["90%", "91%", "92%", "93%", "94%", "95%", "96%", "97%", "98%", "99%", "1m before"]},
    {"id": "final", "metric": "final_response", "target": "8 weeks", "calendar": "office", "statutory": true}]}`

// scene is a clock to be drawn.
type scene struct {
	name  string
	clock sla.Clock
	now   time.Time
}

// scenes is one clock of each kind.
func scenes(t *testing.T) (*sla.Agreement, []scene) {
	t.Helper()
	a, err := sla.Load([]byte(retail))
	require.NoError(t, err)
	ny, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	at := func(text string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", text, ny)
		require.NoError(t, err)
		return when
	}
	start := func(objective, started string) sla.Clock {
		o, ok := a.Objective(objective)
		require.True(t, ok)
		c, err := a.Start(objective, o, at(started), 1)
		require.NoError(t, err)
		return c
	}
	paused := func(c sla.Clock, times ...string) sla.Clock {
		for i, text := range times {
			var err error
			if i%2 == 0 {
				c, err = a.Pause(c, at(text))
			} else {
				c, err = a.Resume(c, at(text))
			}
			require.NoError(t, err)
		}
		return c
	}
	keep, _ := a.Objective("keep")
	promise, err := a.StartDue("promise:3", keep, at("2026-03-06 10:00"), at("2026-03-20 12:00"), 1)
	require.NoError(t, err)
	now := at("2026-03-09 15:20")
	answer := paused(start("answer", "2026-03-06 14:00"), "2026-03-06 15:30", "2026-03-09 10:15")
	answer, _ = answer.Cross(now)
	late, _ := paused(start("fix", "2026-03-02 16:00"), "2026-03-04 10:00", "2026-03-06 12:00").Cross(at("2026-03-25 10:00"))
	long := start("long", "2024-01-03 09:30")
	for month := 1; month <= 20; month++ {
		day := time.Date(2024, time.Month(month), 10, 10, 0, 0, 0, ny)
		long = paused(long, day.Format("2006-01-02 15:04"), day.AddDate(0, 0, month%9).Format("2006-01-02 15:04"))
	}
	return a, []scene{
		{"running", answer, now},
		{"paused", paused(start("answer", "2026-03-06 14:00"), "2026-03-06 15:30"), at("2026-03-10 11:00")},
		{"late", late.Stop(at("2026-03-25 10:00")), now},
		{"met", start("fix", "2026-03-02 16:00").Stop(at("2026-03-05 11:00")), now},
		{"breached", start("call", "2026-03-09 14:00"), at("2026-03-09 18:10")},
		{"promise", promise, now},
		{"long", long, at("2025-12-01 12:00")},
		{"crowd", start("crowd", "2026-03-09 10:00"), at("2026-03-09 10:30")},
		{"final", start("final", "2026-02-20 20:00"), now},
		{"early", start("answer", "2026-03-06 14:00"), at("2026-03-06 13:00")},
		{"capped", paused(start("call", "2026-03-09 14:00"), "2026-03-09 14:20"), at("2026-03-09 14:30")},
		{"dropped", start("fix", "2026-03-02 16:00").Drop(at("2026-03-05 11:00")), now},
		{"instant", start("call", "2026-03-09 14:00").Stop(at("2026-03-09 14:00")), now},
	}
}

const hostile = `<script>alert("1")</script> & ` + "\x00\xff" + ` Grüße 世界`
