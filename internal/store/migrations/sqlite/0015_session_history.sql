-- Which connections users had, and in which channels they chatted on them, for the
-- application to look at.

-- +goose Up
CREATE TABLE user_session (
	id             INTEGER PRIMARY KEY AUTOINCREMENT,
	application_id BIGINT NOT NULL,
	user_id        BIGINT NOT NULL,
	agent          TEXT   NOT NULL,
	created_at     BIGINT NOT NULL,
	ended_at       BIGINT NOT NULL -- zero while it lasts
);
CREATE INDEX user_session_by_id ON user_session ((application_id + 0), id);
CREATE INDEX user_session_active ON user_session ((application_id + 0), id) WHERE ended_at = 0;
CREATE INDEX user_session_by_end ON user_session (ended_at, application_id);

CREATE TABLE chat_session (
	id             INTEGER PRIMARY KEY AUTOINCREMENT,
	application_id BIGINT NOT NULL,
	session_id     BIGINT NOT NULL,
	channel_id     BIGINT NOT NULL,
	created_at     BIGINT NOT NULL,
	ended_at       BIGINT NOT NULL
);
CREATE INDEX chat_session_by_id ON chat_session ((application_id + 0), id);
CREATE INDEX chat_session_active ON chat_session ((application_id + 0), id) WHERE ended_at = 0;
CREATE INDEX chat_session_by_end ON chat_session (ended_at, application_id);
CREATE INDEX chat_session_by_channel ON chat_session (channel_id);

INSERT INTO sqlite_sequence (name, seq) VALUES ('user_session', 100), ('chat_session', 100);
