package audit

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func chain() []Entry {
	var log []Entry
	var last Hash
	for i, action := range []string{"key.create", "key.update", "credit.grant", "key.delete"} {
		e := Entry{At: time.Date(2026, 3, 4, 5, 6, i, 789_123, time.FixedZone("", 3600)), Account: "a", Actor: "k", Action: action, Target: "t", Detail: "{}"}
		e.Seal(int64(i+1), last)
		log, last = append(log, e), e.Hash
	}
	return log
}

func faults(log []Entry) (all []string) {
	var c Chain
	for i := range log {
		if err := c.Next(&log[i]); err != nil {
			all = append(all, err.Error())
		}
	}
	return all
}

func TestWholeChain(t *testing.T) {
	if f := faults(chain()); f != nil {
		t.Error(f)
	}
}

func TestEveryFieldIsBound(t *testing.T) {
	for i := range reflect.TypeFor[Entry]().NumField() {
		log := chain()
		f := reflect.ValueOf(&log[1]).Elem().Field(i)
		switch f.Interface().(type) {
		case int64:
			f.SetInt(7)
		case string:
			f.SetString(f.String() + "x")
		case time.Time:
			f.Set(reflect.ValueOf(log[1].At.Add(time.Microsecond)))
		case Hash:
			f.Index(31).SetUint(f.Index(31).Uint() ^ 1)
		default:
			t.Fatalf("%s is not changed by this test", f.Type())
		}
		if faults(log) == nil {
			t.Errorf("field %s can be changed", reflect.TypeFor[Entry]().Field(i).Name)
		}
	}
}

func TestTextsDoNotFlowIntoOneAnother(t *testing.T) {
	a, b := Entry{Action: "ab", Target: "c"}, Entry{Action: "a", Target: "bc"}
	a.Seal(1, Hash{})
	b.Seal(1, Hash{})
	if a.Hash == b.Hash {
		t.Error("two entries have one hash")
	}
}

func TestMissingMovedAndInserted(t *testing.T) {
	log := chain()
	extra := Entry{Account: "a", Action: "key.create"}
	extra.Seal(3, log[1].Hash)
	for name, c := range map[string]struct {
		log  []Entry
		says string
	}{
		"missing":  {slices.Delete(chain(), 1, 2), `entry 3 of "a" follows entry 1`},
		"cut off":  {chain()[1:], `entry 2 of "a" follows entry 0`},
		"inserted": {slices.Insert(chain(), 2, extra), `entry 3 of "a" follows entry 3`},
		"replaced": {[]Entry{log[0], log[1], extra, log[3]}, `entry 4 of "a" does not follow`},
	} {
		if f := faults(c.log); f == nil || !strings.Contains(f[0], c.says) {
			t.Errorf("%s: %v", name, f)
		}
	}
}

// An account's chain is the same whatever others do between its entries.
func TestChainsKeepApart(t *testing.T) {
	alone, among := Chains{}, Chains{}
	var log []Entry
	for _, of := range []string{"a", "b", "b", "a", "c", "a"} {
		e := Entry{Account: of, Action: "x"}
		among.Seal(&e)
		if log = append(log, e); of != "a" {
			continue
		}
		own := Entry{Account: of, Action: "x"}
		if alone.Seal(&own); own != e {
			t.Errorf("%+v alone, %+v among others", own, e)
		}
	}
	check := Chains{}
	for i := range log {
		if err := check.Next(&log[i]); err != nil {
			t.Error(err)
		}
	}
	if !maps.Equal(check, among) || check["a"] != alone["a"] {
		t.Errorf("%v %v", check, among)
	}
	if err := check.Next(&log[1]); err == nil {
		t.Error("an entry is taken twice")
	}
}
