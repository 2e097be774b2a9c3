package platform

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

func (a *API) registerExports() {
	export := func(kind chat.JobType) func(context.Context, *struct{}) (*reply[applicationJobResource], error) {
		return func(ctx context.Context, _ *struct{}) (*reply[applicationJobResource], error) {
			job, err := a.engine.Export(ctx, actorOf(ctx).Application, kind)
			return answer(a.job(ctx, job), err)
		}
	}
	huma.Register(a.huma, accepted(operation("export-message-analytics", http.MethodPost, "/analytics/messages",
		"Export messages, as they are imported", "read:message")), export(chat.MessageExport))
	huma.Register(a.huma, accepted(operation("export-user-analytics", http.MethodPost, "/analytics/users",
		"Export users, as they are imported", "read:user")), export(chat.UserExport))
	huma.Register(a.huma, ours(accepted(operation("export-channel-analytics", http.MethodPost, "/analytics/channels",
		"Export channels and their members, as they are imported", "read:channel"))), export(chat.ChannelExport))
	huma.Register(a.huma, ours(accepted(operation("export-application", http.MethodPost, "/analytics/application",
		"Export users, channels and messages, each by a job of its own, in the order in which they are imported",
		"read:user", "read:channel", "read:message"))), a.exportApplication)
}

type jobList struct {
	Embedded struct {
		Jobs []applicationJobResource `json:"jobs"`
	} `json:"_embedded"`
}

func (a *API) exportApplication(ctx context.Context, _ *struct{}) (*reply[jobList], error) {
	var list jobList
	for _, kind := range []chat.JobType{chat.UserExport, chat.ChannelExport, chat.MessageExport} {
		job, err := a.engine.Export(ctx, actorOf(ctx).Application, kind)
		if err != nil {
			return nil, err
		}
		list.Embedded.Jobs = append(list.Embedded.Jobs, a.job(ctx, job))
	}
	return &reply[jobList]{list}, nil
}
