-- Settings are stored by the names that administrators know them by, and only
-- where they are not the default.

-- +goose Up
UPDATE application
SET settings = replace(replace(settings,
	'"refuse_guests":true', '"guest_users":"DISABLED"'),
	'"refuse_user_channels":true', '"user_created_channels":"DISABLED"')
WHERE settings <> '{}';

-- Up to when the messages of a channel have been removed for their age.
ALTER TABLE channel ADD COLUMN expired_at BIGINT NOT NULL DEFAULT 0;

-- Places of deleted messages that nothing leads to any more.
CREATE INDEX message_places ON message (channel_id, deleted_at) WHERE deleted_at <> 0 AND reply_count = 0;

-- All is gone of the channel but its changes, which its members may still have to
-- be told of.
ALTER TABLE deleted_channel ADD COLUMN emptied BOOLEAN NOT NULL DEFAULT FALSE;
