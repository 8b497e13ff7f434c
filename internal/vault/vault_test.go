package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

const place = "byok/cred_1/ws_1"

// localKey is a local key whose bytes follow from a seed.
func localKey(t testing.TB, seed byte) KEK {
	t.Helper()
	k, err := Local(bytes.Repeat([]byte{seed | 0x80}, KeySize))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newVault(t testing.TB, primary KEK, older ...KEK) *Vault {
	t.Helper()
	v, err := New(primary, older...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func seal(t testing.TB, v *Vault, plain, place string) []byte {
	t.Helper()
	blob, err := v.Seal(t.Context(), []byte(plain), place)
	if err != nil {
		t.Fatal(err)
	}
	return blob
}

func wantKind(t *testing.T, err error, want Kind) {
	t.Helper()
	if err == nil || KindOf(err) != want {
		t.Errorf("got %v, kind %d; want kind %d", err, KindOf(err), want)
	}
}

func TestOpensWhatItSealed(t *testing.T) {
	t.Parallel()
	v := newVault(t, localKey(t, 1))
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOfN(rapid.Byte(), 0, 2000).Draw(t, "plain")
		where := rapid.StringMatching(`[a-z/é0-9_]{1,40}`).Draw(t, "place")
		blob, err := v.Seal(context.Background(), plain, where)
		if err != nil {
			t.Fatal(err)
		}
		got, err := v.Open(context.Background(), blob, where)
		if err != nil || !bytes.Equal(got.Bytes(), plain) {
			t.Fatalf("%q, %v", got.Bytes(), err)
		}
	})
}

func TestEverySealIsAnother(t *testing.T) {
	t.Parallel()
	v := newVault(t, localKey(t, 1))
	a, b := seal(t, v, "sk-secret", place), seal(t, v, "sk-secret", place)
	pa, _ := parse(a)
	pb, _ := parse(b)
	if bytes.Equal(pa.wrapped, pb.wrapped) || bytes.Equal(pa.payload, pb.payload) {
		t.Error("two seals share a data key or a payload")
	}
	if bytes.Contains(a, []byte("sk-secret")) {
		t.Error("the secret lies in the open")
	}
}

func TestOpensAtItsPlaceOnly(t *testing.T) {
	t.Parallel()
	v := newVault(t, localKey(t, 1))
	blob := seal(t, v, "x", place)
	for _, other := range []string{"byok/cred_1/ws_2", "byok/cred_2/ws_1", place + "/", "byok/cred_1/ws_"} {
		_, err := v.Open(t.Context(), blob, other)
		wantKind(t, err, Mismatch)
		_, err = v.Rewrap(t.Context(), blob, other)
		wantKind(t, err, Mismatch)
	}
}

// loose is a key that does not bind: its server ignores associated data.
type loose struct{ KEK }

func (l loose) ID() string { return "loose/1" }
func (l loose) Wrap(ctx context.Context, dek []byte, _ string) ([]byte, error) {
	return l.KEK.Wrap(ctx, dek, "anywhere")
}
func (l loose) Unwrap(ctx context.Context, wrapped []byte, _ string) ([]byte, error) {
	return l.KEK.Unwrap(ctx, wrapped, "anywhere")
}

// TestPayloadIsBoundToo: even under a key that does not bind, a moved secret does not open,
// and the check at the start tells of the key.
func TestPayloadIsBoundToo(t *testing.T) {
	t.Parallel()
	v := newVault(t, loose{localKey(t, 1)})
	_, err := v.Open(t.Context(), seal(t, v, "x", place), "elsewhere")
	wantKind(t, err, Mismatch)
	canary, err := v.Canary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantKind(t, v.Check(t.Context(), canary), Unbound)
}

// TestPartsOfTwoDoNotMix: the data key of one does not open the payload of another.
func TestPartsOfTwoDoNotMix(t *testing.T) {
	t.Parallel()
	v := newVault(t, localKey(t, 1))
	a, _ := parse(seal(t, v, "mine", place))
	b, _ := parse(seal(t, v, "theirs", place))
	_, err := v.Open(t.Context(), append(a.appendHead(nil), b.payload...), place)
	wantKind(t, err, Mismatch)
}

// TestAnyChangedByteIsNoticed flips each bit of a sealed form.
func TestAnyChangedByteIsNoticed(t *testing.T) {
	t.Parallel()
	v := newVault(t, localKey(t, 1))
	blob := seal(t, v, "secret", place)
	for i := range blob {
		for bit := range 8 {
			changed := bytes.Clone(blob)
			changed[i] ^= 1 << bit
			if s, err := v.Open(t.Context(), changed, place); err == nil {
				t.Fatalf("byte %d, bit %d: opened as %q", i, bit, s.Bytes())
			}
		}
		if _, err := v.Open(t.Context(), blob[:i], place); err == nil {
			t.Fatalf("opened, cut at %d", i)
		}
	}
	if _, err := v.Open(t.Context(), append(bytes.Clone(blob), 0), place); err == nil {
		t.Error("opened with a byte too many")
	}
}

func TestMissingKeyIsNamed(t *testing.T) {
	t.Parallel()
	old := localKey(t, 1)
	blob := seal(t, newVault(t, old), "x", place)
	v := newVault(t, localKey(t, 2))
	_, err := v.Open(t.Context(), blob, place)
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Kind != NoKey || e.KeyID != old.ID() {
		t.Fatalf("%v", err)
	}
	if text := err.Error(); !strings.Contains(text, old.ID()) || !strings.Contains(text, "not configured; add that key") {
		t.Errorf("it does not say what to do: %s", text)
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	older, newer := localKey(t, 1), localKey(t, 2)
	v := newVault(t, older)
	before := seal(t, v, "secret", place)
	if err := v.Use(newer, older); err != nil {
		t.Fatal(err)
	}
	if ok, err := v.Current(before); ok || err != nil {
		t.Fatalf("current %v, %v", ok, err)
	}
	after, err := v.Rewrap(t.Context(), before, place)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := v.Current(after); !ok || err != nil {
		t.Errorf("current %v, %v", ok, err)
	}
	pb, _ := parse(before)
	pa, _ := parse(after)
	if !bytes.Equal(pa.payload, pb.payload) {
		t.Error("the payload was changed")
	}
	if err := v.Use(newer); err != nil {
		t.Fatal(err)
	}
	if got, err := v.Open(t.Context(), after, place); err != nil || got.Text() != "secret" {
		t.Errorf("%q, %v", got.Text(), err)
	}
	_, err = v.Open(t.Context(), before, place)
	wantKind(t, err, NoKey)
	_, err = newVault(t, older).Open(t.Context(), after, place)
	wantKind(t, err, NoKey)
	_, err = older.Unwrap(t.Context(), pa.wrapped, place)
	wantKind(t, err, Mismatch)
}

// TestRotatesWhileItServes: readers and writers go on while the keys are changed thrice and
// everything stored is wrapped anew.
func TestRotatesWhileItServes(t *testing.T) {
	t.Parallel()
	ring := []KEK{localKey(t, 1), localKey(t, 2), localKey(t, 3), localKey(t, 4)}
	v := newVault(t, ring[0])
	var mu sync.Mutex
	store := map[string][]byte{}
	put := func(where string, blob []byte) { mu.Lock(); defer mu.Unlock(); store[where] = blob }
	get := func(where string) []byte { mu.Lock(); defer mu.Unlock(); return store[where] }
	names := make([]string, 40)
	for i := range names {
		names[i] = fmt.Sprintf("byok/%d/ws", i)
		put(names[i], seal(t, v, names[i], names[i]))
	}
	stop := make(chan struct{})
	var serving sync.WaitGroup
	for range 4 {
		serving.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				where := names[n%len(names)]
				if got, err := v.OpenStored(t.Context(), where, func() []byte { return get(where) }); err != nil || got.Text() != where {
					t.Errorf("%s: %q, %v", where, got.Text(), err)
					return
				}
			}
		})
	}
	for i := 1; i < len(ring); i++ {
		if err := v.Use(ring[i], ring[i-1]); err != nil {
			t.Fatal(err)
		}
		for _, where := range names {
			blob, err := v.Rewrap(t.Context(), get(where), where)
			if err != nil {
				t.Fatal(err)
			}
			put(where, blob)
		}
	}
	close(stop)
	serving.Wait()
	for _, where := range names {
		if id, err := KeyID(get(where)); id != v.Primary() || err != nil {
			t.Errorf("%s is under %q, %v", where, id, err)
		}
	}
}

