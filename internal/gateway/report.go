package gateway

import (
	"encoding/json"

	"openkitty/internal/chat"
)

// What answers whoever reports. No SDK listens for it.
const (
	messageReported = "user.message.reported"
	reportRemoved   = "user.message.report_removed"
)

func reportMessage(r *request) (*reply, error) {
	body, err := decode[struct {
		Reason     string
		Properties json.RawMessage
	}](r)
	if err != nil {
		return nil, err
	}
	properties, err := chat.ParseProperties(body.Properties)
	if err != nil {
		return nil, err
	}
	report, err := r.g.engine.ReportMessage(r.ctx, r.asker, chat.Report{
		Message: r.messageID(), Reason: body.Reason, Properties: properties,
	})
	if err != nil {
		return nil, err
	}
	return &reply{aspectMessages, messageReported, r.g.render.report(nil, &report)}, nil
}

func removeReport(r *request) (*reply, error) {
	message, err := r.g.engine.RemoveReport(r.ctx, r.asker, r.messageID())
	if err != nil {
		return nil, err
	}
	return &reply{aspectMessages, reportRemoved, r.g.render.message(nil, &message)}, nil
}

func countReports(r *request, dst []byte) ([]byte, error) {
	message, err := r.g.engine.Message(r.ctx, r.actor, r.messageID())
	return appendCount(dst, message.Reports), err
}

func listReports(r *request, dst []byte) ([]byte, error) {
	page, err := r.g.engine.Reports(r.ctx, r.actor, r.messageID(), r.options.PageRequest)
	if err != nil {
		return nil, err
	}
	return appendPage(dst, r.list, "reports", r.options, page, r.g.render.report), nil
}

// report writes a MessageReport.
func (r *renderer) report(dst []byte, report *chat.Report) []byte {
	dst = r.user(append(dst, `{"user":`...), &report.User)
	dst = appendString(append(dst, `,"reason":`...), report.Reason)
	dst = append(append(dst, `,"properties":`...), report.Properties.JSON()...)
	return append(appendTime(append(dst, `,"createdTime":`...), report.CreatedAt), '}')
}
