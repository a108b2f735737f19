// Package history keeps what happened, so that nothing is lost and nothing can be changed unnoticed.
package history
