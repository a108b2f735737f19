package timeline_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/sla"
	"github.com/amends-go/amends/sla/timeline"
)

func draw(t *testing.T, a *sla.Agreement, s scene, o *timeline.Options) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, timeline.SVG(&b, a, s.clock, s.now, o), s.name)
	return b.String()
}

// The pictures are those in testdata, to the byte. UPDATE_GOLDEN=1 writes them anew: look at them then.
func TestGolden(t *testing.T) {
	a, all := scenes(t)
	for _, s := range all {
		got, file := draw(t, a, s, nil), filepath.Join("testdata", s.name+".svg")
		if os.Getenv("UPDATE_GOLDEN") != "" {
			require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, string(want), got, s.name)
	}
}

// element is an element of a picture, with its attributes by name.
type element struct {
	name string
	attr map[string]string
}

// parse reads a picture as XML, strictly, and returns its elements and its text.
func parse(t *testing.T, svg string) (elements []element, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return elements, text
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			e := element{token.Name.Local, map[string]string{}}
			for _, a := range token.Attr {
				assert.NotContains(t, e.attr, a.Name.Local)
				e.attr[a.Name.Local] = a.Value
			}
			elements = append(elements, e)
		case xml.CharData:
			text += string(token) + "\n"
		}
	}
}

// Every picture is well formed, says in words what it is, holds nothing active, and lies within its bounds.
func TestPictures(t *testing.T) {
	a, all := scenes(t)
	for _, s := range all {
		for _, width := range []int{0, 320, 1000, 4096} {
			for _, title := range []string{"", hostile, strings.Repeat("long ", 200), "世界"} {
				svg := draw(t, a, s, &timeline.Options{Width: width, Title: title})
				elements, text := parse(t, svg)
				assert.True(t, strings.HasPrefix(svg, "<svg "))
				root := elements[0]
				assert.Equal(t, "img", root.attr["role"])
				assert.NotEmpty(t, root.attr["aria-label"])
				assert.Equal(t, "title", elements[1].name)
				assert.Equal(t, "desc", elements[2].name)
				if title == hostile {
					assert.Contains(t, text, `<script>alert("1")</script> & `)
				}
				if width == 0 {
					width = 720
				}
				assert.Equal(t, strconv.Itoa(width), root.attr["width"])
				right, bottom := number(t, root.attr["width"]), number(t, root.attr["height"])
				for _, e := range elements[1:] {
					for name, value := range e.attr {
						assert.NotContains(t, []string{"id", "href", "onload", "onclick", "src"}, name)
						assert.NotContains(t, value, "url(")
					}
					assert.Contains(t, []string{"title", "desc", "style", "rect", "text", "g", "path"}, e.name)
					if e.name == "rect" {
						x, y, w, h := number(t, e.attr["x"]), number(t, e.attr["y"]), number(t, e.attr["width"]), number(t, e.attr["height"])
						assert.True(t, x >= 0 && y >= 0 && w > 0 && h > 0 && x+w <= right && y+h <= bottom, "%s: %v", s.name, e)
					}
				}
			}
		}
	}
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(s, 64)
	require.NoError(t, err)
	return n
}

// What the reader must find in words, not in color alone.
func TestWords(t *testing.T) {
	a, all := scenes(t)
	for name, want := range map[string][]string{
		"running":  {"At risk", "6h 35m counted, 1h 25m left", "due Mon Mar 9 16:45", "now Mon Mar 9 15:20", "times in America/New_York", "paused", "open: counts", "closed", "75%", "1h before"},
		"paused":   {"Paused", "no due time while paused", "No due time while paused.", "75%: no time while paused."},
		"late":     {"Late", "32h over", "stopped Wed Mar 25 10:00", "That is 6d after the due time.", "24h after: Fri Mar 20, 2026 10:00 EDT."},
		"met":      {"Met", "stopped Thu Mar 5 11:00", "due Mon Mar 16 16:00"},
		"breached": {"Breached", "2h 40m over", "times in UTC"},
		"promise":  {"due time given"},
		"long":     {"And 12 more pauses.", "due Mon Nov 23, 2026 09:30"},
		"crowd":    {"And 3 more thresholds."},
		"final":    {"16d 18h counted, 39d 4h left"},
		"early":    {"Outside hours"},
		"capped":   {"Paused", "to Mon Mar 9, 2026 18:50 UTC at the latest."},
		"dropped":  {"Dropped", "dropped Thu Mar 5 11:00", "Dropped Thu Mar 5, 2026 11:00 EST."},
		"instant":  {"0s counted", "stopped Mon Mar 9 18:00"},
	} {
		for _, s := range all {
			if s.name == name {
				_, text := parse(t, draw(t, a, s, nil))
				for _, words := range want {
					assert.Contains(t, text, words, name)
				}
			}
		}
	}
}

