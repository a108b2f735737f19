// Package faults breaks things: processes, connections, disks, clocks, databases and records. Its tests show that what amends
// promises holds all the same. README.md says what is broken, how to run it, and which figures came of it.
package faults
