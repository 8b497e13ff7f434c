package manage

import (
	"bytes"
	"os"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/analytics"
)

func TestDocsNameEveryMetricAndDimension(t *testing.T) {
	t.Parallel()
	docs, err := os.ReadFile("../../docs/analytics.md")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range analytics.Metrics {
		names = append(names, analytics.Metrics[i].Name)
	}
	for i := range analytics.Dimensions {
		names = append(names, analytics.Dimensions[i].Name)
	}
	for _, name := range names {
		if !bytes.Contains(docs, []byte("`"+name+"`")) {
			t.Errorf("docs/analytics.md does not have %s", name)
		}
	}
}
