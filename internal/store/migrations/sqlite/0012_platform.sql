-- +goose Up

-- Who may use the Platform API as an application. The first is the application's
-- own, whose client_id the table application repeats. After a rotation the secret
-- before works until previous_until.
CREATE TABLE credential (
	id             INTEGER PRIMARY KEY AUTOINCREMENT,
	application_id BIGINT NOT NULL REFERENCES application (id),
	client_id      TEXT   NOT NULL UNIQUE,
	name           TEXT   NOT NULL,
	scopes         TEXT   NOT NULL, -- separated by spaces
	secret_hash    BLOB   NOT NULL,
	previous_hash  BLOB   NOT NULL,
	previous_until BIGINT NOT NULL,
	created_at     BIGINT NOT NULL
);
CREATE INDEX credential_by_application ON credential (application_id, id);
INSERT INTO sqlite_sequence (name, seq) VALUES ('credential', 100);
INSERT INTO credential (application_id, client_id, name, scopes, secret_hash, previous_hash, previous_until, created_at)
SELECT id, client_id, 'default', 'create:* read:* update:* delete:*', client_secret_hash, client_secret_hash, 0, created_at
FROM application
ORDER BY id;
ALTER TABLE application DROP COLUMN client_secret_hash;

-- API keys that an application has beside its first.
CREATE TABLE api_key (
	id             INTEGER PRIMARY KEY AUTOINCREMENT,
	application_id BIGINT NOT NULL REFERENCES application (id),
	value          TEXT   NOT NULL UNIQUE,
	name           TEXT   NOT NULL,
	created_at     BIGINT NOT NULL
);
CREATE INDEX api_key_by_application ON api_key (application_id, id);

-- Values are sealed with a key of the table setting.
CREATE TABLE user_secret (
	application_id BIGINT NOT NULL,
	user_id        BIGINT NOT NULL REFERENCES chat_user (id),
	name           TEXT   NOT NULL,
	value          BLOB   NOT NULL,
	PRIMARY KEY (user_id, name)
) WITHOUT ROWID;

-- What became of requests with an Idempotency-Key. A row without an answer is of
-- a request under way, or of one during which the server ended. Answers are sealed.
CREATE TABLE idempotent_request (
	application_id BIGINT   NOT NULL,
	key            TEXT     NOT NULL,
	request_hash   BLOB     NOT NULL,
	status         SMALLINT NOT NULL,
	answer         BLOB     NOT NULL,
	created_at     BIGINT   NOT NULL,
	PRIMARY KEY (application_id, key)
) WITHOUT ROWID;
CREATE INDEX idempotent_request_by_time ON idempotent_request (created_at);

CREATE TABLE channel_invite (
	id             INTEGER PRIMARY KEY AUTOINCREMENT,
	application_id BIGINT NOT NULL,
	channel_id     BIGINT NOT NULL,
	user_id        BIGINT NOT NULL REFERENCES chat_user (id),
	created_at     BIGINT NOT NULL,
	UNIQUE (channel_id, user_id)
);
CREATE INDEX channel_invite_by_user ON channel_invite (user_id);

-- The orders that an application's own lists are read in. SQLite, which guesses
-- without statistics, would walk them for queries that are about single users and
-- channels: so they are indexes on an expression, for those alone who ask for it.
CREATE INDEX chat_user_by_id ON chat_user ((application_id + 0), id) WHERE deleted_at = 0;
CREATE INDEX chat_user_by_name ON chat_user ((application_id + 0), name, id) WHERE deleted_at = 0;
CREATE INDEX chat_user_by_time ON chat_user ((application_id + 0), created_at, id) WHERE deleted_at = 0;
CREATE INDEX channel_by_id ON channel ((application_id + 0), id);
CREATE INDEX channel_by_time ON channel ((application_id + 0), created_at, id);
CREATE INDEX membership_by_time ON membership (channel_id, joined_at, user_id);
CREATE INDEX message_by_application ON message ((application_id + 0), created_at, id) WHERE deleted_at = 0;
CREATE INDEX message_reported ON message (channel_id, created_at, id) WHERE report_count > 0;
CREATE INDEX message_by_author_time ON message (author_id, created_at, id) WHERE deleted_at = 0;

INSERT INTO sqlite_sequence (name, seq) VALUES ('api_key', 100), ('channel_invite', 100);
