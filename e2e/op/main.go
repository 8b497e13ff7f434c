// Command op is an OpenID Connect provider to sign in with in tests: zitadel/oidc, whose
// provider is certified, with its example's storage in memory and login form. It shares
// nothing with what the gateway asks it with. Its two arguments are clients' addresses to come
// back to; it writes its own address, and ends with its input.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// groups says beside the profile which groups somebody is in.
type groups struct{ *storage.Storage }

// SetUserinfoFromToken is what the provider answers at its userinfo endpoint.
func (g groups) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, token, subject, origin string) error {
	if err := g.Storage.SetUserinfoFromToken(ctx, info, token, subject, origin); err != nil {
		return err
	}
	info.AppendClaims("groups", []string{"staff", "of " + subject})
	return nil
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(back []string) error {
	if len(back) != 2 {
		return fmt.Errorf("give the redirect addresses of the clients gateway and job")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	issuer := "http://" + ln.Addr().String()
	storage.RegisterClients(storage.WebClient("gateway", "secret of the gateway", back[0]), storage.WebClient("job", "secret of the job", back[1]))
	handler := exampleop.SetupServer(issuer, groups{storage.NewStorage(storage.NewUserStore(issuer))}, slog.New(slog.DiscardHandler), false)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Println(issuer)
	return http.Serve(ln, handler)
}
