-- +goose Up

-- What is to be erased, until it is: all that a user left, or with user_id 0 the
-- messages of an application up to last_message_id.
CREATE TABLE erasure (
	application_id  BIGINT NOT NULL REFERENCES application (id),
	user_id         BIGINT NOT NULL,
	last_message_id BIGINT NOT NULL,
	PRIMARY KEY (application_id, user_id)
) WITHOUT ROWID;
CREATE INDEX reaction_by_user ON reaction (user_id, message_id, emoji);
CREATE INDEX message_report_by_user ON message_report (user_id, message_id);
CREATE INDEX user_session_by_user ON user_session (user_id, id);
CREATE INDEX message_deleted_import ON message (author_id, id) WHERE deleted_at <> 0 AND import_key <> '';
