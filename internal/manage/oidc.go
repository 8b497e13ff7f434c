package manage

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/signin"
)

// redirect is an answer that sends the browser elsewhere.
type redirect struct{ to string }

// signInPage is where the web app tells why a sign-in failed.
const signInPage = "/signin"

// leaveForProvider sends the browser to a provider to sign in there.
func (a *API) leaveForProvider(c *call) (any, error) {
	id := c.PathValue("provider")
	address, there, err := a.Door.Leave(c.Context(), c.w, c.Request, c.now, id, callbackURL(a.Origin(c.Request), id), c.URL.Query().Get("return"))
	switch {
	case !there:
		return nil, fault.New(fault.NotFound, "No sign-in provider has this id; list them at /session/options")
	case err != nil:
		return a.notSignedIn(c, err), nil
	}
	return redirect{address}, nil
}

// returnFromProvider begins a session for whoever the provider vouches for.
func (a *API) returnFromProvider(c *call) (any, error) {
	v, token, back, err := a.Door.Return(c.Context(), c.w, c.Request, c.now, c.PathValue("provider"))
	if err != nil {
		return a.notSignedIn(c, err), nil
	}
	a.Door.SetCookie(c.w, c.Request, token, v.Session.Ends)
	return redirect{back}, nil
}

// notSignedIn tells the browser what went wrong, in a word that the web app knows, and the
// operator why.
func (a *API) notSignedIn(c *call, err error) redirect {
	code := signin.ProviderAway
	if p, ok := errors.AsType[*signin.Problem](err); ok {
		code = p.Code
	}
	a.Log.Warn("a sign-in with a provider failed", slog.String("provider", c.PathValue("provider")), slog.Any("error", err))
	return redirect{signInPage + "?error=" + url.QueryEscape(code)}
}

func (a *API) redirect(w http.ResponseWriter, to string) {
	h := w.Header()
	h.Set("Location", to)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer") // the address we were asked at has a code in it
	w.WriteHeader(http.StatusFound)
}
