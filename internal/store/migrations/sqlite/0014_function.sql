-- Chat functions, as they are stored: what runs them comes later.

-- +goose Up
-- The environment is sealed: it holds the secrets of other services.
CREATE TABLE runtime (
	application_id BIGINT NOT NULL PRIMARY KEY REFERENCES application (id),
	dependencies   TEXT   NOT NULL,
	environment    BLOB   NOT NULL,
	script         TEXT   NOT NULL
) WITHOUT ROWID;

CREATE TABLE function (
	id             INTEGER  PRIMARY KEY AUTOINCREMENT,
	application_id BIGINT   NOT NULL REFERENCES application (id),
	type           TEXT     NOT NULL,
	name           TEXT     NOT NULL,
	description    TEXT     NOT NULL,
	asynchronous   BOOLEAN  NOT NULL,
	enabled        BOOLEAN  NOT NULL DEFAULT FALSE,
	version        BIGINT   NOT NULL DEFAULT 0, -- that is deployed; 0 for none
	last_version   BIGINT   NOT NULL DEFAULT 0, -- that was made
	created_at     BIGINT   NOT NULL
);
CREATE INDEX function_by_application ON function (application_id, id);

CREATE TABLE function_version (
	id             INTEGER  PRIMARY KEY AUTOINCREMENT,
	application_id BIGINT   NOT NULL,
	function_id    BIGINT   NOT NULL,
	number         BIGINT   NOT NULL,
	source         TEXT     NOT NULL,
	hash           TEXT     NOT NULL,
	dependencies   TEXT     NOT NULL,
	created_at     BIGINT   NOT NULL,
	UNIQUE (function_id, number)
);

INSERT INTO sqlite_sequence (name, seq) VALUES ('function', 100), ('function_version', 100);
