package timeline_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"

	"github.com/amends-go/amends/sla"
	"github.com/amends-go/amends/sla/timeline"
)

// A complaint of Friday afternoon waits for the customer, and is to be answered on Monday. What the picture shows, it also says.
func ExampleSVG() {
	agreement, err := sla.Load([]byte(`{"name": "retail", "version": "1",
		"calendars": [{"name": "office", "zone": "America/New_York", "weekly": {"mon-fri": ["09:00-17:00"]}}],
		"objectives": [{"id": "answer", "metric": "acknowledgement", "target": "8 working hours", "calendar": "office", "warn": ["75%"], "pause": ["customer"]}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	received := time.Date(2026, time.March, 6, 19, 0, 0, 0, time.UTC)
	clock, err := agreement.Start("answer", agreement.Select(sla.Acknowledgement, nil)[0], received, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	if clock, err = agreement.Pause(clock, received.Add(90*time.Minute)); err != nil {
		fmt.Println(err)
		return
	}
	monday := time.Date(2026, time.March, 9, 14, 15, 0, 0, time.UTC)
	if clock, err = agreement.Resume(clock, monday); err != nil {
		fmt.Println(err)
		return
	}

	var svg bytes.Buffer
	if err := timeline.SVG(&svg, agreement, clock, monday.Add(5*time.Hour), &timeline.Options{Title: "Complaint 4711: first answer", Width: 640}); err != nil {
		fmt.Println(err)
		return
	}
	var picture struct {
		Width int    `xml:"width,attr"`
		Title string `xml:"title"`
		Desc  string `xml:"desc"`
	}
	if err := xml.Unmarshal(svg.Bytes(), &picture); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(picture.Width, picture.Title)
	fmt.Println(picture.Desc)
	// Output:
	// 640 Complaint 4711: first answer: at risk
	// acknowledgement, 8 working hours; 6h 30m counted, 1h 30m left. Started Fri Mar 6, 2026 14:00 EST. Paused from Fri Mar 6, 2026 15:30 EST to Mon Mar 9, 2026 10:15 EDT. 75%: Mon Mar 9, 2026 14:45 EDT. Due Mon Mar 9, 2026 16:45 EDT. Now it is Mon Mar 9, 2026 15:15 EDT.
}
