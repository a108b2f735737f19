package sla_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

// BenchmarkClockEvents: what happens to a clock while a case is worked on, by the kind of its target.
func BenchmarkClockEvents(b *testing.B) {
	a, err := sla.Load([]byte(terms))
	require.NoError(b, err)
	capped := laddered(b)
	for _, x := range []struct {
		name, id string
		a        *sla.Agreement
	}{{"elapsed", "day", a}, {"working hours", "solution", a}, {"business days", "days", a}, {"capped", "capped", capped}} {
		c := start(b, x.a, x.id, nov(2, 10, 0))
		paused := pause(b, x.a, c, nov(2, 11, 0), time.Time{})
		from, to := nov(2, 11, 0), nov(2, 15, 0)
		for name, event := range map[string]func(){
			"Pause":  func() { _, _ = x.a.Pause(c, from) },
			"Resume": func() { _, _ = x.a.Resume(paused, to) },
			"Stop":   func() { paused.Stop(to) },
			"Drop":   func() { c.Drop(to) },
			"At":     func() { _, _ = x.a.At(paused, to) },
		} {
			b.Run(name+"/"+x.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					event()
				}
			})
		}
	}
}
