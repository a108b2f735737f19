//go:build race

package main_test

// raceDetector says that the tests run under it, ten times as slowly.
const raceDetector = true
