-- Threads, reports of messages, and who may not enter a channel.

-- +goose Up
-- A channel's main thread holds what is neither a reply nor in another thread,
-- and has a row from the start; the replies to a message are a thread from the
-- first of them on; and others stand alone, with messages of their own.
CREATE TABLE thread (
	id             INTEGER PRIMARY KEY AUTOINCREMENT,
	application_id BIGINT  NOT NULL,
	channel_id     BIGINT  NOT NULL,
	type           TEXT    NOT NULL,
	message_id     BIGINT  NOT NULL, -- whose replies it holds, or zero
	name           TEXT    NOT NULL,
	properties     TEXT    NOT NULL,
	message_count  BIGINT  NOT NULL DEFAULT 0, -- of a standalone one
	created_at     BIGINT  NOT NULL
);
CREATE INDEX thread_by_time ON thread (channel_id, created_at, id);
CREATE INDEX thread_standalone ON thread (channel_id, created_at, id) WHERE type = 'STANDALONE';
CREATE UNIQUE INDEX thread_main ON thread (channel_id) WHERE type = 'MAIN';
CREATE UNIQUE INDEX thread_by_message ON thread (message_id) WHERE message_id <> 0;
INSERT INTO sqlite_sequence (name, seq) VALUES ('thread', 100);

ALTER TABLE channel ADD COLUMN thread_count     BIGINT NOT NULL DEFAULT 1; -- the main thread among them
ALTER TABLE channel ADD COLUMN standalone_count BIGINT NOT NULL DEFAULT 0;
INSERT INTO thread (application_id, channel_id, type, message_id, name, properties, created_at)
SELECT application_id, id, 'MAIN', 0, '', '', created_at FROM channel;
INSERT INTO thread (application_id, channel_id, type, message_id, name, properties, created_at)
SELECT t.application_id, t.channel_id, 'MESSAGE', t.id, '', '', t.created_at
FROM message t
JOIN channel c ON c.id = t.channel_id
WHERE t.reply_count > 0;
UPDATE channel SET thread_count = (SELECT COUNT(*) FROM thread WHERE thread.channel_id = channel.id);

ALTER TABLE message ADD COLUMN thread_id BIGINT NOT NULL DEFAULT 0; -- the standalone one it was written in, or zero
CREATE INDEX message_by_thread ON message (thread_id, created_at, id) WHERE thread_id <> 0;
ALTER TABLE hidden_message ADD COLUMN thread_id BIGINT NOT NULL DEFAULT 0;

-- Up to which moment a user has read a thread.
CREATE TABLE thread_position (
	application_id BIGINT NOT NULL,
	thread_id      BIGINT NOT NULL,
	user_id        BIGINT NOT NULL REFERENCES chat_user (id),
	read_to        BIGINT NOT NULL,
	PRIMARY KEY (thread_id, user_id)
) WITHOUT ROWID;

ALTER TABLE message ADD COLUMN report_count BIGINT NOT NULL DEFAULT 0;
CREATE TABLE message_report (
	application_id BIGINT NOT NULL,
	message_id     BIGINT NOT NULL,
	user_id        BIGINT NOT NULL REFERENCES chat_user (id),
	reason         TEXT   NOT NULL,
	properties     TEXT   NOT NULL,
	created_at     BIGINT NOT NULL,
	PRIMARY KEY (message_id, user_id)
) WITHOUT ROWID;
CREATE INDEX message_report_by_time ON message_report (message_id, created_at, user_id);

CREATE TABLE channel_block (
	id             INTEGER PRIMARY KEY AUTOINCREMENT,
	application_id BIGINT  NOT NULL,
	channel_id     BIGINT  NOT NULL,
	user_id        BIGINT  NOT NULL REFERENCES chat_user (id),
	created_at     BIGINT  NOT NULL
);
CREATE UNIQUE INDEX channel_block_by_user ON channel_block (user_id, channel_id);
CREATE INDEX channel_block_by_time ON channel_block (channel_id, created_at, id);
INSERT INTO sqlite_sequence (name, seq) VALUES ('channel_block', 100);
