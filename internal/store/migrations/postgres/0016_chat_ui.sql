-- What the chat UI of an application looks like and offers.

-- +goose Up
CREATE TABLE chat_ui (
	application_id BIGINT NOT NULL REFERENCES application (id),
	part           TEXT   NOT NULL,
	version        BIGINT NOT NULL, -- 1, 2, 3, … each time it is replaced
	body           TEXT   NOT NULL,
	PRIMARY KEY (application_id, part)
);
