// Package sqlite keeps history in SQLite.
package sqlite
