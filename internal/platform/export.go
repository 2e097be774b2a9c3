package platform

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

// exportScopes are what it takes to begin an export, and to read its file.
var exportScopes = map[chat.JobType]string{
	chat.UserExport: "read:user", chat.ChannelExport: "read:channel", chat.MessageExport: "read:message",
}

func (a *API) registerExports() {
	export := func(kind chat.JobType) func(context.Context, *struct{}) (*reply[applicationJobResource], error) {
		return func(ctx context.Context, _ *struct{}) (*reply[applicationJobResource], error) {
			job, err := a.engine.Export(ctx, actorOf(ctx).Application, kind)
			return answer(a.job(ctx, job), err)
		}
	}
	huma.Register(a.huma, accepted(operation("export-message-analytics", http.MethodPost, "/analytics/messages",
		"Export messages, as they are imported", exportScopes[chat.MessageExport])), export(chat.MessageExport))
	huma.Register(a.huma, accepted(operation("export-user-analytics", http.MethodPost, "/analytics/users",
		"Export users, as they are imported", exportScopes[chat.UserExport])), export(chat.UserExport))
	huma.Register(a.huma, ours(accepted(operation("export-channel-analytics", http.MethodPost, "/analytics/channels",
		"Export channels and their members, as they are imported", exportScopes[chat.ChannelExport]))), export(chat.ChannelExport))
	huma.Register(a.huma, ours(accepted(operation("export-application", http.MethodPost, "/analytics/application",
		"Export users, channels and messages, each by a job of its own, in the order in which they are imported",
		exportScopes[chat.UserExport], exportScopes[chat.ChannelExport], exportScopes[chat.MessageExport]))), a.exportApplication)
}

type jobList struct {
	Embedded struct {
		Jobs []applicationJobResource `json:"jobs"`
	} `json:"_embedded"`
}

func (a *API) exportApplication(ctx context.Context, _ *struct{}) (*reply[jobList], error) {
	jobs, err := a.engine.ExportAll(ctx, actorOf(ctx).Application)
	var list jobList
	list.Embedded.Jobs = each(ctx, jobs, a.job)
	return answer(list, err)
}
