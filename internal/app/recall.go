package app

import (
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/dialect/responses"
	"github.com/dragoman-gateway/dragoman/internal/preset"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/recall"
	"github.com/dragoman-gateway/dragoman/internal/store/archive"
)

// openArchive opens the file of kept responses, where the operator lets them be kept.
func (a *App) openArchive() error {
	cfg := &a.file.Config
	if cfg.Responses.Store == "none" {
		return nil
	}
	path := cfg.Responses.KeyFile
	if path == "" {
		path = filepath.Join(cfg.Data, "responses.key")
	}
	key, err := archive.Key(path)
	if err != nil {
		return fmt.Errorf("key of the kept responses: %w", err)
	}
	a.archive, err = archive.Open(filepath.Join(cfg.Data, "responses.db"), key, archive.Options{
		Life: func(string) time.Duration { return time.Duration(cfg.Responses.Days) * 24 * time.Hour }, Room: cfg.Responses.MaxBytes, Now: time.Now, Log: a.log,
	})
	return err
}

// presetZDR reports whether the preset that a request names, and does not override in this,
// demands zero data retention.
func (a *App) presetZDR(k *account.Key, root rawjson.Node) bool {
	ref, named, err := preset.Find(root, "")
	if err != nil || !named || !root.Get("provider").IsNull() {
		return false
	}
	_, v, there := a.directory.Designated(k, ref.Slug)
	var config rawjson.Doc
	return there && config.Parse(v.Config) == nil && config.Root().At("provider", "zdr").Bool()
}

// recall answers what is about kept responses, and every POST /responses.
func (a *App) recall() *recall.Server {
	return &recall.Server{
		Respond: func(w http.ResponseWriter, r *http.Request, kept *responses.Kept) {
			a.gateway.Serve(w, r, responses.Surface{Kept: kept})
		},
		Authenticate: a.gateway.Authenticate,
		ZDR:          func(k *account.Key) bool { p := a.policy(k); return p.KeepsNothing() },
		PresetZDR:    a.presetZDR,
		Now:          time.Now,
		MaxBody:      a.file.Config.Limits.MaxBody,
		Log:          a.log,
		Archive:      a.archive,
		Always:       a.file.Config.Responses.Store == "all",
	}
}
