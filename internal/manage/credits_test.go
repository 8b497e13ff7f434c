package manage

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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
		{`{"amount":99,"ref":"b"}`, false, "0.3"},
		{`{"amount":0.000000001}`, true, "0.300000001"},
		{`{"amount":0.000000001,"ref":"","note":""}`, true, "0.300000002"},
		{`{"amount":1e3,"ref":null}`, true, "1000.300000002"},
	} {
		got := h.call(managementKey, "POST", "/credits/grant", c.body)
		if got.status != 200 || got.at("data", "moved") != c.moved || got.at("data", "total_credits") != json.Number(c.total) {
			t.Errorf("%s: %d %s", c.body, got.status, got.raw)
		}
	}
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
