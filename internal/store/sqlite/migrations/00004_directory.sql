-- +goose Up

-- Things that are few and kept whole: workspaces, members, guardrails, presets and the like.
CREATE TABLE things (
	kind TEXT NOT NULL,
	id   TEXT NOT NULL,
	doc  BLOB NOT NULL,
	PRIMARY KEY (kind, id)
) WITHOUT ROWID;

-- Who changed what. Each entry has the hash of the one before it.
CREATE TABLE audit (
	n        INTEGER PRIMARY KEY,
	at       INTEGER NOT NULL,
	account  TEXT NOT NULL,
	actor    TEXT NOT NULL,
	address  TEXT NOT NULL,
	action   TEXT NOT NULL,
	target   TEXT NOT NULL,
	detail   TEXT NOT NULL,
	previous BLOB NOT NULL,
	hash     BLOB NOT NULL
);

-- What few keys have, as JSON.
ALTER TABLE keys ADD COLUMN more TEXT NOT NULL DEFAULT '';
