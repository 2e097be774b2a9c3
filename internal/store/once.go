package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"openkitty/internal/chat"
)

// requestsForgotten is how many outdated requests a new one clears away at most.
const requestsForgotten = 16

// BeginRequest notes a request that is to be done once, and reports whether it is
// the first with its key. It forgets some of those from before a time.
func (tx *Tx) BeginRequest(ctx context.Context, app chat.ApplicationID, key string, before time.Time) (first bool, err error) {
	if _, err := tx.ForgetRequests(ctx, before, requestsForgotten); err != nil {
		return false, err
	}
	_, err = one(ctx, tx.db, scanValue[string], `
		INSERT INTO idempotent_request (application_id, key, request_hash, status, answer, created_at)
		VALUES ($1, $2, $3, 0, $3, $4)
		ON CONFLICT (application_id, key) DO NOTHING
		RETURNING key`,
		app, key, []byte{}, tx.now.UnixMicro())
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, wrap(err, "note a request")
}

// ForgetRequests forgets up to limit requests of all applications from before a
// time, and returns how many that were.
func (tx *Tx) ForgetRequests(ctx context.Context, before time.Time, limit int) (int, error) {
	gone, err := many(ctx, tx.db, scanValue[chat.ApplicationID], `
		DELETE FROM idempotent_request
		WHERE (application_id, key) IN (
			SELECT o.application_id, o.key
			FROM idempotent_request o
			WHERE o.created_at < $1
			ORDER BY o.created_at
			LIMIT $2)
		RETURNING application_id`,
		before.UnixMicro(), limit)
	return len(gone), wrap(err, "forget outdated requests")
}

// FinishRequest keeps the answer to a request.
func (tx *Tx) FinishRequest(ctx context.Context, app chat.ApplicationID, key string, a chat.Answer) error {
	return wrap(tx.exec(ctx, `
		UPDATE idempotent_request
		SET request_hash = $3, status = $4, answer = $5
		WHERE application_id = $1 AND key = $2`,
		app, key, a.Hash, a.Status, a.Body), "keep the answer to a request")
}

// ForgetRequest undoes BeginRequest.
func (tx *Tx) ForgetRequest(ctx context.Context, app chat.ApplicationID, key string) error {
	return wrap(tx.exec(ctx, `
		DELETE FROM idempotent_request
		WHERE application_id = $1 AND key = $2`,
		app, key), "forget a request")
}

// Answer returns what a request was answered with; the status is zero if it was
// not.
func (r Reader) Answer(ctx context.Context, app chat.ApplicationID, key string) (chat.Answer, error) {
	a, err := one(ctx, r.db, func(row row) (a chat.Answer, err error) {
		err = row.Scan(&a.Hash, &a.Status, &a.Body)
		return a, err
	}, `
		SELECT request_hash, status, answer
		FROM idempotent_request
		WHERE application_id = $1 AND key = $2`,
		app, key)
	if err != nil {
		return a, fmt.Errorf("read the answer to a request: %w", absent(err, chat.Errorf(chat.NotFound, "there is no such request")))
	}
	return a, nil
}
