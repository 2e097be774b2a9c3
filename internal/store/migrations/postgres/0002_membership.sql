-- Members leave, mute, hide and clear; channels are deleted.
--
-- A deleted channel's row goes at once, and with it everything that is reached
-- through it, in a time that does not grow with the channel. Its members,
-- messages and changes stay behind unreachable until they are removed in
-- batches: deleted_channel lists what is left to do. So memberships may outlive
-- their channel, and do not refer to it.

-- +goose Up
ALTER TABLE membership DROP CONSTRAINT membership_channel_id_fkey;
-- A member sees the messages created after cleared_at; cleared_count is how many
-- the channel had then, so that nobody has to count.
ALTER TABLE membership
	ADD COLUMN muted         BOOLEAN NOT NULL DEFAULT FALSE,
	ADD COLUMN hidden        BOOLEAN NOT NULL DEFAULT FALSE,
	ADD COLUMN cleared_at    BIGINT  NOT NULL DEFAULT 0,
	ADD COLUMN cleared_count BIGINT  NOT NULL DEFAULT 0;
CREATE INDEX membership_moderators ON membership (channel_id, display_name, user_id) WHERE moderator;

-- How many members hid the channel: while it is zero, a message has nobody to
-- show the channel to again.
ALTER TABLE channel ADD COLUMN hidden_count BIGINT NOT NULL DEFAULT 0;

CREATE TABLE deleted_channel (
	channel_id     BIGINT PRIMARY KEY NOT NULL,
	application_id BIGINT NOT NULL,
	deleted_at     BIGINT NOT NULL
);
