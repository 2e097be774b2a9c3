package engine

import (
	"context"
	"fmt"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// requestMemory is how long the answer to a request that is done once is kept.
const requestMemory = 24 * time.Hour

// BeginRequest notes that a request with a key is being done. If one was done
// before, it returns its answer instead. It refuses a key whose request is under
// way, or was when the server ended: whether that was done, nobody can tell, and
// it is not done twice.
func (e *Engine) BeginRequest(ctx context.Context, actor chat.Actor, key string) (earlier *chat.Answer, err error) {
	err = e.store.Update(ctx, 0, func(tx *store.Tx) error {
		earlier = nil
		first, err := tx.BeginRequest(ctx, actor.Application, key, tx.Now().Add(-requestMemory))
		if err != nil || first {
			return err
		}
		answer, err := tx.Answer(ctx, actor.Application, key)
		if err != nil {
			return err
		}
		if answer.Status == 0 {
			return chat.Errorf(chat.Conflict, "the request with this key is under way, or was when the server ended; look before you repeat it with another key").
				Named("IdempotencyKeyInUseError")
		}
		answer.Body, err = e.sealer.open(answer.Body, answerPlace(actor, key))
		earlier = &answer
		return err
	})
	return earlier, err
}

// FinishRequest keeps the answer to a request, also if the client is gone.
func (e *Engine) FinishRequest(ctx context.Context, actor chat.Actor, key string, a chat.Answer) error {
	a.Body, ctx = e.sealer.seal(a.Body, answerPlace(actor, key)), context.WithoutCancel(ctx)
	return e.store.Update(ctx, 0, func(tx *store.Tx) error {
		return tx.FinishRequest(ctx, actor.Application, key, a)
	})
}

// ForgetRequest lets a request be tried again, also if the client is gone.
func (e *Engine) ForgetRequest(ctx context.Context, actor chat.Actor, key string) error {
	ctx = context.WithoutCancel(ctx)
	return e.store.Update(ctx, 0, func(tx *store.Tx) error {
		return tx.ForgetRequest(ctx, actor.Application, key)
	})
}

func answerPlace(actor chat.Actor, key string) string {
	return fmt.Sprintf("answer %d %s", actor.Application, key)
}
