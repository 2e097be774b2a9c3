package chat

import "time"

// APIKey names an application to connecting SDKs. It is public.
type APIKey struct {
	ID        int64 // zero for the first of an application
	Value     string
	Name      string
	CreatedAt time.Time
}
