// Package archive keeps what users said, on disk and sealed: responses for the clients that
// asked for it, prompts and answers for workspaces that switched it on. Each kind is a file of its
// own beside the ledger's, so that it is in one place, which can be taken away alone. Start with Open.
package archive

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	driver "modernc.org/sqlite"
)

// KeySize is the length of the key that everything is sealed under, in bytes.
const KeySize = 32

// ErrNotFound is the answer for what is not there, has expired, or belongs to another.
var ErrNotFound = errors.New("archive: not found")

// Options bound an archive. All are required.
type Options struct {
	Life func(owner string) time.Duration // of an entry, from when it was put; it may change
	Room int64                            // bytes of sealed entries; the oldest make room
	Now  func() time.Time                 // for what expires while nobody puts anything
	Log  *slog.Logger
}

// Entry is what was asked and what was answered, in the form of whoever keeps it.
type Entry struct{ Input, Response []byte }

// Archive is safe for concurrent use. It is written seldom and by few: each call is a
// transaction.
type Archive struct {
	Options
	path string
	db   *sql.DB
	key  []byte
	used atomic.Int64 // bytes of sealed entries
	stop chan struct{}
	loop sync.WaitGroup
}

// Open opens or makes the file at path, in a directory that exists. The key has KeySize
// random bytes that nothing else uses; under another key than before nothing is found.
func Open(path string, key []byte, o Options) (*Archive, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("archive: the key has %d bytes; it must have %d", len(key), KeySize)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) // before SQLite makes it readable for others
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	f.Close()
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	q := url.Values{"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(NORMAL)", "secure_delete(ON)"}, "_txlock": {"immediate"}}
	connector, err := driver.NewConnector("file:" + (&url.URL{Path: abs}).EscapedPath() + "?" + q.Encode())
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(4)
	if _, err := db.Exec(`CREATE TABLE IF NOT EXISTS responses (
		owner TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, salt BLOB NOT NULL, sealed BLOB NOT NULL,
		PRIMARY KEY (owner, id)) STRICT;
		CREATE INDEX IF NOT EXISTS responses_at ON responses (at)`); err != nil {
		db.Close()
		return nil, fmt.Errorf("archive: %w", err)
	}
	a := &Archive{Options: o, path: path, db: db, key: key, stop: make(chan struct{})}
	if err := a.measure(context.Background()); err != nil {
		db.Close()
		return nil, err
	}
	a.loop.Go(a.expire)
	return a, nil
}

// Size is the bytes on disk.
func (a *Archive) Size() (int64, error) {
	info, err := os.Stat(a.path)
	if err != nil {
		return 0, fmt.Errorf("archive: %w", err)
	}
	return info.Size(), nil
}

// Close ends the archive.
func (a *Archive) Close() error {
	close(a.stop)
	a.loop.Wait()
	return a.db.Close()
}

// expire takes out what has expired, at the start and then from time to time.
func (a *Archive) expire() {
	tick := time.NewTicker(expireEvery)
	defer tick.Stop()
	for {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		if err := a.Expire(ctx, a.Now()); err != nil {
			a.Log.Warn("what has expired was not taken out; it is tried again", "err", err)
		}
		cancel()
		select {
		case <-tick.C:
		case <-a.stop:
			return
		}
	}
}

// expireEvery is how late an entry may go from the disk after its time; it is not found then.
const expireEvery = 10 * time.Minute

// Put keeps an entry under an owner's id, in the place of an earlier one, and takes out
// what has to make room. It is on disk when Put returns.
func (a *Archive) Put(ctx context.Context, owner, id string, e Entry, now time.Time) error {
	var salt [sha256.Size]byte
	rand.Read(salt[:]) // never fails: the runtime ends the process instead
	seal, err := a.seal(owner, id, salt[:])
	if err != nil {
		return err
	}
	plain := binary.AppendUvarint(nil, uint64(len(e.Input)))
	plain = append(append(plain, e.Input...), e.Response...)
	sealed := seal.Seal(nil, make([]byte, seal.NonceSize()), plain, nil)
	if int64(len(sealed)) > a.Room {
		return fmt.Errorf("archive: %d bytes are more than there is room for", len(sealed))
	}
	if _, err := a.db.ExecContext(ctx, `INSERT OR REPLACE INTO responses (owner, id, at, salt, sealed) VALUES (?, ?, ?, ?, ?)`,
		owner, id, now.UnixMicro(), salt[:], sealed); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	if a.used.Add(int64(len(sealed))) <= a.Room {
		return nil
	}
	return a.makeRoom(ctx)
}

