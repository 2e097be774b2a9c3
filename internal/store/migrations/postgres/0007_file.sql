-- Messages carry files, users show pictures, and links have previews.
--
-- A blob is bytes that are kept outside of the database, once for each
-- application and digest, and how many files consist of them. Its place is never
-- used again: who removes the bytes of a blob that is gone can't hit others.

-- +goose Up
CREATE TABLE blob (
	application_id BIGINT NOT NULL,
	digest         TEXT COLLATE "C" NOT NULL, -- SHA-256, in hexadecimal
	place          TEXT COLLATE "C" NOT NULL UNIQUE,
	size           BIGINT NOT NULL,
	refs           BIGINT NOT NULL DEFAULT 0,
	used_at        BIGINT NOT NULL, -- when it was last uploaded, or lost a file
	PRIMARY KEY (application_id, digest)
);
CREATE INDEX blob_unused ON blob (used_at) WHERE refs = 0;

-- The file of a message, or with message_id 0 a picture of a user. Files
-- elsewhere have a url and no digest.
CREATE TABLE file (
	application_id BIGINT NOT NULL,
	key            TEXT COLLATE "C" NOT NULL,
	message_id     BIGINT NOT NULL,
	user_id        BIGINT NOT NULL,
	url            TEXT   NOT NULL,
	name           TEXT   NOT NULL,
	content_type   TEXT   NOT NULL,
	size           BIGINT NOT NULL,
	digest         TEXT   NOT NULL,
	width          BIGINT NOT NULL, -- pixels; 0 for what is no image
	height         BIGINT NOT NULL,
	thumbnail      TEXT   NOT NULL, -- digest; empty for none
	thumbnail_type TEXT   NOT NULL,
	created_at     BIGINT NOT NULL,
	PRIMARY KEY (application_id, key)
);
CREATE UNIQUE INDEX file_of_message ON file (message_id) WHERE message_id <> 0;
CREATE INDEX file_of_user ON file (user_id) WHERE message_id = 0;

CREATE INDEX message_files ON message (channel_id, created_at, id) WHERE type IN ('FILE', 'SYSTEM_FILE');
ALTER TABLE channel ADD COLUMN file_count       BIGINT NOT NULL DEFAULT 0; -- messages that are files
ALTER TABLE channel ADD COLUMN file_reply_count BIGINT NOT NULL DEFAULT 0; -- those of them that are replies

CREATE TABLE link_preview (
	application_id BIGINT NOT NULL,
	message_id     BIGINT NOT NULL,
	source         TEXT COLLATE "C" NOT NULL,
	url            TEXT   NOT NULL,
	title          TEXT   NOT NULL,
	image          TEXT   NOT NULL,
	description    TEXT   NOT NULL,
	site           TEXT   NOT NULL,
	PRIMARY KEY (message_id, source)
);
