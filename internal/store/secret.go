package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
)

// secretSize is the length of a server's secret, in bytes.
const secretSize = 32

// Secret returns the server's secret of a name: random bytes, made when they
// are first asked for, and the same for every node from then on.
func (s *Store) Secret(ctx context.Context, name string) ([]byte, error) {
	secret, err := s.secret(ctx, name)
	if !errors.Is(err, sql.ErrNoRows) {
		return secret, err
	}
	err = s.Update(ctx, 0, func(tx *Tx) error {
		made := make([]byte, secretSize)
		rand.Read(made)
		return tx.exec(ctx, `
			INSERT INTO setting (name, value)
			VALUES ($1, $2)
			ON CONFLICT (name) DO NOTHING`,
			name, made)
	})
	if err != nil {
		return nil, fmt.Errorf("make the secret %s: %w", name, err)
	}
	return s.secret(ctx, name)
}

func (s *Store) secret(ctx context.Context, name string) ([]byte, error) {
	secret, err := one(ctx, s.db, scanValue[[]byte], `
		SELECT value
		FROM setting
		WHERE name = $1`,
		name)
	if err != nil {
		return nil, fmt.Errorf("read the secret %s: %w", name, err)
	}
	return secret, nil
}
