package fault

import (
	"errors"
	"fmt"
	"testing"
)

// TestEveryKindHasARule: a kind without a row would answer status 0.
func TestEveryKindHasARule(t *testing.T) {
	if len(Rules) != Kinds {
		t.Fatalf("%d rules for %d kinds", len(Rules), Kinds)
	}
	for k, r := range Rules {
		if r.Status < 400 || r.Status > 599 || r.Type == "" || r.Says == "" {
			t.Errorf("kind %d: %+v", k, r)
		}
		if r.HurtsPeer && !r.TryNext {
			t.Errorf("kind %d blames an endpoint and asks no other", k)
		}
	}
}

func TestUnclassifiedTellsNothing(t *testing.T) {
	e := As(errors.New("secret detail"))
	if e.Kind != Internal || e.Message() != Rules[Internal].Says || e.HTTPStatus() != 500 {
		t.Errorf("%+v: %s", e, e.Message())
	}
}

func TestWrapped(t *testing.T) {
	err := fmt.Errorf("while trying: %w", &Error{Kind: Overloaded, Status: 529, Type: "provider_overloaded"})
	e := As(err)
	if Of(err) != Overloaded || e.HTTPStatus() != 529 || e.ErrorType() != "provider_overloaded" {
		t.Errorf("%+v", e)
	}
	if cause := errors.New("x"); !errors.Is(Wrap(Broken, cause), cause) {
		t.Error("the cause is lost")
	}
}
