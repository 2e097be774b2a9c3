-- +goose Up

-- What is to be erased, until it is: all that a user left, or with user_id 0 the
-- messages of an application up to last_message_id.
CREATE TABLE erasure (
	application_id  BIGINT NOT NULL REFERENCES application (id),
	user_id         BIGINT NOT NULL,
	last_message_id BIGINT NOT NULL,
	PRIMARY KEY (application_id, user_id)
);
CREATE INDEX reaction_by_user ON reaction (user_id, message_id, emoji);
CREATE INDEX message_report_by_user ON message_report (user_id, message_id);
CREATE INDEX user_session_by_user ON user_session (user_id, id);
CREATE INDEX message_deleted_import ON message (author_id, id) WHERE deleted_at <> 0 AND import_key <> '';

-- The other orders and filters of lists.
CREATE INDEX chat_user_by_shown_name ON chat_user ((application_id + 0), display_name, id) WHERE deleted_at = 0;
CREATE INDEX channel_by_name ON channel ((application_id + 0), name, id);
CREATE INDEX channel_by_display_name ON channel ((application_id + 0), display_name, id);
CREATE INDEX channel_by_type ON channel ((application_id + 0), type, id);
CREATE INDEX membership_moderators_by_id ON membership (channel_id, user_id) WHERE moderator;
CREATE INDEX membership_moderators_by_time ON membership (channel_id, joined_at, user_id) WHERE moderator;
CREATE INDEX channel_invite_by_id ON channel_invite (channel_id, id);
CREATE INDEX channel_invite_by_time ON channel_invite (channel_id, created_at, id);
CREATE INDEX message_reported_by_id ON message (channel_id, id) WHERE report_count > 0;
CREATE INDEX message_reported_by_count ON message (channel_id, (report_count + 0), id) WHERE report_count > 0;
CREATE INDEX user_session_by_time ON user_session ((application_id + 0), created_at, id);
CREATE INDEX user_session_by_ending ON user_session ((application_id + 0), ended_at, id);
CREATE INDEX user_session_ended ON user_session ((application_id + 0), id) WHERE ended_at <> 0;
CREATE INDEX chat_session_by_time ON chat_session ((application_id + 0), created_at, id);
CREATE INDEX chat_session_by_ending ON chat_session ((application_id + 0), ended_at, id);
CREATE INDEX chat_session_ended ON chat_session ((application_id + 0), id) WHERE ended_at <> 0;
CREATE INDEX job_by_time ON job (application_id, created_at, id);
CREATE INDEX job_by_ending ON job (application_id, ended_at, id);
CREATE INDEX job_running ON job (application_id, id) WHERE ended_at = 0;

-- Nobody lists what was deleted.
DROP INDEX message_by_time;
CREATE INDEX message_by_time ON message (channel_id, created_at, id) WHERE deleted_at = 0;
DROP INDEX message_files;
CREATE INDEX message_files ON message (channel_id, created_at, id) WHERE type IN ('FILE', 'SYSTEM_FILE') AND deleted_at = 0;
