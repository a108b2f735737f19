// Package sla counts business time and runs the clocks of service agreements. It is pure: no I/O, no goroutines, and now is always an argument.
//
// # The story
//
// A [Calendar] knows when work is done. A [Target] is how long something may take: "8 working hours", "close of 3 business days". An
// [Agreement] is a named version of calendars and objectives; an [Objective] sets a target for a [Metric], for the cases that its condition
// describes. [Agreement.Select] finds the objectives of a case, and [Agreement.Start] makes a [Clock] of each: a value to be stored with the
// case, which knows when it is due and when to warn. [Agreement.Pause] and [Agreement.Resume] hold it while it waits for
// somebody else, [Clock.Cross] records what time alone caused, [Clock.Stop] ends it, and [Agreement.Explain] says why it was due when it was; a
// [Bar] shows that on one line.
//
// # Calendars
//
// Weekly hours, holidays, overrides (dates with hours of their own) and breaks, in one zone. The rules, none of which depends on the
// machine or on what a library makes of a clock change; each has an example with [Calendar], [CalendarSpec] or [Interval]:
//
//  1. A local time is the first instant at which the local clock reads it or later: where clocks skip it, the moment they do; where
//     it comes twice, its first occurrence.
//  2. Hours of a date are open from the instant of their beginning to that of their end, which is closed. Durations are real elapsed
//     time: on the night that clocks go forward, 22:00 to 06:00 is seven hours.
//  3. Hours that end before they begin last past midnight, and belong to the date on which they begin. Equal ends are an error; a whole
//     day is 00:00 to 24:00.
//  4. Hours that overlap or touch count once.
//  5. A holiday or an override replaces the hours that belong to its date, tails past midnight included, and nothing that belongs to
//     another date is open on it. An override beats a holiday. Breaks are subtracted last, from whatever is open.
//  6. [Calendar.Add] is the earliest time by which that much was open, so what fills a day is due at its closing and not at the next
//     opening. Adding nothing changes nothing. A negative duration goes back, to the latest time from which that much is open.
//  7. A calendar that never opens is refused, and an answer outside the years 1 to 9999 (of UTC) is [ErrHorizon].
//  8. The zone is an IANA name, never the machine's; answers are in it. Zones come from the machine's database; a program that may run where
//     there is none imports time/tzdata.
//  9. The n-th business day is the n-th date strictly after the origin that has open time of its own.
//
// Years are compiled when they are first asked about and kept, so that an answer takes the same few dozen nanoseconds whether it lies a minute
// or a decade ahead.
//
// # Targets
//
// Elapsed time passes at any hour, working time while the calendar is open. Business days and calendar days end at the same wall-clock
// time as they began, across clock changes too, or at the closing time of the last ("close of …"). Something received outside hours may
// be moved to an opening first; [IntakeRules] say so separately for before opening, after closing and days off. It holds for every unit.
//
// # Documents
//
// [Load] reads an agreement from JSON and says all that is wrong with it at once, with line and column:
//
//	{"name": "retail", "version": "2026-11",
//	 "calendars": [{"name": "office", "zone": "Europe/London", "version": "2026",
//	    "weekly": {"mon-fri": ["09:00-12:00", "13:00-17:30"], "sat": ["10:00-14:00"]},
//	    "holidays": ["2026-12-25"], "overrides": {"2026-12-24": ["09:00-12:00"]}, "breaks": {"2026-07-01": ["15:00-16:00"]}}],
//	 "objectives": [
//	   {"id": "answer", "metric": "acknowledgement", "when": {"channel": ["email", "letter"], "tier": ["gold"]},
//	    "target": "8 working hours", "calendar": "office", "warn": ["75%", {"at": "1h before", "notify": "supervisor"}, {"at": "due", "notify": "manager"}],
//	    "pause": ["customer"], "maxPause": "10 working hours", "personOnly": true, "intake": {"before": "to_opening", "after": "next_day_opening", "dayOff": "keep_time"}},
//	   {"id": "final", "metric": "final_response", "target": "15 business days", "calendar": "office", "statutory": true,
//	    "extend": [{"on": "holding", "target": "35 business days"}], "stop": ["accepted"], "source": "FCA DISP 1.6.2A"}]}
//
// A regulator's limits are taken over by name: {"preset": "FCA DISP 1", "calendar": "office"}, with a "when", a "warn" and an "id" of its own if
// wanted. [Presets] says what there is, with version and source, and what each does not cover. [Agreement.Lint] says what is legal and
// probably wrong, as a house target that outlasts the statutory one over Christmas.
//
// The first objective of a metric that fits a case holds, and every statutory one beside it; one that can never be reached is an error. The
// document's canonical form, and the digest of that, identify an agreement: a clock names the digest of the one it runs under.
//
// # Clocks
//
//   - A pause moves a deadline by the time that would have counted during it: open time for working time and business days, all time for
//     elapsed time and calendar days. So a target in business days that is paused for two open hours is due two open hours later, and
//     a pause in the night moves nothing. While a pause lasts that began before the due time there is none; one that begins at or after the
//     due time changes nothing.
//   - An objective's "maxPause" caps the pauses of a cycle, all together, in elapsed or working time. A capped pause holds the clock until that
//     is used up, whether or not anybody resumes it. So while it lasts the clock has a due time, the latest; resuming earlier brings it forward.
//   - A breach carries the time that the clock was due, whenever it is noticed. What is stopped at the due time itself is in time.
//   - Each threshold fires once in a cycle. A late start that is past several records them all, and announces the last. Warnings are the rungs of
//     a ladder, each with the role or action that it notifies: "75%" and "2h before" the due time, "2h after" or "2 working hours after" for
//     what follows a breach, and "due" for the breach itself.
//   - A stop, a pause or an extension that is entered late, for an instant before a recorded breach, withdraws it.
//   - [Agreement.Retarget] recomputes from the true start, with the pauses spent.
//   - [Clock.Drop] takes a clock out of service that no objective asks for any more; Retarget takes it up again in the same cycle, if the case
//     is classified back.
//   - Clocks of statutory objectives never pause. Due times that were given (promises) never move.
//
// A percentage is of the time that counts; where none counts before the due time, of elapsed time. A time before or after is elapsed time ("2h before") or working time
// of the objective's calendar ("2 working hours before").
package sla
