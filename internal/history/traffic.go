package history

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/id"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/meter"
)

// How many of what a history has. The few are used much more than the many.
const (
	mostEndpoints  = 300
	workspaceCount = 8
	memberCount    = 30
	keyCount       = 40
	appCount       = 25
	favourites     = 12 // endpoints that most of a key's requests go to
	usersOfKey     = 60 // the client's own
)

// traffic makes records. The same seed and catalogue make the same ones, whoever asks for which
// when.
type traffic struct {
	seed      uint64
	endpoints []*catalog.Endpoint // the most used first
	keys      []key               // the same
	clock     clock
}

// key is what is known of one key's requests.
type key struct {
	hash              account.KeyHash
	workspace, member string
	apps              []string
	own               []int // its favourites
}

func newTraffic(seed uint64, snap *catalog.Snapshot, start, end time.Time) *traffic {
	t := &traffic{seed: seed, clock: newClock(start, end)}
	rnd := rand.New(rand.NewPCG(seed, 0))
	for _, e := range snap.AllEndpoints() {
		if e.Pricing != nil && slices.Equal(e.OutputModalities, []string{"text"}) && !strings.Contains(e.Model.Slug, ":") {
			t.endpoints = append(t.endpoints, e)
		}
	}
	slices.SortFunc(t.endpoints, func(a, b *catalog.Endpoint) int { return cmp.Compare(a.ID, b.ID) })
	rnd.Shuffle(len(t.endpoints), func(i, j int) { t.endpoints[i], t.endpoints[j] = t.endpoints[j], t.endpoints[i] })
	t.endpoints = t.endpoints[:min(mostEndpoints, len(t.endpoints))]
	for i := range keyCount {
		k := key{hash: account.HashKey(plainKey(seed, i)), workspace: workspaceID(i % workspaceCount), member: memberID(i % memberCount)}
		for n := range 1 + i%3 {
			k.apps = append(k.apps, fmt.Sprintf("App %02d", (i+n*7)%appCount))
		}
		for range favourites {
			k.own = append(k.own, rnd.IntN(len(t.endpoints)))
		}
		t.keys = append(t.keys, k)
	}
	return t
}

// record is the i-th of n.
func (t *traffic) record(i, n int) *generation.Record {
	rnd := rand.New(rand.NewPCG(t.seed, uint64(i)+1))
	k := &t.keys[skewed(rnd, len(t.keys))]
	e := t.endpoints[skewed(rnd, len(t.endpoints))]
	if rnd.IntN(10) < 7 {
		e = t.endpoints[k.own[skewed(rnd, len(k.own))]]
	}
	at := t.clock.at((float64(i) + 0.5) / float64(n))
	var salt [10]byte
	fill(salt[:], rnd)
	rec := &generation.Record{
		ID: id.New(id.Generation, at, salt), Created: at, Account: accountID, Workspace: k.workspace, Member: k.member, Key: string(k.hash),
		API: "completions", Surface: llm.OpenAIChat, Asked: e.Model.Slug, Streamed: rnd.IntN(4) > 0, UserAgent: "OpenAI/Python 1.99.0",
		Title: k.apps[skewed(rnd, len(k.apps))], User: fmt.Sprintf("user-%03d", rnd.IntN(usersOfKey)),
	}
	if rnd.IntN(3) > 0 {
		rec.Session = session(k, rec.User, at)
	}
	if rnd.IntN(3) == 0 {
		rec.Referer = "https://" + strings.ToLower(strings.ReplaceAll(rec.Title, " ", "-")) + ".example/chat"
	}
	t.answer(rec, e, rnd)
	return rec
}

// session is the same for the requests of a user in half an hour.
func session(k *key, user string, at time.Time) string {
	h := fnv.New64a()
	fmt.Fprint(h, k.hash, user, at.Unix()/1800)
	return fmt.Sprintf("%016x", h.Sum64())
}

