-- +goose Up

-- What is spent counts for the key (scope 0), the member whose key it is (1) and the
-- workspace (2), each with limits of its own.
CREATE TABLE uses (
	scope    INTEGER NOT NULL,
	name     TEXT NOT NULL,
	day      INTEGER NOT NULL,
	spent    INTEGER NOT NULL,
	byok     INTEGER NOT NULL,
	requests INTEGER NOT NULL,
	PRIMARY KEY (scope, name, day)
) WITHOUT ROWID;

INSERT INTO uses SELECT 0, key, day, spent, byok, requests FROM key_days;
INSERT INTO uses SELECT 1, creator, day, sum(spent), sum(byok), sum(requests)
	FROM key_days JOIN keys ON hash = key WHERE creator <> '' GROUP BY creator, day;
INSERT INTO uses SELECT 2, workspace, day, sum(spent), sum(byok), sum(requests)
	FROM key_days JOIN keys ON hash = key WHERE workspace <> '' GROUP BY workspace, day;
DROP TABLE key_days;

ALTER TABLE holds ADD COLUMN member TEXT NOT NULL DEFAULT '';
ALTER TABLE holds ADD COLUMN workspace TEXT NOT NULL DEFAULT '';
ALTER TABLE generations ADD COLUMN member TEXT NOT NULL DEFAULT '';
ALTER TABLE generations ADD COLUMN workspace TEXT NOT NULL DEFAULT '';

UPDATE generations SET
	member = coalesce((SELECT creator FROM keys WHERE hash = key), ''),
	workspace = coalesce((SELECT workspace FROM keys WHERE hash = key), '');
