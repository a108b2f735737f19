package sla_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

// vectors are answers of a brute-force oracle that knows no calendar library; testdata/sla-vectors.json states its rules.
type vectors struct {
	Calendars map[string]vectorCalendar `json:"calendars"`
	Vectors   []struct {
		ID, Group, Calendar, Op string
		At, From, To            time.Time
		Date                    string
		Seconds                 float64
		Days                    int
		Expect                  any
	} `json:"vectors"`
	Timers  []vectorTimer `json:"timer_vectors"`
	Invalid []struct {
		Calendar vectorCalendar
		Verdict  string
	} `json:"invalid_calendars"`
}

type vectorCalendar struct {
	TZ        string
	Weekly    map[string][][2]string
	Holidays  []string
	Overrides map[string][][2]string
	Breaks    []struct{ Date, Start, End string }
}

type vectorTimer struct {
	ID, Calendar  string
	Start, At     time.Time
	TargetSeconds int64                 `json:"target_seconds"`
	Pauses        [][2]*time.Time       `json:"pauses"`
	Due           *time.Time            `json:"expect_due"`
	Thresholds    map[string]*time.Time `json:"expect_thresholds"`
	Elapsed       int64                 `json:"expect_elapsed_at"`
	Remaining     int64                 `json:"expect_remaining_at"`
	Breached      bool                  `json:"expect_breached_at"`
}

func readVectors(tb testing.TB) vectors {
	tb.Helper()
	data, err := os.ReadFile("testdata/sla-vectors.json")
	require.NoError(tb, err)
	var v vectors
	require.NoError(tb, json.Unmarshal(data, &v))
	return v
}

func (c vectorCalendar) spec() sla.CalendarSpec {
	hours := func(pairs [][2]string) []sla.Interval {
		all := []sla.Interval{}
		for _, p := range pairs {
			all = append(all, sla.Interval{From: p[0], To: p[1]})
		}
		return all
	}
	days := map[string]time.Weekday{
		"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday,
		"thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday,
	}
	s := sla.CalendarSpec{
		Name: "vector", Zone: c.TZ, Holidays: c.Holidays,
		Weekly: map[time.Weekday][]sla.Interval{}, Overrides: map[string][]sla.Interval{}, Breaks: map[string][]sla.Interval{},
	}
	for day, pairs := range c.Weekly {
		d, ok := days[day]
		if !ok {
			d = 7
		}
		s.Weekly[d] = hours(pairs)
	}
	for date, pairs := range c.Overrides {
		s.Overrides[date] = hours(pairs)
	}
	for _, b := range c.Breaks {
		s.Breaks[b.Date] = append(s.Breaks[b.Date], sla.Interval{From: b.Start, To: b.End})
	}
	return s
}

func TestCalendarVectors(t *testing.T) {
	all := readVectors(t)
	calendars := map[string]*sla.Calendar{}
	for name, spec := range all.Calendars {
		c, err := sla.NewCalendar(spec.spec())
		if name == "never-open" {
			require.ErrorContains(t, err, "never opens")
			continue
		}
		require.NoError(t, err, name)
		calendars[name] = c
	}
	require.Len(t, all.Vectors, 319)
	for _, v := range all.Vectors {
		c := calendars[v.Calendar]
		if c == nil {
			continue // refused at construction: see above
		}
		t.Run(v.ID, func(t *testing.T) {
			d := time.Duration(math.Round(v.Seconds * 1e9))
			switch v.Op {
			case "add", "subtract":
				if v.Op == "subtract" {
					d = -d
				}
				got, err := c.Add(v.At, d)
				if v.Expect == nil {
					require.ErrorIs(t, err, sla.ErrHorizon)
					return
				}
				require.NoError(t, err)
				require.Equal(t, v.Expect, got.UTC().Format(time.RFC3339Nano))
			case "between":
				seconds, ok := v.Expect.(float64)
				require.True(t, ok)
				require.Equal(t, time.Duration(math.Round(seconds*1e9)), c.Between(v.From, v.To))
			case "is_open":
				require.Equal(t, v.Expect, c.IsOpen(v.At))
			case "next_open":
				got, ok := c.NextOpen(v.At)
				if v.Expect == nil {
					require.False(t, ok)
					return
				}
				require.True(t, ok)
				require.Equal(t, v.Expect, got.UTC().Format(time.RFC3339Nano))
			case "add_days":
				at, err := time.ParseInLocation(time.DateOnly+" 15:04", v.Date+" 12:00", c.Location())
				require.NoError(t, err)
				got, err := c.AddDays(at, v.Days, sla.IntakeRules{})
				require.NoError(t, err)
				require.Equal(t, v.Expect, got.Format(time.DateOnly))
			default:
				t.Fatalf("unknown operation %q", v.Op)
			}
		})
	}
}

func TestCalendarsToRefuse(t *testing.T) {
	for _, v := range readVectors(t).Invalid {
		_, err := sla.NewCalendar(v.Calendar.spec())
		var faults *sla.DocumentError
		require.ErrorAs(t, err, &faults, v.Verdict)
		t.Log(err)
	}
}