// However long a clock runs and however often it pauses, its picture stays small, and shows that it paused.
func TestSizeIsBounded(t *testing.T) {
	a, err := sla.Load([]byte(`{"name": "x", "version": "1",
		"calendars": [{"name": "office", "zone": "Europe/Berlin", "weekly": {"mon-fri": ["08:00-12:00", "12:30-17:00"]}}],
		"objectives": [{"id": "o", "metric": "resolution", "target": "8000 business days", "calendar": "office", "pause": ["customer"]}]}`))
	require.NoError(t, err)
	o, _ := a.Objective("o")
	started := time.Date(2000, time.January, 3, 9, 0, 0, 0, time.UTC)
	c, err := a.Start("o", o, started, 1)
	require.NoError(t, err)
	for i := range 1000 {
		at := started.AddDate(0, 0, 2*i).Add(time.Hour)
		c, err = a.Pause(c, at)
		require.NoError(t, err)
		c, err = a.Resume(c, at.Add(time.Minute))
		require.NoError(t, err)
	}
	for _, width := range []int{1, 720, 1 << 30} {
		svg := draw(t, a, scene{"decades", c, started.AddDate(20, 0, 0)}, &timeline.Options{Width: width})
		assert.Less(t, len(svg), 600*min(max(width, 320), 4096))
		_, text := parse(t, svg)
		assert.Contains(t, svg, `class="paused"`)
		assert.Contains(t, text, "2020\n")
	}
}

// A clock without a calendar is shown in the zone that is asked for; one with a calendar in the calendar's.
func TestZone(t *testing.T) {
	a, all := scenes(t)
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	for _, s := range all {
		svg := draw(t, a, s, &timeline.Options{Zone: tokyo})
		inTokyo := s.clock.Objective == "call" || s.clock.Objective == "keep"
		assert.Equal(t, inTokyo, strings.Contains(svg, "times in Asia/Tokyo"), s.name)
		assert.Equal(t, inTokyo, strings.Contains(svg, "JST"), s.name)
	}
}

func TestErrors(t *testing.T) {
	a, all := scenes(t)
	var b bytes.Buffer
	err := timeline.SVG(&b, a, sla.Clock{ID: "nobody's"}, all[0].now, nil)
	require.ErrorIs(t, err, sla.ErrAgreement)
	assert.True(t, strings.HasPrefix(err.Error(), "timeline: "), err)
	assert.Zero(t, b.Len())

	err = timeline.SVG(brokenWriter{}, a, all[0].clock, all[0].now, nil)
	assert.ErrorIs(t, err, io.ErrClosedPipe)
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// No pole runs through the text of another flag: where one would, it is interrupted.
func TestPolesLeaveTextsAlone(t *testing.T) {
	a, err := sla.Load([]byte(`{"name": "x", "version": "1", "objectives": [{"id": "a", "metric": "update", "target": "24h", "warn": ["5%", "12%", "20%", "75%", "98%"]}]}`))
	require.NoError(t, err)
	o, _ := a.Objective("a")
	at := time.Date(2026, 3, 9, 14, 0, 0, 0, time.UTC)
	c, err := a.Start("a", o, at, 1)
	require.NoError(t, err)
	elements, _ := parse(t, draw(t, a, scene{"near the start", c, at.Add(3 * time.Hour)}, nil))
	var bar float64 // its upper edge
	texts := map[float64][2]float64{}
	for _, e := range elements {
		if e.name == "rect" && bar == 0 && e.attr["height"] == "24" {
			bar = number(t, e.attr["y"])
		}
		if e.attr["class"] == "halo" {
			x, y := number(t, e.attr["x"]), number(t, e.attr["y"])
			if e.attr["text-anchor"] == "start" && x < 30 { // "started Mon Mar 9 14:00", about 135 wide
				texts[y] = [2]float64{x, x + 135}
			}
		}
	}
	require.Len(t, texts, 1)
	crossed := 0
	for _, e := range elements {
		if e.name != "path" || e.attr["class"] != "pole" {
			continue
		}
		for segment := range strings.SplitSeq(strings.TrimPrefix(e.attr["d"], "M"), "M") {
			place, foot, ok := strings.Cut(segment, "V")
			if !ok {
				continue
			}
			x, top, _ := strings.Cut(place, " ")
			for y, text := range texts {
				if number(t, x) <= text[0] || number(t, x) >= text[1] {
					continue
				}
				crossed++
				assert.True(t, number(t, foot) <= y-8 || number(t, top) >= y, "%s through the text at %v", segment, y)
			}
		}
	}
	assert.Positive(t, crossed, "poles above and below it")
}

// Dates are written as asked for, everywhere.
func TestDates(t *testing.T) {
	a, all := scenes(t)
	for _, s := range all {
		svg := draw(t, a, s, &timeline.Options{Date: "Mon 2 Jan"})
		for _, text := range []string{"Jan", "Feb", "Mar", "Nov"} {
			assert.NotRegexp(t, `\w{3} `+text+` \d`, svg, s.name)
		}
		assert.NotRegexp(t, `\d{4} \d{4}|Mon Jan 2`, draw(t, a, s, &timeline.Options{Date: "2006-01-02"}), s.name)
	}
	_, text := parse(t, draw(t, a, all[0], &timeline.Options{Date: "Mon 2 Jan"}))
	assert.Contains(t, text, "due Mon 9 Mar 16:45")
	assert.Contains(t, text, "Mon 9 Mar 2026 16:45 EDT")
	_, text = parse(t, draw(t, a, all[0], &timeline.Options{Date: "2006-01-02"}))
	assert.Contains(t, text, "due 2026-03-09 16:45")
}
