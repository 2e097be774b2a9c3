-- What clients were sent and have handled outlives their connections, so that
-- they are given the rest when they return.

-- +goose Up

-- What a change can't be told again from without: who, and with what.
ALTER TABLE change ADD COLUMN actor  BIGINT NOT NULL DEFAULT 0;
ALTER TABLE change ADD COLUMN detail TEXT   NOT NULL DEFAULT '';

-- The id is a hash of the secret by which a client resumes its session. The
-- positions are in the gateway's own form.
CREATE TABLE client_session (
	id             BLOB   PRIMARY KEY NOT NULL,
	application_id BIGINT NOT NULL,
	user_id        BIGINT NOT NULL,
	positions      BLOB   NOT NULL,
	at             BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX client_session_by_user ON client_session (user_id, at);
CREATE INDEX client_session_by_time ON client_session (at, application_id);

-- Messages that were sent under a key, which a client that does not know whether
-- it was heard sends again.
CREATE TABLE message_key (
	application_id BIGINT NOT NULL,
	user_id        BIGINT NOT NULL,
	key            TEXT   NOT NULL,
	message_id     BIGINT NOT NULL,
	at             BIGINT NOT NULL,
	PRIMARY KEY (user_id, key)
) WITHOUT ROWID;
CREATE INDEX message_key_by_message ON message_key (message_id);
CREATE INDEX message_key_by_time ON message_key (at, application_id);
