// Package media fetches the images, documents, audio and video that clients refer to by
// URL, for upstreams that take them inline only. The URL is a stranger's: only public
// addresses are dialled, and type, size, time and redirects are limited. Start with New.
package media

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/publicnet"
)

const maxRedirects = 3

// Options bound what is fetched. The zero value is a sensible one.
type Options struct {
	MaxBytes int64         // of one file: 20 MiB
	Timeout  time.Duration // for one file, redirects included: 10 s
	Private  bool          // also from private addresses and any port: for networks whose clients are trusted
}

// A Fetcher is safe for concurrent use.
type Fetcher struct {
	o      Options
	client *http.Client
}

// New makes a fetcher, which opens no connection until it is asked for something.
func New(o Options) *Fetcher {
	if o.MaxBytes == 0 {
		o.MaxBytes = 20 << 20
	}
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	allow := publicnet.Public
	if o.Private {
		allow = publicnet.Any
	}
	return &Fetcher{o, client(allow)}
}

// client dials only what is allowed. It takes no proxy from the environment, which would
// dial in its place, and keeps neither cookies nor connections.
func client(allow func(netip.AddrPort) bool) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext: publicnet.Dialer(allow).DialContext, DisableKeepAlives: true, DisableCompression: true,
			TLSHandshakeTimeout: 5 * time.Second, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return problem("it redirects too often")
			}
			if via[0].URL.Scheme == "https" && req.URL.Scheme != "https" {
				return problem("it redirects from https to http")
			}
			req.Header.Del("Referer")
			return wellFormed(req.URL)
		},
	}
}

// Close ends the connections that are idle.
func (f *Fetcher) Close() { f.client.CloseIdleConnections() }

// Fetch gets what is at an http or https URL, as base64 with its media type. The error is a
// *fault.Error of kind Refused: another endpoint may take the URL itself.
func (f *Fetcher) Fetch(ctx context.Context, address string) (*llm.Media, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, refused(&url.URL{Path: "?"}, problem("it is not a URL"))
	}
	if err := wellFormed(u); err != nil {
		return nil, refused(u, err)
	}
	ctx, cancel := context.WithTimeout(ctx, f.o.Timeout)
	defer cancel()
	m, err := f.get(ctx, u)
	if err != nil {
		return nil, refused(u, err)
	}
	return m, nil
}

// problem is a reason that a client may know.
type problem string

func (p problem) Error() string { return string(p) }

func wellFormed(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return problem("only http and https URLs are fetched")
	case u.User != nil:
		return problem("a URL with a user name or password is not fetched")
	}
	return nil
}

func (f *Fetcher) get(ctx context.Context, u *url.URL) (*llm.Media, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, problem("it is not a URL")
	}
	req.Header.Set("User-Agent", "dragoman")
	res, err := f.client.Do(req)
	if err != nil {
		return nil, reason(ctx, err, f.o.Timeout)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("its server answers %d", res.StatusCode)
	}
	if res.ContentLength > f.o.MaxBytes {
		return nil, tooLarge(f.o.MaxBytes)
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, f.o.MaxBytes+1))
	if err != nil {
		return nil, reason(ctx, err, f.o.Timeout)
	}
	if int64(len(raw)) > f.o.MaxBytes {
		return nil, tooLarge(f.o.MaxBytes)
	}
	kind, err := typeOf(res.Header.Get("Content-Type"), raw)
	if err != nil {
		return nil, err
	}
	return &llm.Media{Data: base64.StdEncoding.EncodeToString(raw), MIME: kind}, nil
}

func tooLarge(limit int64) error { return fmt.Errorf("it is larger than %d MiB", limit>>20) }

// types are the media types that a model can be shown, whole or up to a slash.
var types = []string{
	"image/", "audio/", "video/", "text/", "application/pdf", "application/json", "application/msword",
	"application/vnd.ms-excel", "application/vnd.openxmlformats-officedocument.",
}

// typeOf is what the server says, else what the bytes look like.
func typeOf(said string, raw []byte) (string, error) {
	kind, _, err := mime.ParseMediaType(said)
	if err != nil || kind == "application/octet-stream" || kind == "binary/octet-stream" {
		kind, _, _ = mime.ParseMediaType(http.DetectContentType(raw))
	}
	for _, t := range types {
		if strings.HasPrefix(kind, t) {
			return kind, nil
		}
	}
	return "", fmt.Errorf("its type %.80q is neither image, audio, video nor document", kind)
}

// reason is what a client may know of a failure: no address that a name resolves to.
func reason(ctx context.Context, err error, limit time.Duration) error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("it did not come within %s", limit)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	if p, ok := errors.AsType[problem](err); ok {
		return p
	}
	if errors.Is(err, publicnet.ErrPrivate) {
		return publicnet.ErrPrivate
	}
	return errors.New("its server cannot be reached or broke off")
}

// refused names the URL without its query, which may hold a signature.
func refused(u *url.URL, err error) error {
	shown := &url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	return &fault.Error{
		Kind: fault.Refused, Code: "media_unavailable", Err: err,
		Public: fmt.Sprintf("%.200s could not be fetched: %v. This endpoint takes media inline only; send it as a data URL", shown, err),
	}
}
