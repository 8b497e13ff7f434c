package keepsake

import (
	"bytes"
	"fmt"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func box(t *testing.T, room int64) *Box {
	t.Helper()
	b, err := New(room, bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFindsOnlyTheOwnersOwn(t *testing.T) {
	b := box(t, 1<<20)
	b.Put("a", "call_1", []byte("first"), noon)
	b.Put("a", "call_1", []byte("second"), noon)
	if got := b.Get("a", "call_1", noon); string(got) != "second" {
		t.Errorf("got %q", got)
	}
	for _, n := range []name{{"b", "call_1"}, {"a", "call_2"}, {"a\x00call", "_1"}} {
		if got := b.Get(n.owner, n.call, noon); got != nil {
			t.Errorf("%q got %q", n, got)
		}
	}
}

func TestOldestMakeRoom(t *testing.T) {
	b := box(t, 3000)
	for i := range 100 {
		if !b.Put("a", fmt.Sprint(i), bytes.Repeat([]byte{byte(i)}, 100), noon) {
			t.Fatalf("blob %d was refused", i)
		}
		b.Get("a", "0", noon) // in use: stays
		if b.Used() > 3000 {
			t.Fatalf("%d bytes used", b.Used())
		}
	}
	if b.Get("a", "0", noon) == nil || b.Get("a", "99", noon) == nil || b.Get("a", "50", noon) != nil {
		t.Error("not the least recently used went")
	}
	if b.Put("a", "big", make([]byte, 4000), noon) || b.Put("a", "huge", make([]byte, MaxBlob+1), noon) {
		t.Error("a blob larger than the box was kept")
	}
}

func TestEndsAfterItsLife(t *testing.T) {
	b := box(t, 1<<20)
	b.Put("a", "c", []byte("x"), noon)
	if b.Get("a", "c", noon.Add(life)) == nil {
		t.Error("gone before its time")
	}
	if b.Get("a", "c", noon.Add(life+time.Second)) != nil || b.Used() != 0 {
		t.Error("kept after its time")
	}
}

func TestNothingLiesInTheOpen(t *testing.T) {
	b := box(t, 1<<20)
	secret := []byte("EqQBCgIYAhIM signature of a thought")
	b.Put("a", "c", secret, noon)
	for e := b.old.Front(); e != nil; e = e.Next() {
		if bytes.Contains(e.Value.(*item).sealed, secret[:8]) {
			t.Error("the blob is readable")
		}
	}
	if _, err := New(1, []byte("short")); err == nil {
		t.Error("a key of 5 bytes was taken")
	}
}
