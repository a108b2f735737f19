// Package holidays finds the dates on which an office is closed, for the calendar that it works by: the public holidays of a country or a
// part of one, and the all-day events of an iCalendar file.
//
// # The story
//
// [In] gives the holidays of a place, [ICal] those of a file, each for the years that are asked for. [Dates] makes one list of them, as
// [sla.CalendarSpec] takes it:
//
//	england, err := holidays.In("GB-ENG", 2026, 2027)
//	…
//	company, err := holidays.ICal(file, 2026, 2027)
//	…
//	spec := sla.CalendarSpec{Name: "office", Zone: "Europe/London", Version: "2026-11", Holidays: holidays.Dates(england, company), …}
//
// This is done once, when a calendar is made. Its dates are then part of the calendar: they are written into the agreement's document,
// and so into the digest that every clock names. Governments move holidays, files change and so do libraries; a program that asks anew each time
// it starts would have clocks that run under an agreement that no longer exists. So give the calendar a new Version when the dates change, and
// keep the document. A calendar knows no holiday after the last year that was asked for: ask for as many years as the longest target
// and the longest pause may reach, and make the next version in time.
//
// # Places
//
// The dates of [In] come from github.com/rickar/cal/v2, and are as good as that is: compare them with what the government publishes, above all
// for holidays that are decreed from year to year. Places are ISO 3166 codes ("US", "DE-BY"); [Places] lists them. Countries of which it has
// only parts, or whose list mixes what holds in one part with what holds in another, have no code of their own (AU, CH, GB). In has
// what holds in a whole place; what holds in some of its towns, such as the Assumption in Bavaria, comes from a file or by hand.
//
// # Files
//
// ICal reads what RFC 5545 calls an all-day event, by dates and never by instants, so that no zone can move it: DTSTART with a date, DTEND
// (which is the day after the last) or DURATION, RRULE, RDATE, EXDATE, changed and canceled occurrences (RECURRENCE-ID, STATUS). An event at a
// time of day is no holiday, and an error: a half day is an override of the calendar, and leaving it out would be as wrong as taking
// the whole day. A file that is cut short, repeats a UID or has a rule that cannot be read is an error too, by line: never a holiday less.
package holidays
