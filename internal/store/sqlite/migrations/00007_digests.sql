-- +goose Up

-- What 1024 consecutive generations (n / 1024 = bucket) have among them, so that a search of the log
-- skips those that have nothing it looks for. Times are those of the columns of generations;
-- bits is a set of their values that may say yes wrongly and never no: package sqlite knows
-- its form. A bucket without a digest is read.
CREATE TABLE digests (
	bucket  INTEGER PRIMARY KEY,
	first   INTEGER NOT NULL, -- the least created
	last    INTEGER NOT NULL, -- the greatest created
	settled INTEGER NOT NULL, -- the greatest
	cost    INTEGER NOT NULL, -- the greatest
	latency INTEGER NOT NULL, -- the greatest, in ms
	bits    BLOB NOT NULL
);
