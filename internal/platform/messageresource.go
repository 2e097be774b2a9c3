package platform

import (
	"context"
	"unicode/utf8"

	"openkitty/internal/chat"
)

type emojiProperties struct {
	Aliases     []string `json:"aliases"`
	Character   string   `json:"character"`
	Description string   `json:"description"`
	Tags        []string `json:"tags"`
}

type messageReactionsSummaryProperties struct {
	Count int64                `json:"count"`
	Emoji emojiProperties      `json:"emoji"`
	Users []ChatUserProperties `json:"users" doc:"The first of those who reacted"`
}

type messageLinkPreviewImageProperties struct {
	Source string `json:"source"`
}

type messageLinkPreviewProperties struct {
	Description string                            `json:"description,omitempty"`
	Image       messageLinkPreviewImageProperties `json:"image"`
	SiteName    string                            `json:"site_name,omitempty"`
	Title       string                            `json:"title"`
	URL         string                            `json:"url"`
}

type messageLinkProperties struct {
	EndPosition   int                           `json:"end_position"`
	Preview       *messageLinkPreviewProperties `json:"preview,omitempty"`
	Source        string                        `json:"source"`
	StartPosition int                           `json:"start_position"`
}

type messageMentionChannelProperties struct {
	Type        string `json:"type" enum:"DIRECT,PUBLIC,PRIVATE"`
	ID          int64  `json:"id"`
	CreatedTime string `json:"created_time" format:"date-time"`
	DisplayName string `json:"display_name,omitempty"`
	Name        string `json:"name,omitempty"`
	Properties  object `json:"properties"`
}

type messageMentionProperties struct {
	Type          string                           `json:"type" enum:"CHANNEL,USER"`
	EndPosition   int                              `json:"end_position"`
	StartPosition int                              `json:"start_position"`
	Tag           string                           `json:"tag"`
	Channel       *messageMentionChannelProperties `json:"channel,omitempty"`
	User          *ChatUserProperties              `json:"user,omitempty"`
}

// MessageProperties is a message within another resource.
type MessageProperties struct {
	Type           string                              `json:"type" enum:"TEXT,FILE,SYSTEM_TEXT,SYSTEM_FILE"`
	ID             int64                               `json:"id"`
	ChannelID      int64                               `json:"channel_id"`
	CreatedTime    string                              `json:"created_time" format:"date-time"`
	GroupTag       string                              `json:"group_tag,omitempty"`
	LastEditedTime string                              `json:"last_edited_time,omitempty" format:"date-time"`
	NestedLevel    int                                 `json:"nested_level" doc:"0 in the main thread, 1 for replies"`
	Properties     object                              `json:"properties"`
	Reactions      []messageReactionsSummaryProperties `json:"reactions,omitempty"`
	RepliesCount   int64                               `json:"replies_count"`
	ReportCount    int64                               `json:"report_count,omitempty"`
	Body           *string                             `json:"body,omitempty" doc:"Of a text message"`
	Links          []messageLinkProperties             `json:"links,omitempty" doc:"Of a text message"`
	Mentions       []messageMentionProperties          `json:"mentions,omitempty" doc:"Of a text message"`
	File           *fileProperties                     `json:"file,omitempty" doc:"Of a file message"`
	User           *ChatUserProperties                 `json:"user,omitempty" doc:"The author; absent for system messages"`
}

type messageResource struct {
	MessageProperties
	HAL links `json:"_links,omitempty"`
}

func (a *API) messageProperties(m chat.Message) MessageProperties {
	p := MessageProperties{
		Type:         string(m.Type),
		ID:           int64(m.ID),
		ChannelID:    int64(m.Channel),
		CreatedTime:  timestamp(m.CreatedAt),
		GroupTag:     m.GroupTag,
		Properties:   object(m.Properties.JSON()),
		RepliesCount: m.Replies,
		ReportCount:  m.Reports,
	}
	if m.Parent != 0 {
		p.NestedLevel = 1
	}
	if !m.EditedAt.IsZero() {
		p.LastEditedTime = timestamp(m.EditedAt)
	}
	if m.Author != nil {
		author := a.userProperties(*m.Author)
		p.User = &author
	}
	for _, reaction := range m.Reactions {
		p.Reactions = append(p.Reactions, a.reactions(reaction))
	}
	if m.Type == chat.Text || m.Type == chat.SystemText {
		p.Body = &m.Body
		p.Links, p.Mentions = messageLinks(m), a.mentions(m)
	}
	if m.File != nil {
		p.File = a.file(m.Application, *m.File)
	}
	return p
}

func (a *API) message(ctx context.Context, m chat.Message) messageResource {
	all := links{
		"self":        a.href(ctx, "/messages/%d", m.ID),
		"channel":     a.href(ctx, "/channels/%d", m.Channel),
		"application": a.href(ctx, "/application"),
	}
	if m.Author != nil {
		all["user"] = a.href(ctx, "/users/%d", m.Author.ID)
	}
	return messageResource{a.messageProperties(m), all}
}

func (a *API) reactions(r chat.ReactionSummary) messageReactionsSummaryProperties {
	p := messageReactionsSummaryProperties{
		Count: r.Count,
		Emoji: emojiProperties{
			Aliases:     append([]string{}, r.Emoji.Aliases...),
			Character:   r.Emoji.Character,
			Description: r.Emoji.Description,
			Tags:        append([]string{}, r.Emoji.Tags...),
		},
		Users: []ChatUserProperties{},
	}
	for _, user := range r.Users {
		p.Users = append(p.Users, a.userProperties(user))
	}
	return p
}

func messageLinks(m chat.Message) (all []messageLinkProperties) {
	for _, l := range chat.Links(m.Body) {
		found := messageLinkProperties{
			EndPosition: position(m.Body, l.End), Source: l.Source, StartPosition: position(m.Body, l.Start),
		}
		if p := m.Preview(l.Source); p != nil {
			found.Preview = &messageLinkPreviewProperties{
				Description: p.Description, Image: messageLinkPreviewImageProperties{p.Image}, SiteName: p.Site, Title: p.Title, URL: p.URL,
			}
		}
		all = append(all, found)
	}
	return all
}

func (a *API) mentions(m chat.Message) (all []messageMentionProperties) {
	for _, mention := range m.Mentions {
		p := messageMentionProperties{
			Type: "USER", EndPosition: position(m.Body, mention.End), StartPosition: position(m.Body, mention.Start),
			Tag: m.Body[mention.Start:mention.End],
		}
		if c := mention.Channel; c != nil {
			p.Type = "CHANNEL"
			p.Channel = &messageMentionChannelProperties{
				Type: string(c.Type), ID: int64(c.ID), CreatedTime: timestamp(c.CreatedAt),
				DisplayName: c.DisplayName, Name: c.Name, Properties: object(c.Properties.JSON()),
			}
		} else {
			user := a.userProperties(*mention.User)
			p.User = &user
		}
		all = append(all, p)
	}
	return all
}

// position is a place in a body as JavaScript counts it, in UTF-16 code units.
func position(body string, at int) (units int) {
	for rest := body[:at]; rest != ""; units++ {
		r, size := utf8.DecodeRuneInString(rest)
		if r > 0xFFFF {
			units++
		}
		rest = rest[size:]
	}
	return units
}
