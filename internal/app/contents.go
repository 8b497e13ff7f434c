package app

import (
	"path/filepath"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/contents"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/transcript"
)

// openContents opens the file of what requests said, if it is there and may be.
func (a *App) openContents() (err error) {
	cfg := &a.file.Config
	if cfg.Contents.Forbid {
		return nil
	}
	a.contents, err = contents.New(contents.Options{
		Path: filepath.Join(cfg.Data, "contents.db"),
		Key:  firstOf(cfg.Contents.KeyFile, filepath.Join(cfg.Data, "contents.key")),
		Room: cfg.Contents.MaxBytes, Life: a.contentLife, Now: time.Now, Log: a.log,
	})
	if err != nil {
		return err
	}
	a.metrics.count("dragoman_contents_dropped_total", "Prompts and answers that were to be kept and were not.", a.contents.Dropped)
	return nil
}

// contentLife is how long a workspace keeps what its requests said; 0: it is gone.
func (a *App) contentLife(account, workspace string) time.Duration {
	w, ok := a.directory.Workspace(account, workspace)
	if !ok {
		return 0
	}
	return w.Logging.Life()
}

// transcribe reports whether what a request says is to be kept.
func (a *App) transcribe(k *account.Key, session, id string) bool {
	if a.contents == nil {
		return false
	}
	w, ok := a.directory.Workspace(k.Account, k.Workspace)
	return ok && w.Logging.Of(k) && transcript.Sampled(w.Logging.Share(), session, id)
}

// ended takes in a request that has ended.
func (a *App) ended(r *generation.Record, said *transcript.Transcript, took time.Duration) {
	a.metrics.generation(r, took)
	a.tell(r, said)
	if said != nil {
		a.contents.Offer(r.Account, r.Workspace, r.ID, said, r.Created)
	}
}
