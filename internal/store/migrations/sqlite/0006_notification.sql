-- +goose Up

-- A notification has the place in its user's stream by which it is announced.
CREATE TABLE notification (
	id             INTEGER PRIMARY KEY AUTOINCREMENT,
	application_id BIGINT   NOT NULL,
	user_id        BIGINT   NOT NULL,
	sequence       BIGINT   NOT NULL,
	kind           SMALLINT NOT NULL,
	message_id     BIGINT   NOT NULL,
	mentioned_id   BIGINT   NOT NULL, -- the channel of a mention; zero for none
	muted          BOOLEAN  NOT NULL,
	created_at     BIGINT   NOT NULL,
	read_at        BIGINT   NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX notification_by_user ON notification (user_id, sequence);

-- What is left to notify in a channel: of walk_message_id, the channel's members
-- after walk_user_id, or those of a mentioned channel, and then all messages after
-- that. Zero if nothing is, however many messages were written.
ALTER TABLE channel ADD COLUMN walk_message_id   BIGINT NOT NULL DEFAULT 0;
ALTER TABLE channel ADD COLUMN walk_mentioned_id BIGINT NOT NULL DEFAULT 0; -- zero for the channel's own members
ALTER TABLE channel ADD COLUMN walk_user_id      BIGINT NOT NULL DEFAULT 0;
CREATE INDEX channel_walking ON channel (id) WHERE walk_message_id <> 0;

INSERT INTO sqlite_sequence (name, seq) VALUES ('notification', 100);
