package cli

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/receipt"
)

type receiptCmd struct {
	Verify receiptVerifyCmd `cmd:"" help:"Check a privacy receipt, offline, and print what it states."`
}

type receiptVerifyCmd struct {
	File string `arg:"" help:"The receipt, as GET /generation/receipt gave it." type:"path"`
	Key  string `help:"The gateway's public key in base64, as GET /receipts/key gave it, or a file with it." required:"" env:"DRAGOMAN_RECEIPT_KEY"`
}

// Run verifies a receipt.
func (v *receiptVerifyCmd) Run(io *streams) error {
	key, err := v.key()
	if err != nil {
		return err
	}
	doc, err := os.ReadFile(v.File)
	if err != nil {
		return err
	}
	r, err := receipt.Verify(key, doc)
	if err != nil {
		return fmt.Errorf("%s: %w", v.File, err)
	}
	enc := json.NewEncoder(io.out)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return err
	}
	fmt.Fprintf(io.err, "The receipt is whole, and signed by the owner of the key %s.\n", receipt.KeyID(key))
	return nil
}

func (v *receiptVerifyCmd) key() (ed25519.PublicKey, error) {
	text := v.Key
	if raw, err := os.ReadFile(text); err == nil {
		text = string(raw)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("--key must be 32 bytes in base64, or a file with them")
	}
	return key, nil
}
