package dialect

import (
	"slices"
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// What changes nothing is no loss.
func TestLacks(t *testing.T) {
	f := func(v float64) *float64 { return &v }
	all := Lacks{}
	for i := range parameters {
		all = append(all, &parameters[i])
	}
	told := func(r *llm.Request, c *llm.Conversation) (paths []string) {
		all.Tell(r, c, func(path, why string) { paths = append(paths, path+": "+why) })
		return paths
	}
	quiet := &llm.Conversation{FrequencyPenalty: f(0), PresencePenalty: f(0), RepetitionPenalty: f(1), MinP: f(0), TopA: f(0), Modalities: []string{"text"}}
	if got := told(&llm.Request{Choices: 1, ServiceTier: "auto"}, quiet); got != nil {
		t.Errorf("%q", got)
	}
	got := told(&llm.Request{Choices: 2}, &llm.Conversation{RepetitionPenalty: f(0), Modalities: []string{"text", "audio"}})
	if want := []string{"n: " + NoParameter, "repetition_penalty: " + NoParameter, "modalities: the provider answers in text only"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("a parameter that there is not is lacking")
		}
	}()
	NewLacks("none")
}
