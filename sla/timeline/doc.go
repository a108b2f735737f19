// Package timeline draws a clock: one small SVG picture of when its time counted, when it did not, when it was due and how it went.
//
//	err := timeline.SVG(w, agreement, clock, time.Now(), nil)
//
// Time runs from the clock's start on the left to its due time, or as far beyond it as the clock runs or ran. Full bars are open time, which counts;
// a thin line is closed time; hatched bars are pauses; what still lies ahead is paler. Flags name the start, the thresholds, the due time, now
// and the stop; red from the due time on says how late it is or was. Times are in the zone of the clock's calendar.
//
// The picture is for a page or a message as it is: it has no script, no font, no link and no id, so that many fit on one page; it follows
// the reader's light or dark setting; it tells everything in words too, in its title and description for screen readers and by shape
// where it uses color. Its size is bounded by its width, however long the clock runs: spans too narrow to be seen are drawn together. The same clock at the
// same instant gives the same bytes everywhere.
package timeline
