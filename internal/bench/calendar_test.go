package bench_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/us"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

// firstYear and years are what the calendars compared here have holidays for.
const firstYear, years = 2025, 10

// newPeer is an office in New York, Monday to Friday from 9 to 5, closed on federal holidays, as rickar/cal has it.
func newPeer(cacheable bool) *cal.BusinessCalendar {
	c := cal.NewBusinessCalendar()
	c.AddHoliday(us.Holidays...)
	c.Cacheable = cacheable
	return c
}

// newOffice is the same office as ours: the holidays are the dates on which the peer does not work.
func newOffice(tb testing.TB) *sla.Calendar {
	tb.Helper()
	peer := newPeer(true)
	spec := sla.CalendarSpec{Name: "office", Zone: "America/New_York", Weekly: map[time.Weekday][]sla.Interval{}}
	for d := time.Monday; d <= time.Friday; d++ {
		spec.Weekly[d] = []sla.Interval{{From: "09:00", To: "17:00"}}
	}
	for at := time.Date(firstYear, 1, 1, 12, 0, 0, 0, time.UTC); at.Year() < firstYear+years; at = at.AddDate(0, 0, 1) {
		if _, observed, _ := peer.IsHoliday(at); observed {
			spec.Holidays = append(spec.Holidays, at.Format(time.DateOnly))
		}
	}
	c, err := sla.NewCalendar(spec)
	require.NoError(tb, err)
	return c
}

// turns does the same work with three calendars in turn, so that they meet the same machine, and reports the median turn of each, the
// fastest of ours, and how many times longer the peers take (median by median). Theirs take so long that each turn has fewer of it.
func turns(b *testing.B, ours, plain, cached func(i int)) {
	b.Helper()
	work := []struct {
		times int
		do    func(int)
		spent []float64 // per call, in nanoseconds
	}{{4096, ours, nil}, {16, plain, nil}, {16, cached, nil}}
	for turn := 0; b.Loop(); turn++ {
		for i := range work {
			w := &work[i]
			start := time.Now()
			for k := range w.times {
				w.do(turn*w.times + k)
			}
			w.spent = append(w.spent, float64(time.Since(start))/float64(w.times))
		}
	}
	for i := range work {
		slices.Sort(work[i].spent)
	}
	median := func(i int) float64 { return work[i].spent[len(work[i].spent)/2] }
	b.ReportMetric(0, "ns/op") // of a turn, which says nothing
	b.ReportMetric(work[0].spent[0], "ours-fastest-ns")
	b.ReportMetric(median(0), "ours-ns")
	b.ReportMetric(median(1), "cal-ns")
	b.ReportMetric(median(2), "cacheable-ns")
	b.ReportMetric(median(1)/median(0), "x-cal")
	b.ReportMetric(median(2)/median(0), "x-cacheable")
}

// BenchmarkCalendar compares Add and Between with rickar/cal's AddWorkHours and WorkHoursInRange: from one origin, and from many that are
// scattered over two years, which is as much as its cache holds.
func BenchmarkCalendar(b *testing.B) {
	c, plain, cached := newOffice(b), newPeer(false), newPeer(true)
	start := time.Date(2026, 3, 4, 10, 0, 0, 0, c.Location())
	origins := map[string][]time.Time{"sequential": make([]time.Time, 1024), "scattered": make([]time.Time, 1024)}
	for i := range 1024 {
		origins["sequential"][i] = start
		origins["scattered"][i] = start.Add(time.Duration(i*7919%15_000) * time.Hour)
	}
	for _, d := range []time.Duration{8 * time.Hour, 80 * time.Hour, 2000 * time.Hour} {
		for _, order := range []string{"sequential", "scattered"} {
			from := origins[order]
			var to [1024]time.Time
			for i, at := range from {
				end, err := c.Add(at, d)
				require.NoError(b, err)
				to[i] = end
				cached.AddWorkHours(at, d) // fills its cache
			}
			require.True(b, to[0].Equal(cached.AddWorkHours(from[0], d)), "both do the same work")
			require.Equal(b, d, cached.WorkHoursInRange(from[0], to[0]))
			b.Run("Add/"+d.String()+"/"+order, func(b *testing.B) {
				turns(b,
					func(i int) { _, _ = c.Add(from[i&1023], d) },
					func(i int) { plain.AddWorkHours(from[i&1023], d) },
					func(i int) { cached.AddWorkHours(from[i&1023], d) })
			})
			b.Run("Between/"+d.String()+"/"+order, func(b *testing.B) {
				turns(b,
					func(i int) { c.Between(from[i&1023], to[i&1023]) },
					func(i int) { plain.WorkHoursInRange(from[i&1023], to[i&1023]) },
					func(i int) { cached.WorkHoursInRange(from[i&1023], to[i&1023]) })
			})
		}
	}
	b.Run("IsOpen", func(b *testing.B) {
		from := origins["scattered"]
		turns(b,
			func(i int) { c.IsOpen(from[i&1023]) },
			func(i int) { plain.IsWorkTime(from[i&1023]) },
			func(i int) { cached.IsWorkTime(from[i&1023]) })
	})
}

// BenchmarkCalendarCompile makes a calendar, and compiles some of its years by asking for them: the median time, and the memory that
// each calendar keeps.
func BenchmarkCalendarCompile(b *testing.B) {
	for _, n := range []int{3, years} {
		b.Run(fmt.Sprintf("%d years", n), func(b *testing.B) {
			var made []*sla.Calendar
			var before, after runtime.MemStats
			var spent []time.Duration
			runtime.GC()
			runtime.ReadMemStats(&before)
			for b.Loop() {
				c := newOffice(b)
				start := time.Now()
				compile(c, n)
				spent = append(spent, time.Since(start))
				made = append(made, c)
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(0, "ns/op") // of listing holidays, too
			slices.Sort(spent)
			b.ReportMetric(float64(spent[len(spent)/2].Microseconds()), "compile-µs")
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(made)), "B/calendar")
			runtime.KeepAlive(made)
		})
	}
}

func compile(c *sla.Calendar, years int) {
	for year := range years {
		c.IsOpen(time.Date(firstYear+year, 7, 1, 12, 0, 0, 0, time.UTC))
	}
}
