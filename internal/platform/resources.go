package platform

import (
	"context"

	"openkitty/internal/chat"
)

// Resources are what clients of the API see of the nouns of package chat. Their
// types are named as the published models. What is absent is left out.

type applicationResource struct {
	ID          int64  `json:"id"`
	CreatedTime string `json:"created_time"`
	Key         string `json:"key" doc:"The API key that client SDKs connect with"`
	Properties  object `json:"properties"`
	Links       links  `json:"_links,omitempty"`
}

func (a *API) application(ctx context.Context, app chat.Application) applicationResource {
	return applicationResource{
		ID:          int64(app.ID),
		CreatedTime: timestamp(app.CreatedAt),
		Key:         app.APIKey,
		Links:       links{"self": a.href(ctx, "/application")},
	}
}

type applicationFeatureSettingsProperties struct {
	GuestUsers          string `json:"guest_users" enum:"DISABLED,ENABLED"`
	UserCreatedChannels string `json:"user_created_channels" enum:"DISABLED,ENABLED"`
}

// applicationSettingsResource shows the settings twice: as the published client
// declares them, and as the published samples have them.
type applicationSettingsResource struct {
	applicationFeatureSettingsProperties
	Features applicationFeatureSettingsProperties `json:"features"`
	Links    links                                `json:"_links,omitempty"`
}

func (a *API) settings(ctx context.Context, s chat.Settings) applicationSettingsResource {
	features := applicationFeatureSettingsProperties{toggle(s.GuestUsers), toggle(s.UserCreatedChannels)}
	return applicationSettingsResource{features, features, links{"self": a.href(ctx, "/application/settings")}}
}

func toggle(on bool) string {
	if on {
		return "ENABLED"
	}
	return "DISABLED"
}
