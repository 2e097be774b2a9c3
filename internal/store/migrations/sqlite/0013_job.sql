-- Work that goes on after its request was answered. What it has done so far is
-- committed together with it, so that after a crash it goes on where it was.

-- +goose Up
CREATE TABLE job (
	id             INTEGER PRIMARY KEY AUTOINCREMENT,
	application_id BIGINT   NOT NULL REFERENCES application (id),
	type           TEXT     NOT NULL,
	state          TEXT     NOT NULL,
	channel_id     BIGINT   NOT NULL,
	file           TEXT     NOT NULL, -- in the data directory; empty once it is gone
	problem        TEXT     NOT NULL DEFAULT '',
	cancelled      BOOLEAN  NOT NULL DEFAULT FALSE,
	total          BIGINT   NOT NULL,
	done           BIGINT   NOT NULL DEFAULT 0,
	unchanged      BIGINT   NOT NULL DEFAULT 0,
	failed         BIGINT   NOT NULL DEFAULT 0,
	file_offset    BIGINT   NOT NULL DEFAULT 0, -- bytes of the file that are dealt with
	place          TEXT     NOT NULL DEFAULT '', -- where an export goes on
	created_at     BIGINT   NOT NULL,
	started_at     BIGINT   NOT NULL DEFAULT 0,
	ended_at       BIGINT   NOT NULL DEFAULT 0
);
CREATE INDEX job_by_application ON job (application_id, id);
CREATE INDEX job_unfinished ON job (id, application_id) WHERE ended_at = 0;
CREATE INDEX job_ended ON job (ended_at, id) WHERE ended_at <> 0;

CREATE TABLE job_problem (
	application_id BIGINT NOT NULL,
	job_id         BIGINT NOT NULL,
	line           BIGINT NOT NULL,
	reason         TEXT   NOT NULL,
	PRIMARY KEY (job_id, line)
) WITHOUT ROWID;

-- The keys that callers gave to what they imported: a key that comes again makes
-- nothing new. Those of users and channels are few and stand apart; there may be
-- as many of messages as there are messages. The kind is 1 for users and 2 for
-- channels.
CREATE TABLE import_key (
	application_id BIGINT   NOT NULL,
	kind           SMALLINT NOT NULL,
	key            TEXT     NOT NULL,
	subject        BIGINT   NOT NULL,
	PRIMARY KEY (application_id, kind, key)
) WITHOUT ROWID;
CREATE INDEX import_key_by_subject ON import_key (subject, kind);
ALTER TABLE message ADD COLUMN import_key TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX message_by_import_key ON message (application_id, import_key) WHERE import_key <> '';

INSERT INTO sqlite_sequence (name, seq) VALUES ('job', 100);
