-- Messages are edited, deleted, replied to, reacted to, and hidden by single
-- users. What a page of messages shows of all that is counted where it is
-- written, so that reading it costs the same however much there is.

-- +goose Up
ALTER TABLE message ADD COLUMN parent_id   BIGINT NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN reply_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN emoji_count BIGINT NOT NULL DEFAULT 0; -- different emojis
ALTER TABLE message ADD COLUMN mentions    TEXT   NOT NULL DEFAULT ''; -- as 3-9@102 for bytes 3 to 9 and user 102; # for channels
ALTER TABLE message ADD COLUMN edited_at   BIGINT NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN deleted_at  BIGINT NOT NULL DEFAULT 0;
CREATE INDEX message_by_parent ON message (parent_id, created_at, id) WHERE parent_id <> 0;

ALTER TABLE channel ADD COLUMN reply_count BIGINT NOT NULL DEFAULT 0; -- messages that are replies

-- The first of each emoji's users are shown in its summary.
CREATE TABLE reaction (
	application_id BIGINT  NOT NULL,
	message_id     BIGINT  NOT NULL,
	emoji          TEXT    NOT NULL,
	user_id        BIGINT  NOT NULL REFERENCES chat_user (id),
	shown          BOOLEAN NOT NULL,
	created_at     BIGINT  NOT NULL,
	PRIMARY KEY (message_id, emoji, user_id)
) WITHOUT ROWID;
CREATE INDEX reaction_by_time ON reaction (message_id, created_at, user_id);
CREATE INDEX reaction_by_emoji ON reaction (message_id, emoji, created_at);
CREATE INDEX reaction_shown ON reaction (message_id, emoji, created_at) WHERE shown;

CREATE TABLE reaction_summary (
	application_id BIGINT NOT NULL,
	message_id     BIGINT NOT NULL,
	emoji          TEXT   NOT NULL,
	count          BIGINT NOT NULL,
	created_at     BIGINT NOT NULL,
	PRIMARY KEY (message_id, emoji)
) WITHOUT ROWID;

-- Messages that a user deleted for themselves.
CREATE TABLE hidden_message (
	application_id BIGINT NOT NULL,
	user_id        BIGINT NOT NULL,
	channel_id     BIGINT NOT NULL,
	message_id     BIGINT NOT NULL,
	parent_id      BIGINT NOT NULL,
	PRIMARY KEY (user_id, channel_id, message_id)
) WITHOUT ROWID;
CREATE INDEX hidden_message_by_message ON hidden_message (message_id, user_id);

-- Who cleared the history, for messages that are deleted from before that.
CREATE INDEX membership_cleared ON membership (channel_id, cleared_at) WHERE cleared_at <> 0;
