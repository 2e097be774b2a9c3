-- +goose Up

-- What a user chose to be seen as; empty for available. Of deleted users a row
-- remains, so that what they said has an author: it holds nothing of them.
ALTER TABLE chat_user ADD COLUMN status TEXT NOT NULL DEFAULT '';
ALTER TABLE chat_user ADD COLUMN deleted_at BIGINT NOT NULL DEFAULT 0;

-- How many blocks there are among the members of a direct channel. While it is
-- zero, which is nearly always, sending has nothing to ask.
ALTER TABLE channel ADD COLUMN blocks BIGINT NOT NULL DEFAULT 0;

CREATE TABLE user_block (
	application_id BIGINT NOT NULL,
	user_id        BIGINT NOT NULL REFERENCES chat_user (id), -- who blocks
	blocked_id     BIGINT NOT NULL REFERENCES chat_user (id),
	created_at     BIGINT NOT NULL,
	PRIMARY KEY (user_id, blocked_id)
) WITHOUT ROWID;
CREATE INDEX user_block_by_time ON user_block (user_id, created_at, blocked_id);
CREATE INDEX user_block_by_blocked ON user_block (blocked_id, user_id);

-- Who is online as others see it, for the filters of lists. The server that
-- runs knows better: the table is emptied at its start.
CREATE TABLE online_user (
	application_id BIGINT NOT NULL,
	user_id        BIGINT NOT NULL,
	PRIMARY KEY (application_id, user_id)
) WITHOUT ROWID;
