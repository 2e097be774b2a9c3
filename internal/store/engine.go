package store

import (
	"context"
	"database/sql"
)

// engine is where SQLite and PostgreSQL differ; the statements do not.
type engine struct {
	name    string
	lanes   int // how many transactions may write side by side
	readers int // connections for reading, at most
	begin   string
	// checkpoints says that commits append to a log, from which somebody has to
	// move them.
	checkpoints bool
	unnamed     bool // its driver is faster with parameters that are written as ?
	// learn counts what the tables hold, for the plans of statements; empty if they
	// don't depend on it.
	learn string
	// reserve takes message ids: it returns the last of messageIDBlock new ones.
	reserve string
	// open makes a pool of at most so many connections.
	open func(connections int, p purpose) (*sql.DB, error)
	// migrate brings the tables up to this version.
	migrate func(context.Context, *sql.DB) error
	// undone reports whether an error of COMMIT says that nothing was kept.
	// Where it does not, running the transaction again could do it twice.
	undone func(error) bool
	// transient reports whether the same statements may succeed when run again.
	transient func(error) bool
}

// purpose is what connections are for.
type purpose bool

const (
	reading purpose = false
	writing purpose = true
)

// messageIDBlock is how many message ids a lane reserves at once. So many are
// lost at most, per lane, when a server ends or a transaction is undone.
const messageIDBlock = 64
