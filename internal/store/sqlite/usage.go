package sqlite

import (
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// The windows a usage is counted in.
const (
	daily = iota
	weekly
	monthly
	windows
)

// starts are the first days of the windows that contain one moment.
type starts [windows]int64

func dayOf(t time.Time) int64 {
	day := t.Unix() / 86400
	if t.Unix()%86400 < 0 {
		day--
	}
	return day
}

// A calendar knows the starts of the last day it was asked for.
type calendar struct {
	known bool
	last  starts
}

func (c *calendar) at(t time.Time) starts {
	if day := dayOf(t); !c.known || c.last[daily] != day {
		c.known = true
		c.last = starts{day, dayOf(account.Weekly.Start(t)), dayOf(account.Monthly.Start(t))}
	}
	return c.last
}

// usage is what one subject has spent and holds: in its life, and in the current and the
// previous window of each length, for settlements that come after midnight. Older windows
// take no part in a decision; the table uses has them.
type usage struct {
	total ledger.Use
	spans [windows][2]span // newest first
	last  int64            // day of the newest request that has ended
}

type span struct {
	first int64 // day
	ledger.Use
}

// enter is the span of the window w that begins on day first, begun if it is newer than
// all known ones; nil when it is older than them.
func (u *usage) enter(w int, first int64) *span {
	s := &u.spans[w]
	if first > s[0].first {
		s[1], s[0] = s[0], span{first: first}
	}
	for i := range s {
		if s[i].first == first {
			return &s[i]
		}
	}
	return nil
}

// in is what was used in the window w that begins on day first. A clock set back by more
// than a window gets the oldest figures known.
func (u *usage) in(w int, first int64) ledger.Use {
	s := &u.spans[w]
	switch {
	case first > s[0].first:
		return ledger.Use{}
	case first == s[0].first:
		return s[0].Use
	}
	return s[1].Use
}

// each calls f with the life's use and with that of every window in at.
func (u *usage) each(at starts, f func(*ledger.Use)) {
	f(&u.total)
	for w, first := range at {
		if s := u.enter(w, first); s != nil {
			f(&s.Use)
		}
	}
}

func (u *usage) hold(at starts, amount, byok money.Amount) {
	u.each(at, func(x *ledger.Use) { x.Held, x.BYOKHeld = x.Held+amount, x.BYOKHeld+byok })
}

func (u *usage) spend(at starts, charged, byok money.Amount) {
	u.each(at, func(x *ledger.Use) { x.Spent, x.BYOKSpent = x.Spent+charged, x.BYOKSpent+byok })
	u.last = max(u.last, at[daily])
}

// within is the use that counts against a limit.
func (u *usage) within(l ledger.Limit, at starts) ledger.Use {
	switch l.Window {
	case account.Daily:
		return u.in(daily, at[daily])
	case account.Weekly:
		return u.in(weekly, at[weekly])
	case account.Monthly:
		return u.in(monthly, at[monthly])
	}
	return u.total
}

// public is the usage as the API shows it.
func (u *usage) public(at starts) account.Usage {
	day, week, month := u.in(daily, at[daily]), u.in(weekly, at[weekly]), u.in(monthly, at[monthly])
	var last time.Time
	if u.last != 0 {
		last = time.Unix(u.last*86400, 0).UTC()
	}
	return account.Usage{
		Last:  last,
		Total: u.total.Spent, Day: day.Spent, Week: week.Spent, Month: month.Spent,
		BYOKTotal: u.total.BYOKSpent, BYOKDay: day.BYOKSpent, BYOKWeek: week.BYOKSpent, BYOKMonth: month.BYOKSpent,
		Held: u.total.Held,
	}
}
