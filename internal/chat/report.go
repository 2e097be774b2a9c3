package chat

import (
	"time"
	"unicode/utf8"
)

// ReportReasonMax bounds the reason of a report, in characters.
const ReportReasonMax = 1000

// Report is what a user found wrong with a message. A user reports a message
// once; reporting it again replaces the reason.
type Report struct {
	Message    MessageID
	User       User
	Reason     string
	Properties Properties
	CreatedAt  time.Time
}

// Check reports what is wrong with the report.
func (r Report) Check() error {
	switch {
	case r.Reason == "":
		return Errorf(Invalid, "a report needs a reason")
	case utf8.RuneCountInString(r.Reason) > ReportReasonMax:
		return Errorf(Invalid, "the reason has more than %d characters", ReportReasonMax)
	case !utf8.ValidString(r.Reason):
		return Errorf(Invalid, "the reason is not valid UTF-8")
	}
	return nil
}

// CheckReport refuses to report a message that was deleted, or one's own.
func (m Message) CheckReport(by UserID) error {
	switch {
	case m.Deleted():
		return NoMessage(m.ID)
	case m.Author != nil && m.Author.ID == by:
		return Errorf(Denied, "message %d is your own: delete it instead", m.ID)
	}
	return nil
}

// CheckReports refuses everybody but managers to read who reported what.
func (c Channel) CheckReports(m *Membership) error {
	if err := c.CheckMember(m); err != nil {
		return err
	}
	if !c.Group() {
		return Errorf(Denied, "channel %d is direct: nobody in it reads reports", c.ID)
	}
	return c.checkManager(m)
}

// NoReport refuses to take back a report that is not there.
func NoReport(id MessageID) *Error {
	return Errorf(NotFound, "you have not reported message %d", id).Named("ReportNotFoundError")
}
