-- +goose Up

-- The number of the last entry of the journal that is in this database.
CREATE TABLE journal (
	one INTEGER PRIMARY KEY CHECK (one = 1),
	got INTEGER NOT NULL
);

INSERT INTO journal (one, got) VALUES (1, 0);
