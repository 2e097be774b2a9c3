package gateway

import (
	"strconv"

	"openkitty/internal/chat"
)

var (
	blockRecorded = eventType{aspect: aspectUsers, name: "user.user_blocklist_item.created"}
	// userBlocked is only an answer: the promise of blockUser wants a user,
	// and the listener for the event above a block record.
	userBlocked   = eventType{aspect: aspectUsers, name: "user.user.blocked"}
	userUnblocked = eventType{aspect: aspectUsers, name: "user.user.unblocked"}
)

func blockUser(r *request) (*reply, error) {
	user, changed, err := r.g.engine.BlockUser(r.ctx, r.asker, r.userID())
	return r.answerAbout(user, changed, userBlocked), err
}

func unblockUser(r *request) (*reply, error) {
	user, changed, err := r.g.engine.UnblockUser(r.ctx, r.asker, r.userID())
	return r.answerAbout(user, changed, userUnblocked), err
}

// answerAbout answers a request that found nothing to change. Otherwise the
// event is the answer.
func (r *request) answerAbout(user chat.User, changed bool, t eventType) *reply {
	if changed {
		return nil
	}
	return &reply{aspect: t.aspect, name: t.name, resource: r.g.render.user(nil, &user)}
}

func listBlocks(r *request, dst []byte) ([]byte, error) {
	filter, err := r.userFilter()
	if err != nil {
		return nil, err
	}
	page, err := r.g.engine.Blocks(r.ctx, r.actor, filter, r.options.PageRequest)
	if err != nil {
		return nil, err
	}
	return appendPage(dst, r.list, "items", r.options, page, r.g.render.block), nil
}

// block writes a UserBlockedRecord, which older SDKs call UserBlockListItem.
func (r *renderer) block(dst []byte, b *chat.Block) []byte {
	dst = r.user(append(dst, `{"user":`...), &b.User)
	dst = appendTime(append(dst, `,"createdTime":`...), b.CreatedAt)
	dst = append(append(dst, `,"_actions":{"delete":"`...), usersBase...)
	return append(strconv.AppendInt(dst, int64(b.User.ID), 10), `.unblock"}}`...)
}

func (g *announcer) announceBlock(e chat.UserBlockAdded) {
	g.answerUser(e.Blocker, userBlocked, 0, e.Cause, func() []byte { return g.render.user(nil, &e.Block.User) })
	g.answerUser(e.Blocker, blockRecorded, e.Sequence, chat.Cause{}, func() []byte { return g.render.block(nil, &e.Block) })
}

func (g *announcer) announceUnblock(e chat.UserBlockRemoved) {
	g.answerUser(e.Blocker, userUnblocked, e.Sequence, e.Cause, func() []byte { return g.render.user(nil, &e.User) })
}
