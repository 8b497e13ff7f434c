-- +goose Up

-- Times are microseconds and days since 1970 in UTC; amounts are nano-dollars.

CREATE TABLE accounts (
	id      TEXT PRIMARY KEY,
	posted  INTEGER NOT NULL,
	granted INTEGER NOT NULL,
	spent   INTEGER NOT NULL,
	open    INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- What moved outside requests. What requests moved is in generations; entries is both.
CREATE TABLE transfers (
	ref    TEXT PRIMARY KEY,
	debit  TEXT NOT NULL,
	credit TEXT NOT NULL,
	amount INTEGER NOT NULL CHECK (amount > 0),
	at     INTEGER NOT NULL,
	note   TEXT NOT NULL
) WITHOUT ROWID;

-- The open ones only.
CREATE TABLE holds (
	id      TEXT PRIMARY KEY,
	account TEXT NOT NULL,
	key     TEXT NOT NULL,
	amount  INTEGER NOT NULL,
	byok    INTEGER NOT NULL,
	at      INTEGER NOT NULL,
	expires INTEGER NOT NULL
) WITHOUT ROWID;

-- n counts settlements in the order of their decision.
CREATE TABLE generations (
	n          INTEGER PRIMARY KEY,
	id         TEXT NOT NULL,
	upstream   TEXT NOT NULL,
	created    INTEGER NOT NULL,
	settled    INTEGER NOT NULL,
	account    TEXT NOT NULL,
	key        TEXT NOT NULL,
	model      TEXT NOT NULL,
	provider   TEXT NOT NULL,
	endpoint   TEXT NOT NULL,
	outcome    TEXT NOT NULL,
	prompt     INTEGER NOT NULL,
	completion INTEGER NOT NULL,
	cost       INTEGER NOT NULL CHECK (cost >= 0),
	loss       INTEGER NOT NULL CHECK (loss >= 0),
	byok       INTEGER NOT NULL CHECK (byok >= 0),
	detail     BLOB NOT NULL
);

-- Finds a generation by its own or its upstream's id: (n / 1024) << 40 + a hash of the id.
CREATE TABLE names (
	name INTEGER PRIMARY KEY,
	n    INTEGER NOT NULL
);

-- A settlement and its record are one row, so that the two cannot disagree.
CREATE VIEW entries AS
	SELECT ref, debit, credit, amount, at, note FROM transfers
	UNION ALL
	SELECT 'settle:' || id, account, 'system:revenue', cost, settled, '' FROM generations WHERE cost > 0
	UNION ALL
	SELECT 'loss:' || id, 'system:operator-loss', 'system:revenue', loss, settled, '' FROM generations WHERE loss > 0;

CREATE TABLE key_days (
	key      TEXT NOT NULL,
	day      INTEGER NOT NULL,
	spent    INTEGER NOT NULL,
	byok     INTEGER NOT NULL,
	requests INTEGER NOT NULL,
	PRIMARY KEY (key, day)
) WITHOUT ROWID;

CREATE TABLE keys (
	hash         TEXT PRIMARY KEY,
	label        TEXT NOT NULL,
	name         TEXT NOT NULL,
	management   INTEGER NOT NULL,
	account      TEXT NOT NULL,
	workspace    TEXT NOT NULL,
	creator      TEXT NOT NULL,
	disabled     INTEGER NOT NULL,
	created      INTEGER NOT NULL,
	updated      INTEGER,
	expires      INTEGER,
	cap          INTEGER,
	reset        TEXT NOT NULL,
	include_byok INTEGER NOT NULL
) WITHOUT ROWID;
