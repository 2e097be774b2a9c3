-- Messages of a channel are numbered 1, 2, 3, … without gaps, deleted ones
-- included. So what a member has not read is a difference of two numbers, less
-- what is found in the indexes below.

-- +goose Up
ALTER TABLE channel ADD COLUMN posted_count BIGINT NOT NULL DEFAULT 0; -- the latest message's number
ALTER TABLE message ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
UPDATE message
SET number = numbered.number
FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY channel_id ORDER BY created_at, id) AS number FROM message) AS numbered
WHERE numbered.id = message.id;
UPDATE channel
SET posted_count = COALESCE((SELECT COUNT(*) FROM message WHERE message.channel_id = channel.id), 0);
CREATE INDEX message_deleted ON message (channel_id, number, author_id, application_id) WHERE deleted_at <> 0;

-- A member has read up to read_number, and does not count as unread what is up
-- to seen_number: read, or from before the member came or cleared the history.
-- Whoever wrote after sent_from has seen what came before that; sent_number is the
-- member's latest message. After the member set a message unread, what it wrote
-- from then on, up to when it did that, may be among what it has not seen.
ALTER TABLE membership ADD COLUMN read_number     BIGINT NOT NULL DEFAULT 0;
ALTER TABLE membership ADD COLUMN read_message_id BIGINT NOT NULL DEFAULT 0; -- the message of that number, or the last before it
ALTER TABLE membership ADD COLUMN read_at         BIGINT NOT NULL DEFAULT 0;
ALTER TABLE membership ADD COLUMN seen_number     BIGINT NOT NULL DEFAULT 0;
ALTER TABLE membership ADD COLUMN sent_from       BIGINT NOT NULL DEFAULT 0;
ALTER TABLE membership ADD COLUMN sent_number     BIGINT NOT NULL DEFAULT 0;
ALTER TABLE membership ADD COLUMN unread_since    BIGINT NOT NULL DEFAULT 0;
ALTER TABLE membership ADD COLUMN unread_until    BIGINT NOT NULL DEFAULT 0;
UPDATE membership
SET seen_number = COALESCE((SELECT posted_count FROM channel WHERE channel.id = membership.channel_id), 0);
UPDATE membership SET sent_from = seen_number;
UPDATE membership
SET sent_number = sent.number
FROM (SELECT channel_id, author_id, MAX(number) AS number FROM message GROUP BY channel_id, author_id) AS sent
WHERE sent.channel_id = membership.channel_id AND sent.author_id = membership.user_id;
CREATE INDEX membership_by_read ON membership (channel_id, read_number, user_id) WHERE read_number <> 0;