// TestOpenStored: a rotation ends between the reading and the opening.
func TestOpenStored(t *testing.T) {
	t.Parallel()
	older, newer := localKey(t, 1), localKey(t, 2)
	v := newVault(t, newer)
	before, after := seal(t, newVault(t, older), "secret", place), seal(t, v, "secret", place)
	reads := 0
	got, err := v.OpenStored(t.Context(), place, func() []byte {
		reads++
		if reads == 1 {
			return before
		}
		return after
	})
	if err != nil || got.Text() != "secret" || reads != 2 {
		t.Errorf("%q, %v after %d reads", got.Text(), err, reads)
	}
	_, err = v.OpenStored(t.Context(), place, func() []byte { return before })
	wantKind(t, err, NoKey)
}

func TestKeysAreNamed(t *testing.T) {
	t.Parallel()
	a, b := localKey(t, 1), localKey(t, 2)
	v := newVault(t, a, b)
	if v.Primary() != a.ID() || a.ID() == b.ID() || !strings.HasPrefix(a.ID(), "local/") {
		t.Errorf("%q %q", a.ID(), b.ID())
	}
	if got := v.KeyIDs(); len(got) != 2 || !(reflect.DeepEqual(got, []string{a.ID(), b.ID()}) || reflect.DeepEqual(got, []string{b.ID(), a.ID()})) {
		t.Errorf("%q", got)
	}
}

