package sqlite

import (
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/store/storetest"
)

// TestGathered: the digest that is made of rows as they are written is the one that is made
// of the records when they are read, and one of a bucket that was not seen whole is none.
func TestGathered(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), Options{})
	defer s.Close()
	const many = 3*1024 + 500
	traffic := newTraffic()
	var err error
	var found [4]*digest
	s.whenIdle(func() { // nothing is named: the digester takes none
		for n := 1; n <= many && err == nil; {
			batch := newBatch(0)
			for range min(100, many-n+1) {
				r := traffic.logged(n, storetest.Noon.Add(time.Duration(n)*time.Second))
				r.searched.known = n != 1500 // as if it came back from the journal
				batch.rows = append(batch.rows, r)
				n++
			}
			err = s.writer.write(batch, s.writer.entry)
		}
		for i := range found {
			found[i] = s.writer.gathered.take(int64(i))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range found {
		if (d != nil) != (i == 0 || i == 2) {
			t.Errorf("bucket %d: %v", i, d)
		}
		if d == nil {
			continue
		}
		read, err := s.makeDigest(t.Context(), int64(i))
		if err != nil || !reflect.DeepEqual(d, read) {
			t.Errorf("bucket %d: %+v\nread %+v (%v)", i, *d, *read, err)
		}
	}
	if len(s.writer.gathered.done) != 0 {
		t.Error("digests are kept after they were taken")
	}
}
