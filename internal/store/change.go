package store

import (
	"context"
	"fmt"
	"time"

	"openkitty/internal/chat"
)

// streamID is the number that a stream is stored under.
func streamID(s chat.Stream) int64 {
	if s.Channel != 0 {
		return int64(s.Channel) * 2
	}
	return int64(s.User)*2 + 1
}

// Record advances a stream and leaves a change in it. It returns the change's
// sequence. Messages record themselves.
func (tx *Tx) Record(ctx context.Context, app chat.ApplicationID, s chat.Stream, kind chat.ChangeKind, subject int64, at time.Time) (int64, error) {
	sequence, err := tx.advance(ctx, app, s)
	if err != nil {
		return 0, err
	}
	return sequence, tx.insertChange(ctx, app, chat.Change{Stream: s, Sequence: sequence, Kind: kind, Subject: subject, At: at})
}

// advance takes the next number of a stream. Until the transaction ends it
// keeps others from doing so, and so numbers follow commits without gaps.
func (tx *Tx) advance(ctx context.Context, app chat.ApplicationID, s chat.Stream) (int64, error) {
	if s.Channel != 0 {
		sequence, err := one(ctx, tx.db, scanValue[int64], `
			UPDATE channel
			SET sequence = sequence + 1
			WHERE application_id = $1 AND id = $2
			RETURNING sequence`,
			app, s.Channel)
		if err != nil {
			return 0, fmt.Errorf("advance channel %d: %w", s.Channel, absent(err, chat.NoChannel(s.Channel)))
		}
		return sequence, nil
	}
	sequence, err := one(ctx, tx.db, scanValue[int64], `
		UPDATE chat_user
		SET sequence = sequence + 1
		WHERE application_id = $1 AND id = $2
		RETURNING sequence`,
		app, s.User)
	if err != nil {
		return 0, fmt.Errorf("advance user %d: %w", s.User, absent(err, chat.NoUser(s.User)))
	}
	tx.lane.turns.take(tx.call, s.User)
	return sequence, nil
}

// RecordBy is Record for a change that can't be told again from its subject
// alone: it also keeps who made it, and with what.
func (tx *Tx) RecordBy(ctx context.Context, app chat.ApplicationID, c chat.Change) (int64, error) {
	sequence, err := tx.advance(ctx, app, c.Stream)
	if err != nil {
		return 0, err
	}
	err = tx.exec(ctx, `
		INSERT INTO change (application_id, stream, sequence, kind, subject, at, actor, detail)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		app, streamID(c.Stream), sequence, int64(c.Kind), c.Subject, c.At.UnixMicro(), c.Actor, c.Detail)
	if err != nil {
		return 0, fmt.Errorf("record a change: %w", err)
	}
	return sequence, nil
}

func (tx *Tx) insertChange(ctx context.Context, app chat.ApplicationID, c chat.Change) error {
	err := tx.exec(ctx, `
		INSERT INTO change (application_id, stream, sequence, kind, subject, at)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		app, streamID(c.Stream), c.Sequence, int64(c.Kind), c.Subject, c.At.UnixMicro())
	if err != nil {
		return fmt.Errorf("record a change: %w", err)
	}
	return nil
}

// Changes returns up to limit changes of a stream that follow a sequence, in
// order.
func (r Reader) Changes(ctx context.Context, app chat.ApplicationID, s chat.Stream, after int64, limit int) ([]chat.Change, error) {
	changes, err := many(ctx, r.db, scanChange, `
		SELECT sequence, kind, subject, at, actor, detail
		FROM change
		WHERE application_id = $1 AND stream = $2 AND sequence > $3
		ORDER BY sequence
		LIMIT $4`,
		app, streamID(s), after, limit)
	if err != nil {
		return nil, fmt.Errorf("read changes: %w", err)
	}
	for i := range changes {
		changes[i].Stream = s
	}
	return changes, nil
}

func scanChange(r row) (chat.Change, error) {
	var c chat.Change
	var at int64
	err := r.Scan(&c.Sequence, &c.Kind, &c.Subject, &at, &c.Actor, &c.Detail)
	c.At = moment(at)
	return c, err
}

// Sequence returns the number of the latest change of a stream.
func (r Reader) Sequence(ctx context.Context, app chat.ApplicationID, s chat.Stream) (int64, error) {
	text, id, missing := `SELECT sequence FROM chat_user WHERE application_id = $1 AND id = $2`, int64(s.User), chat.NoUser(s.User)
	if s.Channel != 0 {
		text, id, missing = `SELECT sequence FROM channel WHERE application_id = $1 AND id = $2`, int64(s.Channel), chat.NoChannel(s.Channel)
	}
	sequence, err := one(ctx, r.db, scanValue[int64], text, app, id)
	if err != nil {
		return 0, fmt.Errorf("read the place of a stream: %w", absent(err, missing))
	}
	return sequence, nil
}
