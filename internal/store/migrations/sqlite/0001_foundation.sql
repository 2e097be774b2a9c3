-- Every query filters by application_id. Ids are unique among applications, so
-- indexes begin with the id that narrows most; an index on an application's
-- lists begins with application_id. (If more did, SQLite, which guesses without
-- statistics, would walk all memberships of an application to find a user's.)
-- Times are microseconds since 1970. Zero stands for "none" where an id may be
-- missing. Ids start above 1: SQLite plans a statement again whenever a bound
-- value changes to or from 0 or 1.

-- +goose Up
CREATE TABLE application (
	id                 INTEGER PRIMARY KEY AUTOINCREMENT,
	name               TEXT    NOT NULL UNIQUE,
	api_key            TEXT    NOT NULL UNIQUE,
	client_id          TEXT    NOT NULL UNIQUE,
	client_secret_hash BLOB    NOT NULL,
	settings           TEXT    NOT NULL,
	created_at         BIGINT  NOT NULL
);

-- What belongs to the server as a whole.
CREATE TABLE setting (
	name  TEXT PRIMARY KEY NOT NULL,
	value BLOB NOT NULL
) WITHOUT ROWID;

-- The last id that was handed out of what lanes number themselves. PostgreSQL
-- has a sequence for it.
CREATE TABLE sequence (
	name  TEXT   PRIMARY KEY NOT NULL,
	value BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE chat_user (
	id             INTEGER PRIMARY KEY AUTOINCREMENT,
	application_id BIGINT  NOT NULL REFERENCES application (id),
	name           TEXT    NOT NULL,
	display_name   TEXT    NOT NULL,
	search         TEXT    NOT NULL, -- both names in lower case, made in Go: the engines' lower() differ
	picture        TEXT    NOT NULL,
	guest          BOOLEAN NOT NULL,
	properties     TEXT    NOT NULL,
	sequence       BIGINT  NOT NULL DEFAULT 0,
	created_at     BIGINT  NOT NULL,
	UNIQUE (application_id, name)
);
CREATE INDEX chat_user_by_display_name ON chat_user (application_id, display_name, id);

CREATE TABLE channel (
	id              INTEGER PRIMARY KEY AUTOINCREMENT,
	application_id  BIGINT  NOT NULL REFERENCES application (id),
	type            TEXT    NOT NULL,
	name            TEXT    NOT NULL,
	display_name    TEXT    NOT NULL,
	search          TEXT    NOT NULL,
	creator_id      BIGINT  NOT NULL,
	properties      TEXT    NOT NULL,
	direct_key      TEXT    NOT NULL,
	sequence        BIGINT  NOT NULL DEFAULT 0,
	member_count    BIGINT  NOT NULL DEFAULT 0,
	message_count   BIGINT  NOT NULL DEFAULT 0,
	last_message_id BIGINT  NOT NULL DEFAULT 0,
	active_at       BIGINT  NOT NULL,
	created_at      BIGINT  NOT NULL,
	UNIQUE (application_id, name)
);
CREATE UNIQUE INDEX channel_by_direct_key ON channel (application_id, direct_key) WHERE direct_key <> '';
CREATE INDEX channel_public ON channel (application_id, active_at, id) WHERE type = 'PUBLIC';

-- The display name is the user's, copied so that a page of members is a range
-- of an index however many members there are.
CREATE TABLE membership (
	application_id BIGINT  NOT NULL,
	channel_id     BIGINT  NOT NULL REFERENCES channel (id),
	user_id        BIGINT  NOT NULL REFERENCES chat_user (id),
	display_name   TEXT    NOT NULL,
	moderator      BOOLEAN NOT NULL,
	joined_at      BIGINT  NOT NULL,
	PRIMARY KEY (channel_id, user_id)
) WITHOUT ROWID;
CREATE INDEX membership_by_user ON membership (user_id, channel_id, application_id);
CREATE INDEX membership_by_display_name ON membership (channel_id, display_name, user_id);

CREATE TABLE message (
	id             INTEGER PRIMARY KEY,
	application_id BIGINT  NOT NULL,
	channel_id     BIGINT  NOT NULL,
	type           TEXT    NOT NULL,
	author_id      BIGINT  NOT NULL,
	body           TEXT    NOT NULL,
	group_tag      TEXT    NOT NULL,
	properties     TEXT    NOT NULL,
	sequence       BIGINT  NOT NULL,
	created_at     BIGINT  NOT NULL
);
CREATE INDEX message_by_time ON message (channel_id, created_at, id);

-- A stream is twice the id of a channel, or twice the id of a user and one.
CREATE TABLE change (
	application_id BIGINT   NOT NULL,
	stream         BIGINT   NOT NULL,
	sequence       BIGINT   NOT NULL,
	kind           SMALLINT NOT NULL,
	subject        BIGINT   NOT NULL,
	at             BIGINT   NOT NULL,
	PRIMARY KEY (stream, sequence)
) WITHOUT ROWID;

INSERT INTO sqlite_sequence (name, seq) VALUES ('application', 100), ('chat_user', 100), ('channel', 100);
INSERT INTO sequence (name, value) VALUES ('message', 128);
