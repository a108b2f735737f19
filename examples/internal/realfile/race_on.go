//go:build race

package realfile

// raceDetector says that the tests run under it, ten times as slowly.
const raceDetector = true
