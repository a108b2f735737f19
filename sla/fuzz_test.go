package sla_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/amends-go/amends/sla"
)

// FuzzLoad: whatever is loaded is loaded again from its own document, and runs.
func FuzzLoad(f *testing.F) {
	for _, doc := range []string{
		quickstart, terms, ``, `{}`, `{"name": "x", "version": "1", "objectives": []}`,
		`{"name":"x","version":"1","calendars":[{"name":"n","zone":"Pacific/Apia","weekly":{"sat-mon":["22:00-06:00","00:00:01-24:00"]},` +
			`"holidays":["2011-12-30"],"overrides":{"2012-01-01":[]},"breaks":{"2012-01-02":["23:00-01:00"]}}],` +
			`"objectives":[{"id":"a","metric":"promise","calendar":"n","target":"close of 2 business days","warn":[{"at":"1%","notify":"é"}],` +
			`"extend":[{"on":"x","target":"9 weeks"}],"intake":{"before":"keep_time","dayOff":"next_day_opening"},"when":{"k":["\u0000"]}}]}`,
		`{"name":"x","version":"1","calendars":[{"name":"n","zone":"UTC","weekly":{"mon":["09:00-17:00"]}}],"objectives":[` +
			`{"preset":"FCA DISP 1 payment services","calendar":"n","when":{"k":["v"]},"warn":["50%",{"at":"1h before","notify":"x"}]},` +
			`{"preset":"ASIC RG 271","calendar":"n","id":"a"},{"preset":"US Reg Z","calendar":"n"},{"preset":"FCA DISP 1 summary resolution","calendar":"n"}]}`,
	} {
		f.Add([]byte(doc))
	}
	at := time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, doc []byte) {
		a, err := sla.Load(doc)
		if err != nil {
			return
		}
		again, err := sla.Load(a.Document())
		if err != nil || again.Digest() != a.Digest() {
			t.Fatalf("its own document:\n%s\n%v", a.Document(), err)
		}
		if len(a.Objectives()) < 8 {
			for _, f := range a.Lint(at) {
				if f.Check == "" || f.Path == "" || f.Msg == "" {
					t.Fatalf("%+v", f)
				}
			}
		}
		for _, o := range a.Objectives() {
			if o.Target == (sla.Target{}) {
				continue
			}
			c, err := a.Start(o.ID, &o, at, 1)
			if err != nil {
				continue // no such time
			}
			if !c.Due.After(at) {
				t.Fatalf("%s is due %v, started %v", o.Target, c.Due, at)
			}
			for i, th := range c.Thresholds {
				if th.At.Before(at) || th.At.After(c.Due) || i > 0 && th.At.Before(c.Thresholds[i-1].At) {
					t.Fatalf("thresholds %v", c.Thresholds)
				}
			}
			if _, err := a.At(c, at.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzParseTarget(f *testing.F) {
	for _, text := range []string{"24h", "90m", "8 working hours", "close of 3 business days", "8 weeks", "1 day", "-1h", "9999999999 weeks"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		target, err := sla.ParseTarget(text)
		if err != nil {
			return
		}
		again, err := sla.ParseTarget(target.String())
		if err != nil || again != target {
			t.Fatalf("%q is %+v, printed %q, which is %+v (%v)", text, target, target, again, err)
		}
	})
}

// FuzzCalendarDocument: no document of a calendar brings it to panic or to contradict itself.
func FuzzCalendarDocument(f *testing.F) {
	for _, doc := range []string{
		`"zone": "Europe/London", "weekly": {"mon-fri": ["09:00-12:00", "13:00-17:30"]}, "holidays": ["2026-12-25"]`,
		`"zone": "Pacific/Apia", "weekly": {"sat-mon": ["22:00-06:00", "00:00:01-24:00"]}, "overrides": {"2012-01-01": []}, "breaks": {"2012-01-02": ["23:00-01:00"]}`,
		`"zone": "America/Santiago", "overrides": {"2026-09-05": ["23:30-00:30"], "9999-12-31": ["23:59:59-24:00"], "0001-01-01": ["00:00-00:00:01"]}`,
		`"zone": "Local", "weekly": {"mon": ["25:00-26:00", 7]}, "holidays": ["x", "2026-12-25", "2026-12-25"]`,
	} {
		f.Add([]byte(doc), int64(1_772_000_000), int64(8*time.Hour))
	}
	f.Fuzz(func(t *testing.T, doc []byte, sec, d int64) {
		a, err := sla.Load(slices.Concat([]byte(`{"name": "x", "version": "1", "objectives": [], "calendars": [{"name": "c", `), doc, []byte(`}]}`)))
		if err != nil {
			return
		}
		c, ok := a.Calendar("c")
		if !ok {
			return // it has another name
		}
		at := time.Unix(sec%300_000_000_000, 0)
		end, err := c.Add(at, time.Duration(d))
		if err == nil && d > math.MinInt64 && c.Between(at, end) != time.Duration(d) {
			t.Fatalf("%v + %v is %v, and %v lies between", at, time.Duration(d), end, c.Between(at, end))
		}
		if next, ok := c.NextOpen(at); ok && (!c.IsOpen(next) || c.Between(at, next) != 0) {
			t.Fatalf("%v is not the next opening from %v", next, at)
		}
		if next, err := c.AddDays(at, 1, sla.IntakeRules{}); err == nil && !next.After(at) {
			t.Fatalf("a business day after %v is %v", at, next)
		}
	})
}

func FuzzArithmetic(f *testing.F) {
	f.Add(int64(1_772_000_000), int64(0), int64(8*time.Hour))
	f.Add(int64(-62_135_596_800), int64(1), int64(-1))
	f.Add(int64(253_402_300_799), int64(999_999_999), int64(1<<63-1))
	f.Add(int64(1)<<62, int64(0), int64(-1<<63))
	calendars := someCalendars(f)
	f.Fuzz(func(t *testing.T, sec, nano, d int64) {
		at := time.Unix(sec, nano)
		for name, c := range calendars {
			end, err := c.Add(at, time.Duration(d))
			if err != nil || d == math.MinInt64 { // which Between gives as the longest Duration
				continue
			}
			if got := c.Between(at, end); got != time.Duration(d) {
				t.Fatalf("%s: %v + %v is %v, and %v lies between", name, at, time.Duration(d), end, got)
			}
		}
	})
}
