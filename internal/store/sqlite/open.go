package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	driver "modernc.org/sqlite"
)

// Sync is what an acknowledged write has survived.
type Sync string

// The modes. Normal is the zero value's.
const (
	Normal Sync = "normal" // the end of the process, kill -9 too; a power cut may take the last moments
	Full   Sync = "full"   // a power cut; each batch waits for the disk
)

// Options may be the zero value.
type Options struct {
	Now        func() time.Time // for expiry and recovery; nil: time.Now
	Logger     *slog.Logger     // nil: slog.Default
	Sync       Sync             // "": Normal
	Linger     time.Duration    // how long a hold may wait to be written with its settlement; 0: 5 ms
	Lag        time.Duration    // how long what requests did may be in the journal alone; 0: 50 ms
	SweepEvery time.Duration    // how often expired holds are looked for; 0: 30 s
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Sync == "" {
		o.Sync = Normal
	}
	if o.Linger == 0 {
		o.Linger = 5 * time.Millisecond
	}
	if o.Lag == 0 {
		o.Lag = 50 * time.Millisecond
	}
	if o.SweepEvery == 0 {
		o.SweepEvery = 30 * time.Second
	}
	return o
}

// Open opens or creates the database at path, in a directory that exists. Holds that a
// crash left open are released and recorded as lost. The error says so when another
// process has the database.
func Open(path string, options Options) (*Store, error) {
	o := options.withDefaults()
	if o.Sync != Normal && o.Sync != Full {
		return nil, fmt.Errorf("open database %s: durability %q is neither %q nor %q", path, o.Sync, Normal, Full)
	}
	owner, err := lock(path)
	if err != nil {
		return nil, err
	}
	s, err := open(path, o)
	if err != nil {
		owner.Close()
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	s.owner = owner
	s.start()
	return s, nil
}

func open(path string, o Options) (*Store, error) {
	// SQLite gives its other files the mode of this one.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	f.Close()
	c, err := connect(path, o.Sync)
	if err != nil {
		return nil, err
	}
	s, err := openStore(path, c, o)
	if err != nil {
		c.Close()
		return nil, err
	}
	second, err := connect(path, o.Sync)
	if err != nil {
		s.read.Close()
		s.journal.file.Close()
		c.Close()
		return nil, err
	}
	s.loops.Go(func() { s.checkpoints(second) })
	return s, nil
}

func openStore(path string, c conn, o Options) (*Store, error) {
	if err := migrate(path, c); err != nil {
		return nil, err
	}
	w, err := newWriter(c)
	if err != nil {
		return nil, err
	}
	j, err := openJournal(path, o.Sync == Full)
	if err != nil {
		return nil, err
	}
	read, err := readers(path)
	if err != nil {
		j.file.Close()
		return nil, err
	}
	s := newStore(w, j, read, o)
	s.path = path
	if err := s.load(context.Background()); err != nil {
		read.Close()
		j.file.Close()
		return nil, err
	}
	return s, nil
}

func dataSource(path, query string) (string, error) {
	abs, err := filepath.Abs(path)
	return "file:" + (&url.URL{Path: abs}).EscapedPath() + "?" + query, err
}

// connect opens the one connection that writes. In WAL mode without a sync at each commit
// SQLite loses nothing when the process dies: its writes are the system's by then.
func connect(path string, sync Sync) (conn, error) {
	dsn, err := dataSource(path, "")
	if err != nil {
		return conn{}, err
	}
	d, err := new(driver.Driver).Open(dsn)
	if err != nil {
		return conn{}, err
	}
	c := keeping(d)
	for _, pragma := range []string{
		"PRAGMA journal_mode = WAL",
		"PRAGMA synchronous = " + string(sync),
		"PRAGMA cache_size = -8192",         // KiB
		"PRAGMA wal_autocheckpoint = 32000", // pages, 128 MiB: see checkpoints
		"PRAGMA journal_size_limit = 67108864",
		"PRAGMA busy_timeout = 5000",
		"PRAGMA temp_store = MEMORY",
	} {
		if err := c.run(pragma); err != nil {
			c.Close()
			return conn{}, fmt.Errorf("%s: %w", pragma, err)
		}
	}
	return c, nil
}

// readers is the pool for queries.
func readers(path string) (*sql.DB, error) {
	dsn, err := dataSource(path, "_pragma=busy_timeout(5000)&_pragma=query_only(1)&_pragma=cache_size(-2048)")
	if err != nil {
		return nil, err
	}
	return pool(dsn, mostTallies+mostLooks+2)
}

func pool(dsn string, size int) (*sql.DB, error) {
	connector, err := driver.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(size)
	return db, nil
}

//go:embed migrations/*.sql
var migrations embed.FS

// schemaVersion is the number of the newest migration.
const schemaVersion = 10

// migrate brings the schema up to date. The version is in the file's header too, so that
// an up-to-date database costs one read instead of the migration tool's start.
func migrate(path string, c conn) error {
	have, err := c.number("PRAGMA user_version")
	if err != nil {
		return err
	}
	if have > schemaVersion {
		return fmt.Errorf("its schema %d is newer than the %d this program knows; run the newer program", have, schemaVersion)
	}
	if have == schemaVersion {
		return nil
	}
	dsn, err := dataSource(path, "_pragma=busy_timeout(5000)&_pragma=synchronous(normal)")
	if err != nil {
		return err
	}
	db, err := pool(dsn, 1)
	if err != nil {
		return err
	}
	defer db.Close()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithGoMigrations(separateLogs))
	if err != nil {
		return err
	}
	if _, err := p.Up(context.Background()); err != nil {
		return fmt.Errorf("migrate the schema from %d to %d: %w", have, schemaVersion, err)
	}
	return c.run(fmt.Sprintf("PRAGMA user_version = %d", schemaVersion))
}
