package manage

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/ledger"
)

func managed(method, target, body string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+managementKey)
	return r
}

func TestGrant(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, c := range []struct {
		body  string
		moved bool
		total string
	}{
		{`{"amount":0.1,"ref":"a"}`, true, "0.1"},
		{`{"amount":0.2,"ref":"b","note":"more"}`, true, "0.3"}, // not 0.30000000000000004
		{`{"amount":0.2,"ref":"b"}`, false, "0.3"},
		{`{"amount":0.000000001}`, true, "0.300000001"},
		{`{"amount":0.000000001,"ref":"","note":""}`, true, "0.300000002"},
		{`{"amount":1e3,"ref":null}`, true, "1000.300000002"},
	} {
		got := h.call(managementKey, "POST", "/credits/grant", c.body)
		if got.status != 200 || got.at("data", "moved") != c.moved || got.at("data", "total_credits") != json.Number(c.total) {
			t.Errorf("%s: %d %s", c.body, got.status, got.raw)
		}
	}
	h.refused(409, `"b" has moved $0.2 from`, "POST", "/credits/grant", `{"amount":99,"ref":"b"}`)
	if got := h.call(managementKey, "GET", "/credits", ""); got.at("data", "total_credits") != json.Number("1000.300000002") || got.at("data", "total_usage") != json.Number("0") {
		t.Error(got.raw)
	}
}

func TestGrantRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for body, param := range map[string]string{
		`{}`: "amount", `{"amount":0}`: "amount", `{"amount":-1}`: "amount", `{"amount":"1"}`: "amount", `{"amount":null}`: "amount",
		`{"amount":0.0000000001}`: "amount", `{"amount":1e12}`: "amount", `{"amount":1,"ref":5}`: "ref", `{"amount":1,"note":[]}`: "note",
	} {
		if got := h.call(managementKey, "POST", "/credits/grant", body); got.status != 400 || got.at("error", "param") != param {
			t.Errorf("%s: %d %s", body, got.status, got.raw)
		}
	}
	if got := h.call(managementKey, "GET", "/credits", ""); got.at("data", "total_credits") != json.Number("0") {
		t.Error(got.raw)
	}
}

func TestTransfersAreListed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.call(managementKey, "POST", "/credits/grant", `{"amount":0.1,"ref":"a","note":"for a test"}`)
	h.Now = func() time.Time { return noon.Add(time.Hour) }
	err := h.store.Transfer(t.Context(), ledger.Transfer{Ref: "b", Debit: "default", Credit: ledger.Issued, Amount: 30_000_000, At: noon.Add(time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.store.Transfer(t.Context(), ledger.Transfer{Ref: "c", Debit: ledger.Issued, Credit: "other", Amount: 1, At: noon}); err != nil {
		t.Fatal(err)
	}
	got := h.call(managementKey, "GET", "/credits/history", "")
	want := `{"data":[{"ref":"b","type":"correction","amount":-0.03,"note":null,"created_by":null,"created_by_name":null,"created_at":"2026-03-04T12:01:00Z"},` +
		`{"ref":"a","type":"grant","amount":0.1,"note":"for a test","created_by":"` + string(account.HashKey(managementKey)) + `","created_by_name":null,"created_at":"2026-03-04T12:00:00Z"}],"total_count":2}` + "\n"
	if got.raw != want {
		t.Errorf("got  %s\nwant %s", got.raw, want)
	}
	h.as(h.session(account.Owner), "POST", "/credits/grant", `{"amount":1,"ref":"d"}`)
	if mine := h.call(managementKey, "GET", "/credits/history?offset=0&limit=100", ""); !strings.Contains(mine.raw, `"created_by":"`+patMember+`","created_by_name":"pat@example.com"`) {
		t.Error(mine.raw)
	}
	if page := h.call(managementKey, "GET", "/credits/history?offset=2&limit=1", ""); page.at("data", 0, "ref") != "a" || page.at("total_count") != json.Number("3") {
		t.Error(page.raw)
	}
	if bad := h.call(managementKey, "GET", "/credits/history?limit=0", ""); bad.status != 400 {
		t.Error(bad.raw)
	}
}
