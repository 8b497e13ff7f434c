package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/store/storetest"
)

// lagged is a store whose database gets nothing by itself but every 256th record.
func lagged(t *testing.T) (*Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.db")
	s := mustOpen(t, path, Options{Lag: time.Hour})
	storetest.Fund(t, s, "acme", 1000)
	return s, path
}

// pay places and settles a hold; what it returns of has been acknowledged.
func pay(t *testing.T, s *Store, id string, cost money.Amount) {
	t.Helper()
	if err := s.Place(t.Context(), testHold(id)); err != nil {
		t.Fatal(err)
	}
	if _, err := settleTest(s, id, cost); err != nil {
		t.Fatal(err)
	}
}

// crashed copies database and journal as they are, as after kill -9, and opens the copy.
func crashed(t *testing.T, path string, journal []byte) *Store {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy.db")
	for _, suffix := range []string{"", "-wal"} {
		raw, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to+suffix, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(to+journalName, journal, 0o600); err != nil {
		t.Fatal(err)
	}
	return mustOpen(t, to, Options{})
}

func spent(t *testing.T, s *Store) money.Amount {
	t.Helper()
	bal, err := s.Balance(t.Context(), "acme")
	if err != nil || bal.Held != 0 {
		t.Fatalf("%+v %v", bal, err)
	}
	return bal.Spent
}

func TestJournalHasWhatTheDatabaseHasNot(t *testing.T) {
	t.Parallel()
	s, path := lagged(t)
	defer s.Close()
	for i := range 10 {
		pay(t, s, fmt.Sprint("gen-", i), 7)
	}
	var n int
	if err := s.read.QueryRow(`SELECT count(*) FROM generations`).Scan(&n); err != nil || n != 0 {
		t.Fatalf("%d records in the database (%v): nothing is tested", n, err)
	}
	journal, err := os.ReadFile(path + journalName)
	if err != nil {
		t.Fatal(err)
	}
	again := crashed(t, path, journal)
	defer again.Close()
	clean(t, again)
	if got := spent(t, again); got != 70 {
		t.Errorf("spent %d after the crash, want 70", got)
	}
	if rec, err := again.Generation(t.Context(), "gen-9"); err != nil || rec.Cost != 7 {
		t.Errorf("%+v %v", rec, err)
	}
	if rec, err := s.Generation(t.Context(), "gen-9"); err != nil || rec.Cost != 7 { // also without a crash
		t.Errorf("%+v %v", rec, err)
	}
}

// Holds that are kept back are no reason to write to the database what the journal has.
func TestOpenHoldsLeaveTheDatabaseAlone(t *testing.T) {
	t.Parallel()
	s, _ := lagged(t)
	defer s.Close()
	pay(t, s, "gen-0", 7)
	if err := s.Place(t.Context(), testHold("open")); err != nil {
		t.Fatal(err)
	}
	for range 3 { // the third is taken when the first has been dealt with
		s.wake <- struct{}{}
	}
	var n int
	if err := s.read.QueryRow(`SELECT count(*) FROM generations`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d records in the database (%v), want them in the journal alone", n, err)
	}
}

// A crash after the database got the entries and before the journal began again, and one
// when the journal has begun again over older entries.
func TestNoEntryCountsTwice(t *testing.T) {
	t.Parallel()
	s, path := lagged(t)
	defer s.Close()
	for i := range 5 {
		pay(t, s, fmt.Sprint("gen-", i), 7)
	}
	before, err := os.ReadFile(path + journalName)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.catchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := crashed(t, path, before)
	defer again.Close()
	clean(t, again)
	if got := spent(t, again); got != 35 {
		t.Errorf("spent %d, want 35", got)
	}
	pay(t, s, "gen-5", 7)
	after, err := os.ReadFile(path + journalName)
	if err != nil || len(after) != len(before) {
		t.Fatalf("the file does not begin again: %d bytes, then %d (%v)", len(before), len(after), err)
	}
	again = crashed(t, path, after)
	defer again.Close()
	clean(t, again)
	if got := spent(t, again); got != 42 {
		t.Errorf("spent %d, want 42", got)
	}
}

// A journal cut anywhere, or with any byte wrong, gives the entries before that.
func TestTornJournal(t *testing.T) {
	t.Parallel()
	s, path := lagged(t)
	defer s.Close()
	var ends []int64
	for i := range 4 {
		pay(t, s, fmt.Sprint("gen-", i), 7)
		info, err := os.Stat(path + journalName)
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, info.Size())
	}
	whole, err := os.ReadFile(path + journalName)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 400 {
		at := rng.IntN(len(whole))
		torn := append([]byte(nil), whole[:at]...)
		if rng.IntN(2) == 0 {
			torn = append(torn, whole[at]^0x41)
			torn = append(torn, whole[at+1:]...)
		}
		want := 0
		for want < len(ends) && ends[want] <= int64(at) {
			want++
		}
		if b := readEntries(t, torn); len(b.rows) != want {
			t.Fatalf("torn at %d of %d: %d entries, want %d", at, len(whole), len(b.rows), want)
		}
	}
}

