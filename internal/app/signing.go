package app

import (
	"fmt"
	"os"

	"github.com/dragoman-gateway/dragoman/internal/vault"
)

// Files with keys that sign, each made at the first start: 32 random bytes in hex. What a key
// has signed stays valid as long as somebody has its public half.
const (
	receiptKey  = "receipt.key"  // privacy receipts
	workloadKey = "workload.key" // access tokens of workloads
)

// signingKey is the secret in such a file.
func (a *App) signingKey(name string) ([]byte, error) {
	path := a.dataFile(name)
	if _, err := os.Stat(path); os.IsNotExist(err) {
		if err := makeKey(path); err != nil {
			return nil, fmt.Errorf("make %s: %w", name, err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read a key that signs: %w", err)
	}
	seed, err := vault.ParseKey(text)
	if err != nil {
		return nil, fmt.Errorf("the key that signs in %s: %w", path, err)
	}
	return seed, nil
}
