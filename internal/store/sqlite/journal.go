package sqlite

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// A journal is a file beside the database that takes a batch of requests with one write. A
// transaction of SQLite costs several times that whatever is in it, so the database gets
// the batches later, many as one. What is in the journal is as durable as what is in the
// database: at the start, entries that the database has not got are written to it first.
//
// The file is a row of entries: length (with a bit for the entry's form), checksum (CRC-32C),
// then the entry, which begins with its number. Numbers only grow, also over the life of the database; the number of the
// last entry it has got is in the transaction that got it. The file is written from its
// start again after that, over the older entries: what follows the newest entry is known by
// its lower number or its checksum.
type journal struct {
	file disk
	sync bool  // each write waits for the disk
	max  int64 // bytes of the file: a batch that would go beyond goes to the database
	last int64 // number of the newest entry
	end  int64 // where the next entry goes
	buf  []byte
}

// disk is what a journal needs of its *os.File.
type disk interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Sync() error
	Truncate(size int64) error
}

const (
	maxJournal  = 8 << 20
	maxEntry    = 64 << 20 // longer is no entry
	entryHead   = 8        // length and checksum
	entryForm   = 1 << 31  // in the length: of an entry with members and workspaces
	journalName = "-batches"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// openJournal opens or makes the journal of the database at path. Its entries are read by
// entries before the first append.
func openJournal(path string, sync bool) (*journal, error) {
	f, err := os.OpenFile(path+journalName, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	return &journal{file: f, sync: sync, max: maxJournal}, nil
}

// takes reports whether a batch is one for the journal: only what requests do all the
// time, and not too much of it.
func (j *journal) takes(b *batch) bool {
	return len(b.accounts)+len(b.transfers)+b.changes() == 0 && len(b.placed)+len(b.resolved)+len(b.rows) > 0 && j.end < j.max
}

// append writes a batch that the journal takes. After an error the batch is the
// database's: its number is used up, since the entry may be in the file all the same and
// must not count again.
func (j *journal) append(b *batch) error {
	e := append(j.buf[:0], make([]byte, entryHead)...)
	e = binary.BigEndian.AppendUint64(e, uint64(j.last+1))
	e = appendBatch(e, b)
	j.buf = e
	if j.end+int64(len(e)) > j.max {
		return errFull
	}
	j.last++
	binary.BigEndian.PutUint32(e, uint32(len(e)-entryHead)|entryForm)
	binary.BigEndian.PutUint32(e[4:], crc32.Checksum(e[entryHead:], castagnoli))
	if _, err := j.file.WriteAt(e, j.end); err != nil {
		return err
	}
	if j.sync {
		if err := j.file.Sync(); err != nil {
			return err
		}
	}
	j.end += int64(len(e))
	if cap(j.buf) > 1<<20 {
		j.buf = nil
	}
	return nil
}

var errFull = errors.New("the journal is full")

// reset begins the file again: the database has everything in it.
func (j *journal) reset() { j.end = 0 }

// close ends the journal. empty says that the database has everything in it.
func (j *journal) close(empty bool) error {
	var err error
	if empty {
		err = j.file.Truncate(0)
	}
	return errors.Join(err, j.file.Close())
}

// entries is what the file has beyond the entry with number got, as one batch, and the
// number of the last of them. The next append begins the file again.
func (j *journal) entries(got int64) (*batch, error) {
	raw, err := io.ReadAll(io.NewSectionReader(j.file, 0, 2*maxJournal+maxEntry))
	if err != nil {
		return nil, err
	}
	b := newBatch(0)
	j.last = got
	for previous := int64(-1); len(raw) >= entryHead; {
		head := binary.BigEndian.Uint32(raw)
		n := int(head &^ entryForm)
		if n < 8 || n > len(raw)-entryHead {
			break
		}
		e := raw[entryHead : entryHead+n]
		number := int64(binary.BigEndian.Uint64(e))
		if crc32.Checksum(e, castagnoli) != binary.BigEndian.Uint32(raw[4:]) || previous >= 0 && number != previous+1 {
			break
		}
		if previous = number; number > got {
			if err := readBatch(b, e[8:], head&entryForm == 0); err != nil {
				return nil, err
			}
			j.last = number
		}
		raw = raw[entryHead+n:]
	}
	return b, nil
}

// appendBatch appends what the journal holds of a batch; readBatch adds it to another.
func appendBatch(dst []byte, b *batch) []byte {
	placed := 0
	for _, h := range b.placed {
		if h != nil {
			placed++
		}
	}
	dst = binary.AppendUvarint(dst, uint64(placed))
	for _, h := range b.placed {
		if h == nil {
			continue
		}
		dst = appendText(dst, string(h.ID))
		dst = appendText(dst, string(h.Account))
		dst = appendText(dst, string(h.Key))
		dst = appendText(dst, h.Member)
		dst = appendText(dst, h.Workspace)
		dst = binary.AppendVarint(dst, int64(h.Amount))
		dst = binary.AppendVarint(dst, int64(h.BYOK))
		dst = binary.AppendVarint(dst, h.At.UnixMicro())
		dst = binary.AppendVarint(dst, micros(h.Expires))
	}
	dst = binary.AppendUvarint(dst, uint64(len(b.resolved)))
	for _, id := range b.resolved {
		dst = appendText(dst, string(id))
	}
	dst = binary.AppendUvarint(dst, uint64(len(b.rows)))
	for _, r := range b.rows {
		for _, s := range [...]string{r.id, r.upstream, r.model, r.provider, r.endpoint, string(r.outcome), string(r.account), string(r.Key), r.Member, r.Workspace} {
			dst = appendText(dst, s)
		}
		for _, n := range [...]int64{r.created, r.settled, r.day, r.prompt, r.completion, int64(r.cost), int64(r.loss), int64(r.byok)} {
			dst = binary.AppendVarint(dst, n)
		}
		dst = binary.AppendUvarint(dst, uint64(len(r.detail)))
		dst = append(dst, r.detail...)
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func readBatch(b *batch, entry []byte, old bool) error {
	r := entryReader{rest: entry, old: old}
	for range r.count() {
		h := &openHold{}
		h.ID, h.Account, h.Spender = ledger.HoldID(r.text()), ledger.AccountID(r.text()), r.spender()
		h.Amount, h.BYOK = money.Amount(r.number()), money.Amount(r.number())
		h.At, h.Expires = fromMicros(r.number()), fromMicros(r.number())
		b.placed = append(b.placed, h)
	}
	for range r.count() {
		b.resolved = append(b.resolved, ledger.HoldID(r.text()))
	}
	for range r.count() {
		w := &row{id: r.text(), upstream: r.text(), model: r.text(), provider: r.text(), endpoint: r.text(),
			outcome: generation.Outcome(r.text()), account: ledger.AccountID(r.text()), Spender: r.spender(),
			created: r.number(), settled: r.number(), day: r.number(), prompt: r.number(), completion: r.number(),
			cost: money.Amount(r.number()), loss: money.Amount(r.number()), byok: money.Amount(r.number())}
		w.detail = []byte(r.text())
		if r.bad {
			break
		}
		if err := w.resample(); err != nil {
			return err
		}
		b.rows = append(b.rows, w)
	}
	if r.bad || len(r.rest) > 0 {
		return errors.New("the journal has an entry of another form; it was written by another version of this program: start that one once and stop it")
	}
	return nil
}

// entryReader reads an entry whose checksum is right. After something that does not fit
// it is bad and everything is empty.
type entryReader struct {
	rest []byte
	bad  bool
	old  bool // the form before members and workspaces
}

func (r *entryReader) spender() ledger.Spender {
	s := ledger.Spender{Key: account.KeyHash(r.text())}
	if !r.old {
		s.Member, s.Workspace = r.text(), r.text()
	}
	return s
}

func (r *entryReader) number() int64 {
	v, n := binary.Varint(r.rest)
	r.skip(n)
	return v
}

func (r *entryReader) count() int {
	v, n := binary.Uvarint(r.rest)
	if v > uint64(len(r.rest)) {
		n = 0
	}
	if r.skip(n); r.bad {
		return 0
	}
	return int(v)
}

func (r *entryReader) text() string {
	n := r.count()
	if n > len(r.rest) {
		r.skip(0)
		return ""
	}
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}

func (r *entryReader) skip(n int) {
	if n <= 0 {
		r.bad, r.rest = true, nil
		return
	}
	r.rest = r.rest[n:]
}
