package feed

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
)

const (
	fetchTimeout = 60 * time.Second
	maxRedirects = 3
)

// Fetch gets a price list over HTTP and imports it. Time, size and redirects are limited,
// and nothing but HTTPS is followed, except to this machine itself. dial says which addresses
// may be connected to; nil: any. The offers' source is the URL's host, as of the given day.
func Fetch(ctx context.Context, dial *net.Dialer, address string, today time.Time) ([]Offer, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("price list address: %w", err)
	}
	if err := trusted(u); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("price list %s: %w", u.Redacted(), err)
	}
	req.Header.Set("Accept", "application/json")
	client := client(dial)
	defer client.CloseIdleConnections()
	res, err := client.Do(req)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err // without the URL, whose query may hold a secret
	}
	if err != nil {
		return nil, fmt.Errorf("fetch price list: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch price list %s: the server answers %s", u.Redacted(), res.Status)
	}
	return Import(res.Body, catalog.Source{Name: u.Hostname(), AsOf: today.UTC().Format(time.DateOnly)})
}

func client(dial *net.Dialer) *http.Client {
	c := &http.Client{CheckRedirect: func(req *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects {
			return errors.New("too many redirects")
		}
		return trusted(req.URL)
	}}
	if dial != nil { // and no proxy, which would dial in its place
		c.Transport = &http.Transport{DialContext: dial.DialContext, TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: true}
	}
	return c
}

// trusted refuses addresses over which a price list could be forged on its way.
func trusted(u *url.URL) error {
	if u.Scheme == "https" && u.Host != "" {
		return nil
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()) {
		return nil
	}
	return fmt.Errorf("price list address %s: only https is fetched; download the file and import it instead", u.Redacted())
}
