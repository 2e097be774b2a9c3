package gateway

import (
	"strconv"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
)

type emojiBody struct{ Emoji string }

func react(r *request) (*reply, error) {
	body, err := decode[emojiBody](r)
	if err != nil {
		return nil, err
	}
	reaction, added, err := r.g.engine.React(r.ctx, r.asker, r.messageID(), body.Emoji)
	if err != nil || added {
		return nil, err
	}
	return &reply{aspectReactions, reactionCreated.name, r.g.render.reaction(nil, &reaction)}, nil
}

func removeReaction(r *request) (*reply, error) {
	body, err := decode[emojiBody](r)
	if err != nil {
		return nil, err
	}
	return nil, r.g.engine.RemoveReaction(r.ctx, r.asker, r.messageID(), body.Emoji)
}

func listReactions(r *request, dst []byte) ([]byte, error) {
	page, err := r.g.engine.Reactions(r.ctx, r.actor, r.messageID(), r.options.PageRequest)
	if err != nil {
		return nil, err
	}
	return appendPage(dst, r.list, "reactions", r.options, page, r.g.render.reaction), nil
}

func (g *announcer) announceReaction(e chat.ReactionChanged) {
	at := position{"c", int64(e.Channel), e.Sequence}
	g.publish(toChannel(e.Channel), either(e.Removed, reactionRemoved, reactionCreated), at, e.Cause, func(p *broker.Publication) {
		p.Resource = g.render.reaction(nil, &e.Reaction)
	})
}

// reaction writes a Reaction.
func (r *renderer) reaction(dst []byte, reaction *chat.Reaction) []byte {
	dst = appendEmoji(append(dst, `{"emoji":`...), reaction.Emoji)
	dst = r.user(append(dst, `,"user":`...), &reaction.User)
	dst = appendTime(append(dst, `,"createdTime":`...), reaction.CreatedAt)
	dst = append(append(dst, `,"_relays":{"message":"`...), messagesBase...)
	return append(strconv.AppendInt(dst, int64(reaction.Message), 10), `.relay"}}`...)
}

// reactionSummary writes a ReactionSummary.
func (r *renderer) reactionSummary(dst []byte, s *chat.ReactionSummary) []byte {
	dst = appendEmoji(append(dst, `{"emoji":`...), s.Emoji)
	dst = appendList(append(dst, `,"users":`...), s.Users, r.user)
	return append(strconv.AppendInt(append(dst, `,"count":`...), s.Count, 10), '}')
}

func appendEmoji(dst []byte, e chat.Emoji) []byte {
	text := func(dst []byte, text *string) []byte { return appendString(dst, *text) }
	dst = appendString(append(dst, `{"character":`...), e.Character)
	dst = appendString(append(dst, `,"description":`...), e.Description)
	dst = appendList(append(dst, `,"aliases":`...), e.Aliases, text)
	dst = appendList(append(dst, `,"tags":`...), e.Tags, text)
	return append(dst, '}')
}
