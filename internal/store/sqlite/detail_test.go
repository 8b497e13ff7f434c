package sqlite

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// withoutColumns drops the fields of a record that have a column and are not in its detail.
func withoutColumns(r generation.Record) generation.Record {
	r.ID, r.Upstream, r.Account, r.Key, r.Model, r.Provider, r.Endpoint, r.Outcome = "", "", "", "", "", "", "", ""
	r.Member, r.Workspace = "", ""
	r.Created, r.Cost, r.Loss = time.Time{}, 0, 0
	return r
}

// readBack reads a detail for a record with these columns, and drops them.
func readBack(t interface{ Fatalf(string, ...any) }, b []byte, columns *generation.Record) generation.Record {
	got := generation.Record{Model: columns.Model, Provider: columns.Provider, Endpoint: columns.Endpoint, Upstream: columns.Upstream}
	if err := readDetail(b, &got); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return withoutColumns(got)
}

// A field added to the record and forgotten in appendDetail fails here.
func TestDetailKeepsEveryField(t *testing.T) {
	t.Parallel()
	var r generation.Record
	fill(reflect.ValueOf(&r).Elem(), new(int64))
	want := withoutColumns(r)
	if got := readBack(t, appendDetail(nil, &r), &r); !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
}

// fill sets every field to something of its own.
func fill(v reflect.Value, n *int64) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString("text \"" + string(rune('a'+*n%26)) + "\" é\n")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(*n * 1001)
	case reflect.Uint8:
		v.SetUint(uint64(*n % 200))
	case reflect.Uint64:
		v.SetUint(1<<63 + uint64(*n))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	default:
		panic("fill does not know " + v.Type().String())
	}
}

func TestDetailKeepsRandomRecords(t *testing.T) {
	t.Parallel()
	record := rapid.Custom(func(t *rapid.T) generation.Record {
		return generation.Record{
			Asked:    rapid.String().Draw(t, "asked"),
			Streamed: rapid.Bool().Draw(t, "streamed"),
			List:     money.Amount(rapid.Int64().Draw(t, "list")),
			Attempts: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) generation.Attempt {
				return generation.Attempt{Message: rapid.String().Draw(t, "message"), Status: rapid.Int().Draw(t, "status")}
			}), 0, 3).Draw(t, "attempts"),
			UserAgent: rapid.String().Draw(t, "agent"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		r := record.Draw(t, "record")
		if len(r.Attempts) == 0 {
			r.Attempts = nil
		}
		if got := readBack(t, appendDetail(nil, &r), &r); !reflect.DeepEqual(got, r) {
			t.Fatalf("got  %+v\nwant %+v", got, r)
		}
	})
}

// The attempt that answered has its endpoint in the columns, and not a second time.
func TestDetailOfTheAnswer(t *testing.T) {
	t.Parallel()
	failed := generation.Attempt{Endpoint: "a/one", Provider: "A", Model: "m", UpstreamID: "x", Status: 500}
	answered := generation.Attempt{Endpoint: "b/two", Provider: "B", Model: "m", UpstreamID: "y", Status: 200}
	r := generation.Record{Endpoint: "b/two", Provider: "B", Model: "m", Upstream: "y", Attempts: []generation.Attempt{failed, answered}}
	b := appendDetail(nil, &r)
	if strings.Contains(string(b), "b/two") || !strings.Contains(string(b), "a/one") {
		t.Errorf("%s", b)
	}
	if got := readBack(t, b, &r); !reflect.DeepEqual(got.Attempts, r.Attempts) {
		t.Errorf("%+v", got.Attempts)
	}
	r.Endpoint, r.Provider, r.Model, r.Upstream = "", "", "", ""
	if got := readBack(t, appendDetail(nil, &r), &r); !reflect.DeepEqual(got.Attempts, r.Attempts) {
		t.Errorf("of a failure: %+v", got.Attempts)
	}
}
