-- +goose Up

-- The sums of an hour or a day that is over and has many facets, once more: part by part, so
-- that a query reads what it asks for and nothing else. Package analytics knows the parts and
-- their form. A pack whose sums change is deleted.
CREATE TABLE packs (
	grain   INTEGER NOT NULL,
	account TEXT NOT NULL,
	at      INTEGER NOT NULL,
	part    INTEGER NOT NULL,
	body    BLOB NOT NULL,
	PRIMARY KEY (grain, account, at, part)
) WITHOUT ROWID;

-- What begins before until has been packed where it is worth it; nothing later has a pack.
CREATE TABLE packed (
	grain INTEGER PRIMARY KEY,
	until INTEGER NOT NULL
);

INSERT INTO packed (grain, until) VALUES (3600, 0), (86400, 0);
