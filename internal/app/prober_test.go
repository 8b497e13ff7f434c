package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// prober makes requests and looks at what is answered.
type prober struct {
	*maker
	c       *company
	hidden  []string // ids that nobody sends
	insider *caller  // who may see what the ids are of that are sent
	tallies map[string]*tally
}

// tally counts the requests of one operation.
type tally struct {
	made, named int // named: with an id of theirs
	status      map[int]int
}

// gotTo reports whether somebody got by all that stands before an operation: what only looks
// was seen, anything else was done or found no such thing.
func (o described) gotTo(status map[int]int) bool {
	for s := range status {
		if s < 400 || o.method != "GET" && s != 401 && s != 403 && s != 429 {
			return true
		}
	}
	return false
}

// makes reports whether an operation makes something each time: few of those do.
func makes(o described) bool {
	return o.method == "POST" && !strings.Contains(o.path, "completions") && !strings.Contains(o.path, "{")
}

func (p *prober) probe(callers []*caller, n int) {
	all := p.theirs.all()
	for made := 0; made < n; {
		who := *callers[p.IntN(len(callers))]
		o, target, body := p.request()
		if makes(o) && p.IntN(4) != 0 {
			continue
		}
		made++
		if o.method == "GET" && o.path != "/generation/content" && p.IntN(8) == 0 { // whose looks are in their audit log
			p.insider.do(p.c.handler, o.method, target, body) // or what is remembered of it is not tried
		}
		w := who.do(p.c.handler, o.method, target, body)
		answer := fmt.Sprint(w.Header()) + w.Body.String()
		if strings.Contains(strings.ToLower(answer), stranger) {
			p.c.t.Errorf("%s %s %s as %s tells a name of another organisation: %d %s", o.method, target, body, who.name, w.Code, w.Body)
			return
		}
		if i := slices.IndexFunc(p.hidden, func(id string) bool { return strings.Contains(answer, id) }); i >= 0 {
			p.c.t.Errorf("%s %s %s as %s tells the id %s of another organisation: %d %s", o.method, target, body, who.name, p.hidden[i], w.Code, w.Body)
			return
		}
		y := p.tallies[o.name()]
		if y == nil {
			y = &tally{status: map[int]int{}}
			p.tallies[o.name()] = y
		}
		y.made++
		y.status[w.Code]++
		if slices.ContainsFunc(all, func(id string) bool { return strings.Contains(target+body, id) }) {
			y.named++
		}
	}
}

// shut are the operations that nobody here gets to, and why.
var shut = map[string]string{
	"GET /people": "the owner of the data directory", "DELETE /people/{id}": "the owner of the data directory", "POST /people/reset": "the owner of the data directory",
	"POST /people/unlink": "the owner of the data directory", "POST /setup/token": "the owner of the data directory",
	"GET /private-endpoints/{id}": "there is none", "GET /private-providers/{id}": "there is none", "GET /session/oidc/{provider}": "there is none",
	"POST /auth/keys": "a code that is shown once", "POST /invitations/accept": "a token that is shown once", "DELETE /me/totp": "the person's password",
	"POST /organizations": "an owner of the first organisation",
}

// tallied is told of every operation, and fails for one that was not tried, or not got to.
func tallied(t *testing.T, probers []*prober) {
	made, named := 0, 0
	for _, o := range probers[0].ops {
		sum := tally{status: map[int]int{}}
		for _, p := range probers {
			if y := p.tallies[o.name()]; y != nil {
				sum.made, sum.named = sum.made+y.made, sum.named+y.named
				for s, n := range y.status {
					sum.status[s] += n
				}
			}
		}
		made, named = made+sum.made, named+sum.named
		t.Logf("%-60s %4d, %4d with an id of theirs, answers %v", o.name(), sum.made, sum.named, sum.status)
		if probes < 50_000 {
			continue // too few for each
		}
		for _, place := range probers[0].places(o) {
			if !slices.ContainsFunc(probers, func(p *prober) bool { return p.placed[o.name()+" "+place] }) {
				t.Errorf("%s was not tried with an id of theirs as %s", o.name(), place)
			}
		}
		if _, ok := shut[o.name()]; ok != !o.gotTo(sum.status) {
			t.Errorf("%s: answers %v; one that nobody gets to is named in shut, and no other", o.name(), sum.status)
		}
	}
	t.Logf("%d requests of %d operations, %d with an id of theirs", made, len(probers[0].ops), named)
}