func readEntries(t *testing.T, raw []byte) *batch {
	t.Helper()
	path := filepath.Join(t.TempDir(), "j")
	if err := os.WriteFile(path+journalName, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := openJournal(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer j.close(false)
	b, err := j.entries(0)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The database is full, the journal is not: what is acknowledged is kept there.
func TestFullDatabaseKeepsTheJournal(t *testing.T) {
	t.Parallel()
	s, path := lagged(t)
	limit(t, s, func(now int64) int64 { return now })
	s.whenIdle(func() { s.journal.max = maxJournal })
	for i := range 3 {
		pay(t, s, fmt.Sprint("gen-", i), 7)
	}
	if err := s.Close(); err == nil {
		t.Error("closed without a word")
	}
	s = mustOpen(t, path, Options{})
	defer s.Close()
	clean(t, s)
	if got := spent(t, s); got != 21 {
		t.Errorf("spent %d, want 21", got)
	}
}

// unsynced writes, and says that it could not.
type unsynced struct{ disk }

func (unsynced) Sync() error { return errors.New("no answer from the disk") }

// An entry is in the file although its write was reported to have failed: the database gets
// the batch, and a crash before the journal begins again must not count it twice.
func TestFailedEntryDoesNotCountAgain(t *testing.T) {
	t.Parallel()
	s, path := lagged(t)
	defer s.Close()
	pay(t, s, "gen-0", 7)
	s.whenIdle(func() { s.journal.sync, s.journal.file = true, unsynced{s.journal.file} })
	pay(t, s, "gen-1", 7)
	raw, err := os.ReadFile(path + journalName)
	if err != nil {
		t.Fatal(err)
	}
	if b := readEntries(t, raw); len(b.rows) != 1 || b.rows[0].id != "gen-1" {
		t.Fatalf("the file has %d entries: nothing is tested", len(b.rows))
	}
	again := crashed(t, path, raw)
	defer again.Close()
	clean(t, again)
	if got := spent(t, again); got != 14 {
		t.Errorf("spent %d, want 14", got)
	}
}

func TestEntryRoundTrip(t *testing.T) {
	t.Parallel()
	b := newBatch(3)
	h := &openHold{Hold: ledger.Hold{ID: "gen-1", Account: "acme", Spender: ledger.Spender{Key: "k", Member: "m", Workspace: "w"}, Amount: 5, BYOK: -1, At: storetest.Noon, Expires: storetest.Noon.Add(time.Hour)}}
	b.placed = []*openHold{nil, h}
	b.resolved = []ledger.HoldID{"gen-0", ""}
	b.rows = []*row{{id: "gen-0", upstream: "ü\x00", model: "m", outcome: "completed", account: "acme", Spender: ledger.Spender{Key: "k", Workspace: "w"}, created: -1, settled: 1 << 60, day: 20000, prompt: 1, completion: 2, cost: 3, loss: 4, byok: 5, detail: []byte(`{"api":"rerank","usage":{"CacheRead":9},"upstream_cost":0.000000007,"latency_ms":8}`)}}
	if err := b.rows[0].resample(); err != nil {
		t.Fatal(err)
	}
	got := newBatch(3)
	if err := readBatch(got, appendBatch(nil, b), false); err != nil {
		t.Fatal(err)
	}
	b.placed = []*openHold{h}
	got.result = b.result
	if !reflect.DeepEqual(got, b) {
		t.Errorf("got %+v, want %+v", got, b)
	}
	raw := appendBatch(nil, b)
	for n := range raw {
		if readBatch(newBatch(0), raw[:n], false) == nil {
			t.Errorf("cut at %d of %d is taken for whole", n, len(raw))
		}
	}
	if readBatch(newBatch(0), append(raw, 0), false) == nil {
		t.Error("more than an entry is taken for one")
	}
}

// An entry that was written before members and workspaces were in it is read all the same.
func TestOldEntryIsRead(t *testing.T) {
	t.Parallel()
	e := []byte{1}
	for _, text := range []string{"gen-2", "acme", "k"} {
		e = appendText(e, text)
	}
	for _, n := range []int64{5, 0, 1000, 0} {
		e = binary.AppendVarint(e, n)
	}
	e = append(e, 0, 1)
	for _, text := range []string{"gen-1", "up", "m", "p", "e", "completed", "acme", "k"} {
		e = appendText(e, text)
	}
	for _, n := range []int64{1, 2, 3, 4, 5, 6, 7, 8} {
		e = binary.AppendVarint(e, n)
	}
	e = appendText(e, "{}")
	head := binary.BigEndian.AppendUint32(nil, uint32(len(e)+8))
	head = binary.BigEndian.AppendUint32(head, crc32.Checksum(append(binary.BigEndian.AppendUint64(nil, 1), e...), castagnoli))
	b := readEntries(t, append(binary.BigEndian.AppendUint64(head, 1), e...))
	if len(b.placed) != 1 || b.placed[0].Key != "k" || len(b.rows) != 1 || b.rows[0].Key != "k" || b.rows[0].byok != 8 {
		t.Errorf("%+v", b)
	}
}

// Whoever has waited for a settlement finds its record at once.
func TestRecordsAreFoundAtOnce(t *testing.T) {
	t.Parallel()
	s, _ := lagged(t)
	defer s.Close()
	for i := range 300 {
		id := fmt.Sprint("gen-", i)
		pay(t, s, id, 1)
		if _, err := s.Generation(t.Context(), id); err != nil {
			t.Fatalf("%s: %v", id, err)
		}
	}
}
