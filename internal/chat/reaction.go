package chat

import "time"

const (
	// EmojisMax is how many different emojis a message is reacted to with.
	EmojisMax = 20
	// ReactorsShown is how many users a summary names of those who reacted with
	// an emoji. The others are counted, and listed by pages.
	ReactorsShown = 10
)

// Reaction is what a user expressed about a message with an emoji. A user reacts
// to a message once with each.
type Reaction struct {
	Message   MessageID
	Emoji     Emoji
	User      User
	CreatedAt time.Time
}

// ReactionSummary is how often a message was reacted to with one emoji.
type ReactionSummary struct {
	Emoji Emoji
	Users []User // the first ReactorsShown, by the time of their reaction
	Count int64
}

// NoReaction refuses to take back a reaction that is not there.
func NoReaction(e Emoji) *Error {
	return Errorf(NotFound, "you have not reacted with %s", e.Character).Named("ReactionNotFoundError")
}

// CheckReaction refuses to react to a deleted message, or with one more emoji
// than a message can have.
func (m Message) CheckReaction(e Emoji) error {
	if m.Deleted() {
		return NoMessage(m.ID)
	}
	for _, summary := range m.Reactions {
		if summary.Emoji.Character == e.Character {
			return nil
		}
	}
	if len(m.Reactions) >= EmojisMax {
		return Errorf(Conflict, "a message has reactions with at most %d different emojis; use one that is there", EmojisMax).
			Named("TooManyEmojisError")
	}
	return nil
}
