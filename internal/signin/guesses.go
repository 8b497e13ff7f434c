package signin

import (
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/limit"
)

// How many wrong proofs a minute are looked at.
const (
	guessesFrom  = 30 // from one address
	guessesAbout = 10 // about one e-mail address
)

// guessed is whom a guess is about. A network from which the person is signed in has a bucket
// of its own: whoever guesses from elsewhere does not lock the person out.
type guessed struct {
	email string
	at    netip.Prefix // the zero Prefix: elsewhere
}

// guess takes one guess from both buckets, before anything is looked at. Whoever turns out to
// be right gives it back.
func (d *Door) guess(r *http.Request, now time.Time, email string) (right func(), err error) {
	network := limit.Neighbours(d.Client(r))
	about := guessed{email: email}
	if d.knows(email, network) {
		about.at = network
	}
	if s := d.from.Take(now, network, guessesFrom); !s.OK {
		return nil, tooMany(s.Retry)
	}
	if s := d.about.Take(now, about, guessesAbout); !s.OK {
		return nil, tooMany(s.Retry)
	}
	return func() {
		d.from.Return(now, network, guessesFrom)
		d.about.Return(now, about, guessesAbout)
	}, nil
}

// knows reports whether the person is signed in from the network.
func (d *Door) knows(email string, network netip.Prefix) bool {
	p, there := d.Directory.PersonByEmail(email)
	if !there || !network.IsValid() {
		return false
	}
	for _, s := range d.Directory.Sessions(p.ID) {
		if a, err := netip.ParseAddr(s.Address); err == nil && limit.Neighbours(a) == network {
			return true
		}
	}
	return false
}

func tooMany(retry time.Duration) error {
	return &fault.Error{Kind: fault.Limited, RetryAfter: retry,
		Public: fmt.Sprintf("Too many attempts to sign in; wait %s and try again", max(retry.Round(time.Second), time.Second))}
}
