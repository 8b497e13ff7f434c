package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// The parameters of new hashes: the first choice of OWASP's Password Storage Cheat Sheet for
// argon2id but one, 19 MiB and two passes.
const (
	hashMemory = 19 << 10 // KiB
	hashPasses = 2
	hashLanes  = 1
	saltSize   = 16
	hashSize   = 32
)

// Bounds of a password, in bytes. What is shorter is guessed, what is longer is no password.
const (
	minPassword = 10
	maxPassword = 1024
)

// Bounds of hashing: at most atOnce × 19 MiB are in use, and who would wait behind many others
// is sent away.
const (
	atOnce     = 2
	maxWaiting = 64
)

// hasher makes and checks hashes of passwords, some at once.
type hasher struct {
	slots   chan struct{}
	waiting atomic.Int64
	dummy   string // the hash of a password that nobody has
}

func newHasher() *hasher {
	return &hasher{slots: make(chan struct{}, atOnce), dummy: written(form{hashMemory, hashPasses, hashLanes, random(saltSize), random(hashSize)})}
}

// hash is a password as it is stored.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	f := form{hashMemory, hashPasses, hashLanes, random(saltSize), make([]byte, hashSize)}
	f.sum = f.of(password)
	return written(f), nil
}

// is reports whether a password is the one of a hash. "" is the hash of none, and takes as
// long to say so.
func (h *hasher) is(ctx context.Context, password, hash string) (bool, error) {
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	known := hash != ""
	if !known {
		hash = h.dummy
	}
	if len(password) > maxPassword {
		password, known = "", false
	}
	f, err := parsePHC(hash)
	if err != nil {
		return false, fault.Wrap(fault.Internal, fmt.Errorf("read the hash of a password: %w", err))
	}
	return subtle.ConstantTimeCompare(f.of(password), f.sum) == 1 && known, nil
}

func (h *hasher) enter(ctx context.Context) error {
	if h.waiting.Add(1) > maxWaiting {
		h.waiting.Add(-1)
		return &fault.Error{Kind: fault.Unavailable, RetryAfter: 5 * time.Second, Public: "Too many are signing in at this moment; try again in some seconds"}
	}
	defer h.waiting.Add(-1)
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fault.Wrap(fault.Gone, ctx.Err())
	}
}

func (h *hasher) leave() { <-h.slots }

// form is a hash taken apart.
type form struct {
	memory, passes uint32
	lanes          uint8
	salt, sum      []byte
}

// of is the sum of a password, as long as the one that is there. Keyboards write one letter in
// several ways; the sum is of one of them (NIST SP 800-63B §3.1.1.2).
func (f form) of(password string) []byte {
	return argon2.IDKey(norm.NFKC.Bytes([]byte(password)), f.salt, f.passes, f.memory, f.lanes, uint32(len(f.sum)))
}

// written is a hash as it is stored
// (https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md).
func written(f form) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, f.memory, f.passes, f.lanes, b64.EncodeToString(f.salt), b64.EncodeToString(f.sum))
}

func parsePHC(s string) (f form, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return f, fmt.Errorf("it is not an argon2id hash of version %d", argon2.Version)
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &f.memory, &f.passes, &f.lanes); err != nil {
		return f, fmt.Errorf("parameters %q: %w", parts[3], err)
	}
	if f.memory < 8 || f.memory > 1<<20 || f.passes < 1 || f.passes > 16 || f.lanes < 1 || f.lanes > 16 {
		return f, fmt.Errorf("parameters %q are out of bounds", parts[3])
	}
	if f.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return f, err
	}
	if f.sum, err = base64.RawStdEncoding.DecodeString(parts[5]); err == nil && len(f.sum) < 16 {
		err = fmt.Errorf("a sum of %d bytes", len(f.sum))
	}
	return f, err
}

// goodPassword says what is wrong with a new password.
func goodPassword(param, password, email string) error {
	switch {
	case len(password) < minPassword:
		return fault.Bad(param, fmt.Sprintf("A password has at least %d characters; a sentence is a good one", minPassword))
	case len(password) > maxPassword:
		return fault.Bad(param, fmt.Sprintf("A password has at most %d bytes", maxPassword))
	case strings.EqualFold(password, email), strings.Count(password, password[:1]) == len(password):
		return fault.Bad(param, "This password is the first that others would try; choose another")
	}
	return nil
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails: the runtime ends the process instead
	return b
}
