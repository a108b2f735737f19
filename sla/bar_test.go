package sla_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
)

// A clock of eight working hours that waited for the customer from three o'clock to eleven on the next day.
func ExampleBar() {
	agreement, err := sla.Load([]byte(terms))
	if err != nil {
		fmt.Println(err)
		return
	}
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }
	objective, _ := agreement.Objective("solution")
	clock, err := agreement.Start("solution", objective, at(2, 10), 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	draw := func(now time.Time) {
		for _, bar := range []sla.Bar{{Width: 56}, {Width: 56, ASCII: true}} {
			line, err := bar.Draw(agreement, clock, now)
			if err != nil {
				fmt.Println(err)
				return
			}
			fmt.Println(line)
		}
	}
	draw(at(2, 12))
	if clock, err = agreement.Pause(clock, at(2, 15)); err != nil {
		fmt.Println(err)
		return
	}
	if clock, err = agreement.Resume(clock, at(3, 11)); err != nil {
		fmt.Println(err)
		return
	}
	draw(at(3, 12))
	clock, _ = clock.Cross(at(3, 16))
	draw(at(3, 16))
	clock = clock.Stop(at(3, 16))
	draw(at(3, 16))
	// Output:
	// ▰▰▰▰▾▰▰▰▰▴▰▰▰▰▴▰╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌▴▰◊
	// ====@====!====!=.....................................!=|
	// ▰▰▰▰▰▰▰▰▴▰▱▱▱▱╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌▱▱▱▱▰▰▾▰▴◊
	// ========!=~~~~................................~~~~==@=!|
	// ▰▰▰▰▰▰▰▴▰▱▱▱▱╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌▱▱▱▱▰▴▰▴▰◊▰▰▾
	// =======!=~~~~..............................~~~~=!=!=|==@
	// ▰▰▰▰▰▰▰▴▰▱▱▱▱╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌▱▱▱▱▰▴▰▴▰◊▰▰▪
	// =======!=~~~~..............................~~~~=!=!=|==#
}

func TestBarsHaveTheirWidth(t *testing.T) {
	a := laddered(t)
	r := rand.New(rand.NewPCG(23, 23))
	for i := range 500 {
		at := nov(1, 0, 0).Add(time.Duration(r.IntN(9*86400)) * time.Second)
		c := start(t, a, []string{"capped", "plain", "elapsed", "days"}[i%4], at)
		told, _ := randomStory(a, r, at, true).tell(c)
		c = told[len(told)-1]
		now := at.Add(time.Duration(r.IntN(60*3600)) * time.Second)
		width := 1 + r.IntN(150)
		ascii, other := draw(t, a, sla.Bar{Width: width, ASCII: true}, c, now), draw(t, a, sla.Bar{Width: width}, c, now)
		require.Len(t, ascii, width)
		require.Equal(t, width, utf8.RuneCountInString(other))
		require.Equal(t, ascii, strings.NewReplacer("▰", "=", "▱", "~", "╌", ".", "▴", "!", "◊", "|", "▾", "@", "▪", "#").Replace(other), "the same drawing")
		require.Empty(t, strings.Trim(ascii, "=~.!|@# "))
	}
	c := start(t, a, "free", nov(2, 0, 0))
	assert.Equal(t, 60, utf8.RuneCountInString(draw(t, a, sla.Bar{Width: -3}, c, nov(2, 10, 0))))
	assert.Equal(t, "==========@====!==============|", draw(t, a, sla.Bar{Width: 31, ASCII: true}, c, nov(2, 10, 30)))
	assert.Equal(t, "|", draw(t, a, sla.Bar{Width: 1, ASCII: true}, c, nov(1, 10, 0)), "what is outside is not drawn")
	assert.Equal(t, "=====#         !              |", draw(t, a, sla.Bar{Width: 31, ASCII: true}, c.Stop(nov(2, 5, 0)), nov(3, 0, 0)))
	assert.Equal(t, strings.Repeat(" ", 60), draw(t, a, sla.Bar{}, c.Drop(nov(1, 0, 0)).Stop(nov(1, 0, 0)), nov(1, 0, 0)), "nothing has passed")

	other := agreement(t)
	_, err := sla.Bar{}.Draw(other, c, nov(2, 10, 0))
	require.ErrorIs(t, err, sla.ErrAgreement)
	assert.ErrorContains(t, err, `another agreement: under `+a.Digest().String()+`, and "terms", version "1", is `+other.Digest().String())
}

func draw(t *testing.T, a *sla.Agreement, b sla.Bar, c sla.Clock, now time.Time) string {
	t.Helper()
	line, err := b.Draw(a, c, now)
	require.NoError(t, err)
	return line
}
