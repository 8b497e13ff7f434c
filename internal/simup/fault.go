package simup

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Fault is how one answer goes wrong. The zero Fault does nothing; several members may
// be set at once. docs/simulator.md has the table of their written form, which ParseFault
// reads.
type Fault struct {
	Status       int           // an error answer with this status and a proper body
	RetryAfter   int           // seconds, for a 429; 0 is 7
	HTML         bool          // a proxy's HTML page instead of JSON; 502 without Status
	Empty        bool          // headers, then no body
	Truncated    bool          // half of the body, as if it were all
	Stall        time.Duration // before the headers
	Pause        time.Duration // before each frame but the first
	Cut          bool          // the connection ends after CutAt bytes of body
	CutAt        int
	Reset        bool          // the cut is a TCP reset
	CleanEnd     bool          // the cut is a well-formed end of the HTTP answer
	Malformed    bool          // one frame, or the body, is not JSON
	ErrorEvent   bool          // an error inside a 200 answer, after ErrorAfter frames of content
	ErrorAfter   int           // 0: before anything else
	NoTerminator bool          // a stream without its last frame
	Usage        string        // "missing", "zero" or "x3": what is reported, not what is invoiced
	UsageTwice   bool          // the usage frame comes twice
	Duplicate    bool          // the first frame of content comes twice
	NoContent    bool          // an empty completion
	Gzip         bool          // a compressed body, whether asked for or not
	SlowReader   time.Duration // before each 4 KiB of the request
	Early        bool          // answers before reading the request's body
	On           string        // only at this provider; "" everywhere
}

// reads tells whether the fault concerns how the request is read.
func (f *Fault) reads() bool { return f.Early || f.SlowReader > 0 }

// frameByFrame tells whether a stream must be written one frame at a time.
func (f *Fault) frameByFrame() bool { return f.Pause > 0 || f.Cut || f.Gzip || f.ErrorEvent }

// slowRead is the pause before each piece of a body that SlowReader means by itself.
const slowRead = 10 * time.Millisecond

// ParseFault reads the written form: words with commas between, such as
// "status=429,retry-after=3" or "cut=120,rst".
func ParseFault(s string) (Fault, error) {
	var f Fault
	for word := range strings.SplitSeq(s, ",") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		if err := f.set(word); err != nil {
			return Fault{}, err
		}
	}
	return f, nil
}

func (f *Fault) set(word string) error {
	name, value, has := strings.Cut(word, "=")
	if flag := f.flag(name); flag != nil && !has {
		*flag = true
		return nil
	}
	var err error
	switch {
	case name == "error-event":
		f.ErrorEvent = true
		if has {
			f.ErrorAfter, err = number(value, 0, 1<<20)
		}
	case name == "slow-reader" && !has:
		f.SlowReader = slowRead
	case !has:
		return fmt.Errorf("unknown fault %q", word)
	default:
		err = f.setValue(name, value)
	}
	if err != nil {
		return fmt.Errorf("fault %q: %w", word, err)
	}
	return nil
}

func (f *Fault) setValue(name, value string) (err error) {
	switch name {
	case "status":
		f.Status, err = number(value, 200, 599)
	case "retry-after":
		f.RetryAfter, err = number(value, 1, 1<<20)
	case "cut":
		f.Cut = true
		f.CutAt, err = number(value, 0, 1<<30)
	case "stall":
		f.Stall, err = delay(value)
	case "pause":
		f.Pause, err = delay(value)
	case "slow-reader":
		f.SlowReader, err = delay(value)
	case "usage":
		if value != "missing" && value != "zero" && value != "x3" {
			return fmt.Errorf("want missing, zero or x3")
		}
		f.Usage = value
	case "on":
		f.On = value
	default:
		return fmt.Errorf("unknown name %q", name)
	}
	return err
}

// flag is the member that a word without a value sets; nil for none. "fin" is what a cut
// does anyway.
func (f *Fault) flag(name string) *bool {
	switch name {
	case "html":
		return &f.HTML
	case "empty":
		return &f.Empty
	case "truncated":
		return &f.Truncated
	case "rst":
		return &f.Reset
	case "end":
		return &f.CleanEnd
	case "malformed":
		return &f.Malformed
	case "no-terminator":
		return &f.NoTerminator
	case "usage-twice":
		return &f.UsageTwice
	case "duplicate":
		return &f.Duplicate
	case "no-content":
		return &f.NoContent
	case "gzip":
		return &f.Gzip
	case "early":
		return &f.Early
	case "fin":
		return new(bool)
	}
	return nil
}

func number(s string, low, high int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("want a whole number from %d to %d", low, high)
	}
	return n, nil
}

func delay(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || d > time.Hour {
		return 0, fmt.Errorf("want a duration from 0 to 1h, such as 200ms")
	}
	return d, nil
}
