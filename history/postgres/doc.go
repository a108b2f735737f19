// Package postgres keeps history in PostgreSQL.
package postgres

import (
	_ "github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/stretchr/testify/require"

	_ "github.com/amends-go/amends/history"
)