type named struct {
	KEK
	id string
}

func (n named) ID() string { return n.id }

func TestRefusesUnusableKeys(t *testing.T) {
	t.Parallel()
	a := localKey(t, 1)
	v := newVault(t, a)
	for _, c := range []struct {
		primary KEK
		older   []KEK
		says    string
	}{
		{nil, nil, "no primary key"},
		{a, []KEK{a}, "configured twice"},
		{named{a, ""}, nil, "must have 1 to"},
		{named{a, "two words"}, nil, "must have 1 to"},
		{named{a, strings.Repeat("x", MaxKeyID+1)}, nil, "must have 1 to"},
	} {
		if err := v.Use(c.primary, c.older...); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("want %q, got %v", c.says, err)
		}
	}
	if v.Primary() != a.ID() {
		t.Error("a refused set was taken")
	}
}

// odd is a key whose answers are out of shape.
type odd struct {
	wrapped, dek []byte
	err          error
}

func (odd) ID() string { return "odd/1" }
func (o odd) Wrap(context.Context, []byte, string) ([]byte, error) {
	return o.wrapped, o.err
}
func (o odd) Unwrap(context.Context, []byte, string) ([]byte, error) { return o.dek, o.err }

func TestKeysOutOfShape(t *testing.T) {
	t.Parallel()
	for _, wrapped := range [][]byte{nil, make([]byte, maxWrapped+1)} {
		_, err := newVault(t, odd{wrapped: wrapped}).Seal(t.Context(), nil, place)
		wantKind(t, err, Denied)
	}
	v := newVault(t, odd{wrapped: []byte("w"), dek: []byte("short")})
	_, err := v.Open(t.Context(), seal(t, v, "x", place), place)
	wantKind(t, err, Mismatch)
	_, err = newVault(t, odd{err: errors.New("out of paper")}).Seal(t.Context(), nil, place)
	if wantKind(t, err, Unknown); err != nil && !strings.Contains(err.Error(), `"odd/1" failed: out of paper`) {
		t.Error(err)
	}
	_, err = newVault(t, odd{err: &Error{Kind: Unavailable, Err: context.Canceled}}).Seal(t.Context(), nil, place)
	if wantKind(t, err, Unavailable); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "odd/1") {
		t.Error(err)
	}
}

func TestRefusesBadPlacesAndSizes(t *testing.T) {
	t.Parallel()
	v := newVault(t, localKey(t, 1))
	blob := seal(t, v, "x", place)
	for _, bad := range []string{"", strings.Repeat("x", MaxPlace+1), "a\x00b", "a\nb", "a\xff"} {
		if _, err := v.Seal(t.Context(), nil, bad); err == nil {
			t.Errorf("sealed for %q", bad)
		}
		if _, err := v.Open(t.Context(), blob, bad); err == nil {
			t.Errorf("opened for %q", bad)
		}
	}
	if _, err := v.Seal(t.Context(), make([]byte, MaxPlain+1), place); err == nil {
		t.Error("sealed more than MaxPlain")
	}
}

func TestEveryKindSaysWhatToDo(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for k := range kinds {
		text := (&Error{Kind: k, KeyID: "k/1"}).Error()
		what, next, ok := strings.Cut(text, "; ")
		if !ok || what == "vault: " || next == "" || seen[text] || strings.Contains(text, "%!") {
			t.Errorf("kind %d says %q", k, text)
		}
		seen[text] = true
	}
}

func BenchmarkSeal(b *testing.B) {
	v, plain := newVault(b, localKey(b, 1)), []byte(strings.Repeat("k", 100))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Seal(b.Context(), plain, place); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkOpen(b *testing.B, v *Vault, size int) {
	blob := seal(b, v, strings.Repeat("k", size), place)
	b.ReportAllocs()
	b.SetBytes(int64(size))
	for b.Loop() {
		if _, err := v.Open(b.Context(), blob, place); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B)     { benchmarkOpen(b, newVault(b, localKey(b, 1)), 100) }
func BenchmarkOpen100K(b *testing.B) { benchmarkOpen(b, newVault(b, localKey(b, 1)), 100<<10) }
func BenchmarkOpenRemembered(b *testing.B) {
	benchmarkOpen(b, newVault(b, Remember(localKey(b, 1), Memory{})), 100)
}

func BenchmarkRewrap(b *testing.B) {
	v := newVault(b, localKey(b, 1))
	blob := seal(b, v, strings.Repeat("k", 100), place)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Rewrap(b.Context(), blob, place); err != nil {
			b.Fatal(err)
		}
	}
}
