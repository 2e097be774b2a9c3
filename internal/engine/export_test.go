package engine

import "openkitty/internal/chat"

// IsRetold reports whether it is settled how changes of a kind are told again.
func IsRetold(kind chat.ChangeKind) bool {
	_, settled := retold[kind]
	return settled
}
