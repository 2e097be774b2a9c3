package store

import (
	"context"

	"openkitty/internal/chat"
)

// PutReport stores a user's report of a message, in place of an earlier one, and
// counts it. The time of the first stays.
func (tx *Tx) PutReport(ctx context.Context, app chat.ApplicationID, r chat.Report) (chat.Report, error) {
	created, err := one(ctx, tx.db, scanValue[int64], `
		INSERT INTO message_report (application_id, message_id, user_id, reason, properties, created_at)
		SELECT t.application_id, t.id, u.id, CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS BIGINT)
		FROM message t
		JOIN chat_user u ON u.application_id = t.application_id
		WHERE t.application_id = $1 AND t.id = $2 AND u.id = $3
		ON CONFLICT (message_id, user_id) DO UPDATE SET reason = excluded.reason, properties = excluded.properties
		RETURNING created_at`,
		app, r.Message, r.User.ID, r.Reason, string(r.Properties), r.CreatedAt.UnixMicro())
	if err != nil {
		return r, wrap(absent(err, chat.NoMessage(r.Message)), "report message %d", r.Message)
	}
	r.CreatedAt = moment(created)
	return r, tx.countReports(ctx, app, r.Message)
}

// RemoveReport takes a user's report of a message back. It refuses one that is
// not there.
func (tx *Tx) RemoveReport(ctx context.Context, app chat.ApplicationID, message chat.MessageID, user chat.UserID) error {
	_, err := one(ctx, tx.db, scanValue[chat.MessageID], `
		DELETE FROM message_report
		WHERE application_id = $1 AND message_id = $2 AND user_id = $3
		RETURNING message_id`,
		app, message, user)
	if err != nil {
		return wrap(absent(err, chat.NoReport(message)), "take back the report of message %d", message)
	}
	return tx.countReports(ctx, app, message)
}

func (tx *Tx) countReports(ctx context.Context, app chat.ApplicationID, message chat.MessageID) error {
	err := tx.exec(ctx, `
		UPDATE message
		SET report_count = (SELECT COUNT(*) FROM message_report p WHERE p.message_id = message.id)
		WHERE application_id = $1 AND id = $2`,
		app, message)
	return wrap(err, "count the reports of message %d", message)
}

// Reports returns a page of the reports of a message, the oldest first.
func (r Reader) Reports(ctx context.Context, app chat.ApplicationID, message chat.MessageID, p chat.PageRequest) (chat.Page[chat.Report], error) {
	var none chat.Page[chat.Report]
	k, err := byAge(p)
	if err != nil {
		return none, err
	}
	total, err := one(ctx, r.db, scanValue[int64], `
		SELECT t.report_count
		FROM message t
		WHERE t.application_id = $1 AND t.id = $2`,
		app, message)
	if err != nil {
		return none, wrap(absent(err, chat.NoMessage(message)), "count the reports of message %d", message)
	}
	reports, err := many(ctx, r.db, scanReport, `
		SELECT p.message_id, p.reason, p.properties, p.created_at, `+userColumns+`
		FROM message_report p
		JOIN chat_user u ON u.application_id = p.application_id AND u.id = p.user_id
		WHERE p.application_id = $1 AND p.message_id = $2 AND (p.created_at, p.user_id) `+k.beyond+` ($3, $4)
		ORDER BY p.created_at `+k.order+`, p.user_id `+k.order+`
		LIMIT $5`,
		app, message, k.time, k.id, k.fetch)
	if err != nil {
		return none, wrap(err, "list the reports of message %d", message)
	}
	return page(p, reports, total, func(r chat.Report) chat.Cursor {
		return timeCursor(r.CreatedAt.UnixMicro(), int64(r.User.ID))
	}), nil
}

func scanReport(r row) (chat.Report, error) {
	var report chat.Report
	var created int64
	var u userRow
	err := r.Scan(append([]any{&report.Message, &report.Reason, &report.Properties, &created}, u.into()...)...)
	report.User, report.CreatedAt = u.value(), moment(created)
	return report, err
}
