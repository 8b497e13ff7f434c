// Command dex is an OpenID Connect provider to sign in with in tests: dex, with its storage in
// memory, behind a proxy that it believes who somebody is: the headers X-Remote-User-Id,
// X-Remote-User, X-Remote-User-Email and X-Remote-Group, which the tests' browsers send. It
// shares nothing but go-jose with what the gateway asks it with. Its arguments are the addresses
// that its clients, gateway and job, may come back to; it writes its own address, and ends with
// its input.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"

	"github.com/dexidp/dex/server"
	"github.com/dexidp/dex/storage"
	"github.com/dexidp/dex/storage/memory"
	"github.com/dexidp/dex/web"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(back []string) error {
	if len(back) == 0 {
		return fmt.Errorf("give the redirect addresses of the clients gateway and job")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	log, issuer := slog.New(slog.DiscardHandler), "http://"+ln.Addr().String()
	s := storage.WithStaticClients(memory.New(log), []storage.Client{
		{ID: "gateway", Name: "Gateway", Secret: "secret of the gateway", RedirectURIs: back},
		{ID: "job", Name: "Job", Secret: "secret of the job", RedirectURIs: back},
	})
	s = storage.WithStaticConnectors(s, []storage.Connector{{ID: "proxy", Type: "authproxy", Name: "Proxy"}})
	handler, err := server.NewServer(context.Background(), server.Config{Issuer: issuer, Storage: s, SkipApprovalScreen: true,
		Web: server.WebConfig{WebFS: web.FS()}, Logger: log})
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Println(issuer)
	return http.Serve(ln, handler)
}