// answer is how the request ended: two in a hundred badly, one in a hundred cancelled.
func (t *traffic) answer(rec *generation.Record, e *catalog.Endpoint, rnd *rand.Rand) {
	rec.LatencyMS = 150 + int64(rnd.ExpFloat64()*600)
	rec.GenerationMS = rec.LatencyMS + int64(rnd.ExpFloat64()*6000)
	try := generation.Attempt{Endpoint: e.ID, Provider: e.Provider.Name, Model: e.UpstreamModel, Status: 200, FirstMS: rec.LatencyMS, EndMS: rec.GenerationMS}
	rec.Decision = &generation.Decision{Catalog: "history", Seed: rnd.Uint64() >> 11, Steps: []generation.Chosen{{Endpoint: e.ID, Reasons: []string{"price"}}}}
	dice := rnd.IntN(1000)
	if dice < 15 {
		rec.Outcome, rec.LatencyMS, rec.Error = generation.Failed, 0, &generation.Failure{Status: 502, Type: "upstream_error", Message: "The provider answered with an error"}
		try.Status, try.Kind, try.FirstMS = 503, "overloaded", 0
		rec.Attempts = []generation.Attempt{try}
		return
	}
	rec.Model, rec.Endpoint, rec.Provider = e.Model.Slug, e.ID, e.Provider.Name
	rec.Outcome, rec.Finish, rec.Native = generation.Completed, llm.FinishStop, "stop"
	switch {
	case dice < 20:
		rec.Outcome, rec.Finish, rec.Native = generation.Broken, llm.FinishError, ""
	case dice < 30:
		rec.Outcome, rec.Finish, rec.Native, rec.Cancelled = generation.Cancelled, llm.FinishUnknown, "", true
	case dice < 32:
		rec.Finish, rec.Native = llm.FinishFilter, "content_filter"
	case dice < 80:
		rec.Finish, rec.Native = llm.FinishLength, "length"
	case dice < 180:
		rec.Finish, rec.Native = llm.FinishTools, "tool_calls"
	}
	if rnd.IntN(50) == 0 {
		failed := try
		failed.Status, failed.Kind, failed.FirstMS = 503, "overloaded", 0
		rec.Attempts = append(rec.Attempts, failed)
	}
	rec.Attempts = append(rec.Attempts, try)
	rec.Upstream = fmt.Sprintf("chatcmpl-%016x", rnd.Uint64())
	rec.UsageState = "reported"
	rec.Usage = llm.Usage{State: llm.UsageReported, Input: 50 + int64(rnd.ExpFloat64()*3000), Output: 5 + int64(rnd.ExpFloat64()*500)}
	if rnd.IntN(3) == 0 {
		rec.Usage.CacheRead = int64(rnd.ExpFloat64() * 4000)
	}
	if bill, err := meter.Cost(e.Pricing, &rec.Usage, 0); err == nil {
		rec.List, rec.Lines = bill.Total, bill.Lines
	}
}

// skewed is a number below n, the lower the more often: half are below an eighth of n.
func skewed(rnd *rand.Rand, n int) int {
	x := rnd.Float64()
	return int(x * x * x * float64(n))
}

func fill(b []byte, rnd *rand.Rand) {
	for i := range b {
		b[i] = byte(rnd.Uint32())
	}
}

// clock says when requests come: more on working days, and by day.
type clock struct {
	start time.Time
	until []float64 // share of all requests that have come at the end of each hour
}

func newClock(start, end time.Time) clock {
	c := clock{start: start}
	sum := 0.0
	for at := start; at.Before(end); at = at.Add(time.Hour) {
		weight := 1.0
		if h := at.Hour(); h >= 7 && h < 19 {
			weight = 3
		}
		if d := at.Weekday(); d == time.Saturday || d == time.Sunday {
			weight /= 2
		}
		sum += weight
		c.until = append(c.until, sum)
	}
	for i := range c.until {
		c.until[i] /= sum
	}
	return c
}

// at is when the request comes before which a share of all have come.
func (c *clock) at(share float64) time.Time {
	i, _ := slices.BinarySearch(c.until, share)
	i = min(i, len(c.until)-1)
	from := 0.0
	if i > 0 {
		from = c.until[i-1]
	}
	within := (share - from) / (c.until[i] - from)
	return c.start.Add(time.Duration((float64(i) + within) * float64(time.Hour))).Truncate(time.Millisecond)
}
