// Package contents keeps what requests said and were answered, for workspaces that switched
// it on: sealed, in a file of its own, for as long as the workspace says. A request never
// waits for it: what cannot be taken in is dropped and counted. The file is made when there
// is something to keep. Start with New.
package contents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/store/archive"
	"github.com/dragoman-gateway/dragoman/internal/transcript"
)

// ErrNotFound is the answer for what was not kept, has expired or was deleted.
var ErrNotFound = archive.ErrNotFound

// Bounds of what waits to be written.
const (
	mostWaiting = 1024     // transcripts
	mostBytes   = 64 << 20 // of them
)

// putTimeout bounds one write.
const putTimeout = 10 * time.Second

// Options say where and how much. All are required.
type Options struct {
	Path, Key string                                        // of the file and of the key that it is sealed under
	Room      int64                                         // bytes; the oldest make room
	Life      func(account, workspace string) time.Duration // how long a workspace keeps them; 0: no longer
	Now       func() time.Time
	Log       *slog.Logger
}

// Keeper is safe for concurrent use.
type Keeper struct {
	Options
	queue   chan item
	bytes   atomic.Int64 // in the queue
	dropped atomic.Int64
	loop    sync.WaitGroup

	mu   sync.Mutex // guards shut, and that nobody offers to a closed queue
	shut bool

	opening sync.Mutex // guards file
	file    *archive.Archive
}

type item struct {
	owner, id string
	said      *transcript.Transcript
	at        time.Time
	size      int64
}

// New is a keeper whose file is opened if it is there, so that what has expired goes.
func New(o Options) (*Keeper, error) {
	k := &Keeper{Options: o, queue: make(chan item, mostWaiting)}
	if _, err := k.open(false); err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	k.loop.Go(k.write)
	return k, nil
}

// Close writes what waits, and ends.
func (k *Keeper) Close() error {
	k.mu.Lock()
	shut := k.shut
	k.shut = true
	k.mu.Unlock()
	if shut {
		return nil
	}
	close(k.queue)
	k.loop.Wait()
	if k.file == nil {
		return nil
	}
	return k.file.Close()
}

// owner is whose content it is in the file.
func owner(account, workspace string) string { return account + "\x00" + workspace }

// Offer takes a transcript over, to be kept under the id of its generation. It does not
// wait, and must not be called after Close.
func (k *Keeper) Offer(account, workspace, id string, said *transcript.Transcript, at time.Time) {
	it := item{owner(account, workspace), id, said, at, int64(len(said.Input) + len(said.Completion) + len(said.Reasoning))}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.shut && k.bytes.Add(it.size) <= mostBytes {
		select {
		case k.queue <- it:
			return
		default:
		}
	}
	k.bytes.Add(-it.size)
	k.dropped.Add(1)
}

// Dropped is how many transcripts were not kept: the queue was full, or the disk refused.
func (k *Keeper) Dropped() int64 { return k.dropped.Load() }

// write is the one writer.
func (k *Keeper) write() {
	failing := false
	for it := range k.queue {
		err := k.put(it)
		k.bytes.Add(-it.size)
		if err != nil {
			k.dropped.Add(1)
			if !failing {
				k.Log.Error("prompts and answers are not kept until the disk takes them", "err", err)
			}
		}
		failing = err != nil
	}
}

// answer is what of a transcript is beside the input.
type answer struct {
	Completion []byte `json:"completion,omitempty"`
	Reasoning  []byte `json:"reasoning,omitempty"`
	Cut        bool   `json:"cut,omitempty"`
}

func (k *Keeper) put(it item) error {
	f, err := k.open(true)
	if err != nil {
		return err
	}
	said, err := json.Marshal(answer{it.said.Completion, it.said.Reasoning, it.said.Cut})
	if err != nil {
		return fmt.Errorf("contents: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), putTimeout)
	defer cancel()
	return f.Put(ctx, it.owner, it.id, archive.Entry{Input: it.said.Input, Response: said}, it.at)
}

// open is the file; ErrNotFound where there is none and none is to be made.
func (k *Keeper) open(make bool) (*archive.Archive, error) {
	k.opening.Lock()
	defer k.opening.Unlock()
	if k.file != nil {
		return k.file, nil
	}
	if _, err := os.Stat(k.Path); errors.Is(err, fs.ErrNotExist) && !make {
		return nil, ErrNotFound
	}
	key, err := archive.Key(k.Key)
	if err != nil {
		return nil, fmt.Errorf("key of the kept prompts and answers: %w", err)
	}
	k.file, err = archive.Open(k.Path, key, archive.Options{Life: k.life, Room: k.Room, Now: k.Now, Log: k.Log})
	return k.file, err
}

// life is how long an owner's content is kept.
func (k *Keeper) life(owner string) time.Duration {
	account, workspace, _ := strings.Cut(owner, "\x00")
	return k.Life(account, workspace)
}

// Find is what was kept under a generation's id.
func (k *Keeper) Find(ctx context.Context, account, workspace, id string, now time.Time) (*transcript.Transcript, error) {
	f, err := k.open(false)
	if err != nil {
		return nil, err
	}
	e, err := f.Get(ctx, owner(account, workspace), id, now)
	if err != nil {
		return nil, err
	}
	var a answer
	if err := json.Unmarshal(e.Response, &a); err != nil {
		return nil, fmt.Errorf("contents: %w", err)
	}
	return &transcript.Transcript{Input: e.Input, Completion: a.Completion, Reasoning: a.Reasoning, Cut: a.Cut}, nil
}

// Delete takes out what was kept under a generation's id.
func (k *Keeper) Delete(ctx context.Context, account, workspace, id string) error {
	f, err := k.open(false)
	if err != nil {
		return err
	}
	return f.Delete(ctx, owner(account, workspace), id)
}
