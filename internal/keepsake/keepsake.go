// Package keepsake keeps what a client's format has no place for until the next turn of a
// tool conversation: signatures and encrypted reasoning, found again by the id of the tool
// call they came with. It lives in memory, sealed, bounded, and ends with the process.
package keepsake

import (
	"container/list"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"sync"
	"time"
)

// Bounds of a Box.
const (
	MaxBlob = 1 << 20 // bytes of one blob: more is not kept
	life    = 6 * time.Hour
)

// Box keeps blobs by owner and tool call. It is safe for concurrent use.
type Box struct {
	seal cipher.AEAD
	room int64

	mu    sync.Mutex
	used  int64
	nonce uint64
	byID  map[name]*list.Element
	old   list.List // of *item, the newest at the front
}

type name struct{ owner, call string }

type item struct {
	name
	sealed []byte
	nonce  uint64
	until  time.Time
}

// New is a Box of so many bytes, sealed with a key of 16, 24 or 32 random bytes that
// nothing else uses.
func New(room int64, key []byte) (*Box, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("keepsakes: %w", err)
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("keepsakes: %w", err)
	}
	return &Box{seal: seal, room: room, byID: map[name]*list.Element{}}, nil
}

// Put keeps a blob for an owner's tool call, in the place of an earlier one. It reports
// false when the blob is too large to keep. The oldest blobs make room.
func (b *Box) Put(owner, call string, blob []byte, now time.Time) bool {
	if len(blob) > MaxBlob || cost(owner, call, len(blob)+b.seal.Overhead()) > b.room {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	n := name{owner, call}
	if e, ok := b.byID[n]; ok {
		b.drop(e)
	}
	b.nonce++
	it := &item{name: n, nonce: b.nonce, until: now.Add(life)}
	it.sealed = b.seal.Seal(nil, b.iv(it.nonce), blob, n.bind())
	b.byID[n] = b.old.PushFront(it)
	b.used += it.size()
	for b.used > b.room {
		b.drop(b.old.Back())
	}
	return true
}

// Get is the blob of an owner's tool call, nil when there is none. The caller owns it.
func (b *Box) Get(owner, call string, now time.Time) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, ok := b.byID[name{owner, call}]
	if !ok {
		return nil
	}
	it := e.Value.(*item)
	if now.After(it.until) {
		b.drop(e)
		return nil
	}
	blob, err := b.seal.Open(nil, b.iv(it.nonce), it.sealed, it.bind())
	if err != nil {
		b.drop(e)
		return nil
	}
	b.old.MoveToFront(e)
	return blob
}

// Used is the bytes that the kept blobs take.
func (b *Box) Used() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used
}

func (b *Box) drop(e *list.Element) {
	it := b.old.Remove(e).(*item)
	delete(b.byID, it.name)
	b.used -= it.size()
}

// iv never repeats under one key: it counts.
func (b *Box) iv(n uint64) []byte {
	iv := make([]byte, b.seal.NonceSize())
	binary.BigEndian.PutUint64(iv[len(iv)-8:], n)
	return iv
}

// bind ties a sealed blob to its name.
func (n name) bind() []byte { return []byte(n.owner + "\x00" + n.call) }

func (it *item) size() int64 { return cost(it.owner, it.call, len(it.sealed)) }

// cost is what a blob takes, with what keeping it takes.
func cost(owner, call string, sealed int) int64 {
	const overhead = 256
	return int64(len(owner)+len(call)+sealed) + overhead
}
