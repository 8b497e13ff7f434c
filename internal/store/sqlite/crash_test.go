package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/store/storetest"
)

// victimEnv makes the test binary a victim: it works on the database at the path until
// it is killed.
const victimEnv = "DRAGOMAN_TEST_VICTIM"

func TestMain(m *testing.M) {
	if path := os.Getenv(victimEnv); path != "" {
		victim(path)
		return
	}
	os.Exit(m.Run())
}

// victim says "id" for a hold that is durable and "id cost" for a settlement that is.
func victim(path string) {
	s, err := Open(path, Options{Logger: quiet})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	run := time.Now().UnixNano()
	var say sync.Mutex
	for worker := range 8 {
		go func() {
			rng := rand.New(rand.NewPCG(uint64(run), uint64(worker)))
			for i := 0; ; i++ {
				id := fmt.Sprintf("gen-%d-%d-%d", run, worker, i)
				line, err := work(s, id, rng)
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				say.Lock()
				fmt.Println(line)
				say.Unlock()
			}
		}()
	}
	select {}
}

func work(s *Store, id string, rng *rand.Rand) (string, error) {
	ctx := context.Background()
	h := ledger.Hold{ID: ledger.HoldID(id), Account: "acme", Spender: ledger.Spender{Key: "k"}, Amount: 100, At: storetest.Noon}
	if err := s.Place(ctx, h); err != nil {
		return "", err
	}
	if rng.IntN(3) == 0 {
		if err := s.AwaitHold(ctx, h.ID); err != nil {
			return "", err
		}
		if rng.IntN(4) == 0 {
			return id, nil // left open
		}
	}
	cost := money.Amount(rng.Int64N(150))
	_, err := s.Settle(ctx, ledger.Settlement{Hold: h.ID, Cost: cost, Loss: 1, At: storetest.Noon},
		&generation.Record{ID: id, Created: storetest.Noon, Outcome: generation.Completed})
	return fmt.Sprintf("%s %d", id, int64(cost)), err
}

func TestKill9LosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "victim.db")
	s := mustOpen(t, path, Options{})
	storetest.Fund(t, s, "acme", 1e6*money.Dollar)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	rng := rand.New(rand.NewPCG(seed, 0))
	rounds := 20
	if testing.Short() {
		rounds = 3
	}
	total := 0
	for round := range rounds {
		said := kill(t, path, time.Duration(20+rng.IntN(120))*time.Millisecond)
		total += len(said)
		if err := verify(t, path, said); err != nil {
			t.Fatalf("seed %d round %d: %v", seed, round, err)
		}
	}
	if total < 100 {
		t.Fatalf("only %d acknowledgements in %d rounds", total, rounds)
	}
}

// kill runs a victim and kills it some time after its first word. It returns the words.
func kill(t *testing.T, path string, after time.Duration) []string {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), victimEnv+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	var said []string
	for lines.Scan() {
		if said == nil {
			time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		}
		said = append(said, lines.Text())
	}
	if err := cmd.Wait(); err == nil || len(said) == 0 {
		t.Fatalf("the victim ended by itself: %v, said %d lines", err, len(said))
	}
	return said
}

func verify(t *testing.T, path string, said []string) error {
	t.Helper()
	s := mustOpen(t, path, Options{})
	defer s.Close()
	clean(t, s)
	if bal, err := s.Balance(t.Context(), "acme"); err != nil || bal.Held != 0 {
		return fmt.Errorf("held after a restart: %+v %v", bal, err)
	}
	records := map[string]*generation.Record{}
	err := s.scan(t.Context(), `SELECT `+recordColumns+` FROM generations`, func(scan func(...any) error) error {
		rec, err := scanRecord(scan)
		if err == nil {
			records[rec.ID] = rec
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, line := range said {
		var id string
		var cost money.Amount
		settled, _ := fmt.Sscan(line, &id, (*int64)(&cost))
		rec := records[id]
		switch {
		case rec == nil:
			return fmt.Errorf("%q: no record", line)
		case settled == 1 && (rec.Outcome != generation.Lost || rec.Cost != 0):
			return fmt.Errorf("%q, left open: %+v", line, rec)
		case settled == 2 && (rec.Outcome != generation.Completed || rec.Cost+rec.Loss != cost+1):
			return fmt.Errorf("%q: %+v", line, rec)
		}
	}
	return nil
}
