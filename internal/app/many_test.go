package app

import (
	"fmt"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/audit"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/store"
)

// BenchmarkManyKeys is what finding out who asks, and what governs them, costs with a million
// keys of 10,000 members in 10,000 workspaces, each with a guardrail.
func BenchmarkManyKeys(b *testing.B) {
	const keys, groups = 1_000_000, 10_000
	a, _ := newDemo(b, "")
	err := a.directory.Update(b.Context(), audit.Entry{}, func(tx *directory.Tx) error {
		for i := range groups {
			id := fmt.Sprintf("%08d-0000-4000-8000-000000000000", i)
			if err := tx.PutWorkspace(&account.Workspace{ID: id, Account: DefaultAccount, Name: "w", Slug: fmt.Sprint("w", i), Members: []account.Membership{{ID: id, Member: fmt.Sprint(i), ByHand: true}}}); err != nil {
				return err
			}
			if err := tx.PutGuardrail(&account.Guardrail{ID: directory.DefaultGuardrail(id), Account: DefaultAccount, Workspace: id, Name: "g", IgnoreProviders: []string{"x"}}); err != nil {
				return err
			}
			if err := tx.PutMember(&account.Member{ID: fmt.Sprint(i), Account: DefaultAccount, Email: fmt.Sprint(i), Role: account.Developer}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	plain := func(i int) string { return fmt.Sprintf("sk-or-v1-%064d", i) }
	for from := 0; from < keys; from += 10_000 {
		var c store.Change
		for i := from; i < from+10_000; i++ {
			c.Keys = append(c.Keys, &account.Key{Hash: account.HashKey(plain(i)), Account: DefaultAccount, Workspace: fmt.Sprintf("%08d-0000-4000-8000-000000000000", i%groups), Creator: fmt.Sprint(i % groups)})
		}
		if err := a.store.Apply(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
	r := httptest.NewRequest("POST", "/v1/chat/completions", nil)
	runtime.GC()
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i = (i + 7919) % keys
		r.Header["Authorization"] = []string{"Bearer " + plain(i)}
		if _, err := a.gateway.Authenticate(r, a.gateway.Now()); err != nil {
			b.Fatal(err)
		}
	}
}