// makeRoom takes the oldest out, and a tenth more than it must, so that not each Put that
// follows has to.
func (a *Archive) makeRoom(ctx context.Context) error {
	if err := a.measure(ctx); err != nil || a.used.Load() <= a.Room { // what was replaced or deleted is not taken off before
		return err
	}
	_, err := a.db.ExecContext(ctx, `DELETE FROM responses WHERE (owner, id) IN (SELECT owner, id FROM (
		SELECT owner, id, sum(length(sealed)) OVER (ORDER BY at DESC, owner, id) AS used FROM responses) WHERE used > ?)`, a.Room-a.Room/10)
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	return a.measure(ctx)
}

// measure counts what is there.
func (a *Archive) measure(ctx context.Context) error {
	var used int64
	if err := a.db.QueryRowContext(ctx, `SELECT coalesce(sum(length(sealed)), 0) FROM responses`).Scan(&used); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	a.used.Store(used)
	return nil
}

// Get is an owner's entry.
func (a *Archive) Get(ctx context.Context, owner, id string, now time.Time) (Entry, error) {
	var salt, sealed []byte
	err := a.db.QueryRowContext(ctx, `SELECT salt, sealed FROM responses WHERE owner = ? AND id = ? AND at > ?`,
		owner, id, now.Add(-a.Life(owner)).UnixMicro()).Scan(&salt, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return Entry{}, ErrNotFound
	} else if err != nil {
		return Entry{}, fmt.Errorf("archive: %w", err)
	}
	seal, err := a.seal(owner, id, salt)
	if err != nil {
		return Entry{}, err
	}
	plain, err := seal.Open(nil, make([]byte, seal.NonceSize()), sealed, nil)
	if err != nil {
		return Entry{}, ErrNotFound // another key, or another's bytes
	}
	n, size := binary.Uvarint(plain)
	if size <= 0 || n > uint64(len(plain)-size) {
		return Entry{}, ErrNotFound
	}
	return Entry{Input: plain[size : size+int(n)], Response: plain[size+int(n):]}, nil
}

// Delete takes an owner's entry out.
func (a *Archive) Delete(ctx context.Context, owner, id string) error {
	done, err := a.db.ExecContext(ctx, `DELETE FROM responses WHERE owner = ? AND id = ?`, owner, id)
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrNotFound)
	}
	return nil
}

// Expire takes out what has expired.
func (a *Archive) Expire(ctx context.Context, now time.Time) error {
	owners, err := a.owners(ctx)
	if err != nil {
		return err
	}
	for _, owner := range owners {
		if _, err := a.db.ExecContext(ctx, `DELETE FROM responses WHERE owner = ? AND at <= ?`, owner, now.Add(-a.Life(owner)).UnixMicro()); err != nil {
			return fmt.Errorf("archive: %w", err)
		}
	}
	return a.measure(ctx)
}

func (a *Archive) owners(ctx context.Context) (owners []string, err error) {
	rows, err := a.db.QueryContext(ctx, `SELECT DISTINCT owner FROM responses`)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var owner string
		if err := rows.Scan(&owner); err != nil {
			return nil, fmt.Errorf("archive: %w", err)
		}
		owners = append(owners, owner)
	}
	return owners, rows.Err()
}

// seal is the cipher of one entry: AES-256-GCM under a key derived for it alone (HKDF with
// SHA-256, RFC 5869) from its salt, owner and id. No two entries share a key, so the nonce
// may be zero, and an entry moved to another's place does not open.
func (a *Archive) seal(owner, id string, salt []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, a.key, salt, owner+"\x00"+id, KeySize)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	return cipher.NewGCM(block)
}

// Key reads the key at path, or makes one there that only its owner may read.
func Key(path string) ([]byte, error) {
	key := make([]byte, KeySize)
	rand.Read(key)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		key, err = os.ReadFile(path)
		if err == nil && len(key) != KeySize {
			err = fmt.Errorf("%s has %d bytes; it must have %d random ones", path, len(key), KeySize)
		}
		return key, err
	} else if err != nil {
		return nil, err
	}
	if _, err = f.Write(key); err == nil {
		err = f.Sync()
	}
	return key, errors.Join(err, f.Close())
}
