-- +goose Up

-- What somebody says of a generation; the last word of an account counts.
CREATE TABLE feedback (
	generation TEXT NOT NULL,
	account    TEXT NOT NULL,
	at         INTEGER NOT NULL,
	actor      TEXT NOT NULL,
	category   TEXT NOT NULL,
	comment    TEXT NOT NULL,
	PRIMARY KEY (generation, account)
) WITHOUT ROWID;
