// Package bench measures amends beside what a program would write without it, in the same run, so that figures can
// be compared. It is a module of its own, outside of go.work: what it measures against weighs on nobody who imports
// amends.
//
//	cd internal/bench && GOWORK=off go test -run '^$' -bench . -count 3
//
// A "ratio" is ours over the other's: both do the same work in turn on the same disk, so that it says more than
// either figure.
//
// Figures are of two cores of a shared Intel Xeon server at 2.1 GHz with a fast disk, Go 1.26, modernc.org/sqlite
// v1.54.0; the server's own speed varies by half.
//
// # Whole lifecycles
//
// One complaint through the five steps with a promise, 13 records. "bare" writes the same rows by hand, in as many
// transactions, and neither reads nor decides anything.
//
//	                              ours               bare             ratio (aim: at most 1.3)
//	memory, six commits           0.28 to 0.35 ms
//	memory, one commit            0.18 to 0.20 ms
//	SQLite, full, six commits     2.2 to 3.1 ms      1.7 to 2.3 ms    1.25, 1.25, 1.3, 1.3, 1.4 and 1.7
//	SQLite, normal, six commits   1.6 to 2.1 ms      1.1 to 1.4 ms    1.3, 1.3, 1.4, 1.8, 1.8 and 1.9
//
// The ranges are of all readings in five runs with two processors, at loads of 0.1 to 1.1; the sixth ratio is of records as SQLite
// keeps them now.
//
// The aim for SQLite is reached in some runs and missed in others. That of 10,000 lifecycles a second in memory is not
// reached: on this machine it is 2,900 to 3,600 in six commits and 4,900 to 5,600 in one. What is left is spread:
// writing state and events a quarter of the time, deciding a fifth, sealing and chaining a tenth, storing a tenth,
// collection a sixth.
//
// # SQLite appends
//
// BenchmarkSQLiteAppend appends a commit of one batch, two records (300 bytes of data, 200 private) and a head
// (2,000 bytes of state, two keys), to a file on disk, against one immediate transaction with prepared statements
// on a connection of its own, which writes the same rows into the same tables and looks at nothing.
//
//	durability   store             bare              ratio (aim: at most 1.3)
//	full         0.33 to 0.62 ms   0.31 to 0.60 ms   0.96 to 1.06
//	normal       0.23 to 0.30 ms   0.22 to 0.31 ms   0.97 to 1.02
//
// The difference is what makes it a store: looking for the key and the expected sequence, finding the next
// position, taking a connection from the pool and giving it back, settings for durability and for overwriting what
// is deleted.
//
// # Reading the feed
//
// BenchmarkSQLiteFeed reads 200,000 records of 300 and 200 bytes by history.Feed, in turn with the bare driver, which runs the same
// statement and decodes nothing. Five runs at loads of 1.4 to 1.8: 288,000, 309,000, 313,000, 336,000 and 367,000 records a second
// (aim: 300,000), 1.52 to 1.59 times the time of the bare driver (modernc.org/sqlite). While the machine is at half its speed, or others
// work, it is 120,000 to 240,000.
//
// # PostgreSQL appends
//
// BenchmarkPostgresAppend appends the same commits to PostgreSQL 15 on this machine, fsync on, over TCP, against pgx transactions that write the
// same rows into the same tables, the feed's counter included, and look at nothing: "bare" in two batches, the fewest round
// trips that can do it, and "stepwise", a statement at a time. Three runs at loads of 2 to 3, in their order:
//
//	             ours, appends/s        p50                   bare, appends/s        ratio to bare (aim: 1.3)   to stepwise
//	1 writer     1,756 1,141 1,779      0.48 0.75 0.48 ms     2,143 1,676 2,288      1.22 1.47 1.29             0.92 1.00 0.83
//	8 writers    1,672 1,617 1,030      3.6 3.7 5.4 ms        1,860 1,871 1,179      1.11 1.16 1.14             0.92 0.95 1.00
//
// Later ones, on a day when the disk took twice as long: five with one writer at a load of 2, 517 to 617 appends/s and ratios of 1.05,
// 1.06, 1.09, 1.19 and 1.23 (to stepwise 0.91 to 0.98); five at loads of 6 to 11, 1.07, 1.18, 1.21, 1.31 and 1.45, and with eight writers
// 0.92, 0.92, 0.96, 1.00 and 1.12. Of one writer's thirteen the median is 1.21.
//
// # Many agents, and what a case leaves on the disk
//
// BenchmarkLifecycles takes complaints through the five steps, six commits each, for one agent and for eight at once, on each store. Two
// runs, at loads of 2.4, of 400 lifecycles (of SQLite one, at a load of 1.5, of 200):
//
//	                   one agent                                     eight agents
//	memory             2,000 2,200/s   p50 0.4 ms      p99 2 ms      3,200 4,400/s   p50 0.4 0.5 ms   p99 20 24 ms
//	SQLite, full       340/s           p50 2.5 ms      p99 9 ms      320/s           p50 23 ms        p99 53 ms
//	SQLite, normal     470/s           p50 1.5 ms      p99 9 ms      450/s           p50 17 ms        p99 29 ms
//	PostgreSQL         110 160/s       p50 5.7 8.2 ms  p99 11 21 ms  120 140/s       p50 54 60 ms     p99 156 191 ms
//
// One writer at a time is what both databases allow, and the server shares the two processors with the program. A case leaves 12,600 to 13,500
// bytes in SQLite and 14,200 to 17,500 in PostgreSQL, indexes included.
//
// # What is due
//
// BenchmarkPostgresDue finds and reads the 200 cases that are due among open ones in 1.2 to 3.7 ms, whether there are 100,000 or (CASES=1000000)
// a million, and sees in 0.05 to 0.9 ms that there are none.
//
// A Run with nothing to do takes 0.008 % of a core with 100,000 open cases in a SQLite file, and 0.11 % if it polls every second
// (BenchmarkIdleSQLite, 20 seconds).
//
// # Calendars
//
// An office in New York, Monday to Friday from 9 to 5, closed on federal holidays: ours against the AddWorkHours and
// WorkHoursInRange of github.com/rickar/cal/v2 v2.1.27, plain and with its holiday cache (Cacheable), in turns of a
// fraction of a millisecond. Scattered origins lie within two years, which is what that cache holds. Ours and the peer
// agree on the measured spans (on days when clocks change they do not: the peer moves opening hours).
//
//	                      ours, fastest turn   ours, median turn   Cacheable        ratio to Cacheable   ratio to plain
//	Add 8 h               20 to 35 ns          21 to 38 ns         2.2 to 4.0 µs    103 to 104           970 to 1,020
//	Add 8 h, scattered    21 to 22 ns          23 to 36 ns         1.7 to 2.4 µs    68 to 79             640 to 790
//	Add 80 h              22 to 24 ns          24 to 43 ns         12 to 21 µs      478 to 501           4,100 to 7,600
//	Add 80 h, scattered   23 ns                25 to 40 ns         11 to 18 µs      446 to 494           4,400 to 8,800
//	Add 2,000 h           27 to 53 ns          27 to 178 ns        0.27 to 0.99 ms  5,600 to 10,000      50,000 to 130,000
//	  scattered           28 to 30 ns          28 to 42 ns         0.51 to 0.70 ms  13,000 to 20,000     100,000 to 190,000
//	Between 8 h           20 to 22 ns          22 to 43 ns         1.0 to 1.8 µs    43 to 45             380 to 440
//	  scattered           21 to 22 ns          22 to 24 ns         0.9 to 1.1 µs    41 to 45             400 to 420
//	Between 80 h          22 ns                23 to 43 ns         5.3 to 9.0 µs    211 to 237           1,900 to 3,500
//	  scattered           22 ns                23 to 24 ns         5.2 to 5.3 µs    219 to 224           2,200
//	Between 2,000 h       22 to 36 ns          24 to 46 ns         0.11 to 0.33 ms  4,400 to 7,500       48,000 to 81,000
//	  scattered           24 ns                26 to 39 ns         0.19 to 0.30 ms  6,800 to 12,000      58,000 to 91,000
//	IsOpen                9.1 to 9.5 ns        9.3 to 13.6 ns      0.12 to 0.13 µs  9.5 to 12.6          88 to 112
//	compile 3 years                            0.10 to 0.13 ms
//	compile 10 years                           0.38 to 0.46 ms; each calendar keeps 96 KB, its specification included
//
// The ranges are of three runs, one after the other, with two processors at loads of 6.1 to 6.6 before they began: other
// work had more than half of the machine, which doubles a median when it shares a turn, and the ratios hardly at all.
// Every time includes a call through a function value, about 2 ns. The aims were 25 ns for one origin and 40 ns for
// scattered ones, 10 ns for IsOpen, 50 times faster than Cacheable at 80 h, three years compiled in 1 ms, and 200 KB for
// ten years. The fastest turns reach them all but that of 2,000 h from one origin, which ends in another year than it
// began; medians under this load reach those for scattered origins mostly and those for one origin in some runs.
// Nothing is allocated.
//
// # Policies
//
// One policy of 22 rules (limits per role up to 50 and 500 EUR, exclusions by category and channel, three vouchers in 90 days,
// replacement within 14 days, compensation in a year, four eyes, two warranties, self-dealing) and 1,000 requests, always the same, about one
// remedy each: as rows, as rules in Go, as rows whose every condition is CEL (policy/cel), and on cel-go v0.33.2, expr v1.17.8, cedar-go
// v1.9.0, OPA v1.22.2 (a prepared query) and casbin v3.10.0. TestPolicyEnginesAgree shows that all agree on each verdict and on who has to
// approve, that every verdict occurs and that every rule fires.
//
// Ours are handed a request with what was given before, add up, and explain: every rule that fired, with reason, text for the customer and
// what it compared. Peers know true and false of one rule at a time, or which rules fired; the rest is code of ours that is measured with them: an
// index of the rules by kind of remedy (cel-go and expr), and what effects and roles mean. They cannot add up what was given on a case or in a
// window. "From the request" therefore has the adding up, in plain Go, and the conversion to the peer's types; "prepared" leaves both out for
// peers, and leaves nothing out for ours. In BenchmarkPolicyTurns all take turns of a fraction of a millisecond:
//
//	             from the request                              prepared
//	             median turn        times rows    allocations  median turn        times rows      allocations
//	rows         1.8 to 2.2 µs      1             1            1.5 to 1.9 µs      1               1
//	Go rules     2.8 to 3.5 µs      1.6 to 1.7    7            2.5 to 3.1 µs      1.5 to 1.6      6
//	policy/cel   28 to 35 µs        15.5 to 16.6  120          22 to 30 µs        14.7 to 15.7    119
//	cel-go       5.3 to 6.2 µs      2.8 to 3.0    17           1.4 to 2.0 µs      0.91 to 1.02    0
//	expr         3.1 to 3.7 µs      1.7 to 1.9    9            1.0 to 1.4 µs      0.68 to 0.71    5
//	cedar-go     30 to 36 µs        16.2 to 17.6  119          16 to 21 µs        10.4 to 10.9    74
//	OPA          40 to 55 µs        22.3 to 25.6  161          26 to 38 µs        15.8 to 19.8    79
//	casbin       0.66 to 0.84 ms    366 to 411    2,800        0.54 to 0.77 ms    356 to 398      2,800
//
// Six runs, with two processors at loads of 3.7 to 4.1 before they began: others had the most of the machine. The fastest turn of rows was 0.81 to
// 1.3 µs prepared. Allocations are means, from BenchmarkPolicyJudge and BenchmarkPolicyPrepared: a denial by no rule has nothing to allocate.
//
// Six later runs at loads of 3 to 5, with rows that pass over what is about other names at one glance: 2.2 to 2.7 µs, cedar-go 14.0 to 15.5 and
// cel-go 2.3 to 2.7 times rows from the request; 2.0 to 2.5 µs, 9.3 to 10.0 and 0.9 to 1.1 times prepared.
//
// The aims were 400 ns and two allocations for rows, and ten times faster than cedar-go and cel-go. The allocations and cedar-go are reached, from the
// request and prepared. The 400 ns are not, under this load. Nor is cel-go: rows are three times faster where it has to be told what was given, and
// as fast as 22 compiled expressions over numbers that somebody else added up; expr's, which explain nothing, are faster than rows by a third.
//
// What is done once, BenchmarkPolicySetUp, three runs at loads of 6.2 to 6.5:
//
//	rows         1.2 to 1.3 ms      cel-go     2.4 to 2.8 ms
//	Go rules     0.22 to 0.30 ms    expr       1.1 to 1.6 ms
//	policy/cel   12 to 15 ms        cedar-go   2.6 to 4.0 ms
//	                                OPA        4.5 to 5.7 ms
//	                                casbin     2.1 to 3.5 ms
//
// Rows are loaded with all the checks of a document, policy/cel with a new environment of types.
package bench
