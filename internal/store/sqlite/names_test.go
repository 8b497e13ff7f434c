package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/id"
	"github.com/dragoman-gateway/dragoman/internal/store"
	"github.com/dragoman-gateway/dragoman/internal/store/storetest"
)

// A request is found by its id wherever it is, and by an id whose time is another's.
func TestIdsAreFoundByTheirTime(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), Options{})
	defer s.Close()
	const many = 4000 // some full buckets, and one that is not
	made := func(i int) time.Time { return storetest.Noon.Add(time.Duration(i) * time.Minute) }
	name := func(i int) string {
		switch {
		case i%500 == 77: // as if the clock had been wrong
			return id.New(id.Generation, made(i+20_000), [10]byte{byte(i >> 8), byte(i)})
		case i%500 == 78:
			return id.New(id.Generation, made(i-20_000), [10]byte{byte(i >> 8), byte(i)})
		}
		return id.New(id.Generation, made(i), [10]byte{byte(i >> 8), byte(i)})
	}
	var err error
	s.whenIdle(func() {
		batch := newBatch(0)
		for i := 1; i <= many; i++ {
			rec := typical(int64(i))
			rec.ID, rec.Created, rec.Upstream = name(i), made(i), "gen-"+name(i)[4:20]+"upstream"
			r := newRow(rec)
			r.account, r.settled = "acme", made(i).Add(30*time.Second).UnixMicro()
			r.charge()
			batch.rows = append(batch.rows, r)
		}
		if err = s.writer.write(batch, s.writer.entry); err == nil {
			err = s.writer.nameRecords()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= many; i += 83 {
		for _, of := range []string{name(i), "gen-" + name(i)[4:20] + "upstream"} {
			if n, err := s.find(t.Context(), of); err != nil || n != int64(i) {
				t.Errorf("%s: %d (%v), want %d", of, n, err, i)
			}
		}
	}
	for _, i := range []int{77, 78, 577, 578} {
		if n, err := s.find(t.Context(), name(i)); err != nil || n != int64(i) {
			t.Errorf("%s: %d (%v), want %d", name(i), n, err, i)
		}
	}
	for _, none := range []string{id.New(id.Generation, made(50), [10]byte{9}), id.New(id.Generation, made(-90_000), [10]byte{9}), id.New(id.Generation, made(90_000), [10]byte{9}), "gen-none"} {
		if n, err := s.find(t.Context(), none); !errors.Is(err, errNotFound) {
			t.Errorf("%s is %d (%v)", none, n, err)
		}
	}
	// The beginning of an id says when to look, of an upstream's id too.
	for _, i := range []int{5, 1100, many} {
		page, err := s.Log(t.Context(), store.LogFilter{Account: "acme", Limit: 5, ID: name(i)[:16]})
		if err != nil || len(page.Records) != 1 || page.Records[0].N != int64(i) || !page.End {
			t.Errorf("%s: %+v (%v)", name(i)[:16], page, err)
		}
	}
	if page, err := s.Log(t.Context(), store.LogFilter{Account: "acme", Limit: 5, ID: fmt.Sprint(name(900)[5:20])}); err != nil || len(page.Records) != 1 {
		t.Errorf("a part without its beginning: %+v (%v)", page, err)
	}
}
