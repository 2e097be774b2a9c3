-- Members leave, mute, hide and clear; channels are deleted.
--
-- A deleted channel's row goes at once, and with it everything that is reached
-- through it, in a time that does not grow with the channel. Its members,
-- messages and changes stay behind unreachable until they are removed in
-- batches: deleted_channel lists what is left to do. So memberships may outlive
-- their channel, and do not refer to it.

-- +goose Up
-- A member sees the messages created after cleared_at; cleared_count is how many
-- the channel had then, so that nobody has to count.
CREATE TABLE membership_0002 (
	application_id BIGINT  NOT NULL,
	channel_id     BIGINT  NOT NULL,
	user_id        BIGINT  NOT NULL REFERENCES chat_user (id),
	display_name   TEXT    NOT NULL,
	moderator      BOOLEAN NOT NULL,
	joined_at      BIGINT  NOT NULL,
	muted          BOOLEAN NOT NULL DEFAULT FALSE,
	hidden         BOOLEAN NOT NULL DEFAULT FALSE,
	cleared_at     BIGINT  NOT NULL DEFAULT 0,
	cleared_count  BIGINT  NOT NULL DEFAULT 0,
	PRIMARY KEY (channel_id, user_id)
) WITHOUT ROWID;
INSERT INTO membership_0002 (application_id, channel_id, user_id, display_name, moderator, joined_at)
SELECT application_id, channel_id, user_id, display_name, moderator, joined_at FROM membership;
DROP TABLE membership;
ALTER TABLE membership_0002 RENAME TO membership;
CREATE INDEX membership_by_user ON membership (user_id, channel_id, application_id);
CREATE INDEX membership_by_display_name ON membership (channel_id, display_name, user_id);
CREATE INDEX membership_moderators ON membership (channel_id, display_name, user_id) WHERE moderator;

-- How many members hid the channel: while it is zero, a message has nobody to
-- show the channel to again.
ALTER TABLE channel ADD COLUMN hidden_count BIGINT NOT NULL DEFAULT 0;

CREATE TABLE deleted_channel (
	channel_id     BIGINT PRIMARY KEY NOT NULL,
	application_id BIGINT NOT NULL,
	deleted_at     BIGINT NOT NULL
) WITHOUT ROWID;
