-- +goose Up

-- What a request is counted under. A facet is written once and never changed.
CREATE TABLE facets (
	id        INTEGER PRIMARY KEY,
	workspace TEXT NOT NULL,
	member    TEXT NOT NULL,
	key       TEXT NOT NULL,
	model     TEXT NOT NULL,
	provider  TEXT NOT NULL,
	endpoint  TEXT NOT NULL,
	app       TEXT NOT NULL,
	origin    TEXT NOT NULL,
	api       TEXT NOT NULL,
	outcome   TEXT NOT NULL,
	byok      INTEGER NOT NULL,
	UNIQUE (key, model, endpoint, app, origin, outcome, api, byok, member, workspace, provider)
);

-- Sums over the generations of an account that began in one hour (grain 3600) or day
-- (86400) under one facet; at is when that began, in seconds since 1970. first and last are the least and
-- the greatest n of them. rest is what has no column: package analytics knows its form.
CREATE TABLE rollups (
	grain      INTEGER NOT NULL,
	account    TEXT NOT NULL,
	at         INTEGER NOT NULL,
	facet      INTEGER NOT NULL,
	first      INTEGER NOT NULL,
	last       INTEGER NOT NULL,
	requests   INTEGER NOT NULL,
	cost       INTEGER NOT NULL,
	loss       INTEGER NOT NULL,
	byok_cost  INTEGER NOT NULL,
	prompt     INTEGER NOT NULL,
	completion INTEGER NOT NULL,
	rest       BLOB NOT NULL,
	PRIMARY KEY (grain, account, at, facet)
) WITHOUT ROWID;

-- Generations after n = until are counted as they are written, those up to it by and by: up
-- to n = got they are.
CREATE TABLE counted (
	one   INTEGER PRIMARY KEY CHECK (one = 1),
	got   INTEGER NOT NULL,
	until INTEGER NOT NULL
);

INSERT INTO counted SELECT 1, 0, coalesce(max(n), 0) FROM generations;
