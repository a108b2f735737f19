// Package riverqueue makes River (github.com/riverqueue/river) keep the time of a desk's cases.
package riverqueue
