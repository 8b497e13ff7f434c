package app

import (
	"cmp"
	"runtime/debug"

	"github.com/dragoman-gateway/dragoman/internal/signin"
)

// door is how people come in.
func (a *App) door() *signin.Door {
	cfg := &a.file.Config
	return signin.New(signin.Options{
		Directory: a.directory, Vault: a.keyring.Vault, Key: a.store.Key,
		Client: a.gateway.Proxies.Client, Secure: a.gateway.Proxies.Secure,
		Idle: cfg.SignIn.Idle.Duration, Life: cfg.SignIn.Life.Duration,
	})
}

// PublicURL is where people open the web app: what the configuration says, else the address
// that is given.
func (a *App) PublicURL(address string) string { return cmp.Or(a.file.Config.PublicURL, address) }

// Version is what the build recorded of itself.
func Version() string {
	version, rev := "devel", ""
	if b, ok := debug.ReadBuildInfo(); ok {
		if b.Main.Version != "" && b.Main.Version != "(devel)" {
			version = b.Main.Version
		}
		for _, s := range b.Settings {
			if s.Key == "vcs.revision" {
				rev = " " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return version + rev
}
