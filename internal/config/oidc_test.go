package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestOIDC(t *testing.T) {
	t.Setenv("CORP_SECRET", "hush")
	f, err := Load(file(t, "sign_in:\n  oidc:\n  - {id: corp, issuer: 'https://login.test', client_id: us, client_secret_env: CORP_SECRET, domains: [corp.test], groups: [{group: g, role: admin, workspaces: [w]}]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	o := f.Config.SignIn.OIDC[0]
	if secret, err := o.Secret(); secret != "hush" || err != nil || o.Name != "corp" || o.Organization != "default" || o.Role != "developer" || o.GroupsClaim != "groups" || len(o.Scopes) != 2 || o.Create || o.Trusted {
		t.Errorf("%+v %v", o, err)
	}
	for name, tc := range map[string]struct{ change, says string }{
		"no id":         {"id: ''", "lower-case"},
		"http":          {"issuer: 'http://login.test'", "https URL"},
		"a query":       {"issuer: 'https://login.test?a=1'", "https URL"},
		"no client":     {"client_id: ''", "no client_id"},
		"no domains":    {"domains: []", "no domains"},
		"an address":    {"domains: [ann@corp.test]", "domain in lower case"},
		"upper case":    {"domains: [Corp.test]", "domain in lower case"},
		"a role":        {"role: king", "king"},
		"a group":       {"groups: [{role: admin}]", "names no group"},
		"a group's":     {"groups: [{group: g, role: king}]", "king"},
		"two secrets":   {"client_secret: x\n    client_secret_env: CORP_SECRET", "more than one of client_secret, client_secret_env, client_secret_file"},
		"no variable":   {"client_secret_env: NOT_SET_ANYWHERE", "NOT_SET_ANYWHERE is not set"},
		"no file":       {"client_secret_file: /not/there", "not/there"},
		"unknown field": {"secret: x", "secret"},
	} {
		lines := []string{}
		changed, _, _ := strings.Cut(tc.change, ":")
		for _, line := range []string{"id: corp", "issuer: 'https://login.test'", "client_id: us", "domains: ['*']"} {
			if own, _, _ := strings.Cut(line, ":"); own != changed {
				lines = append(lines, "    "+line)
			}
		}
		_, err := Load(file(t, fmt.Sprintf("sign_in:\n  oidc:\n  - name: n\n%s\n    %s\n", strings.Join(lines, "\n"), tc.change)))
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Line == 0 || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	two := "  - {id: corp, issuer: 'https://login.test', client_id: us, domains: ['*']}\n"
	if _, err := Load(file(t, "sign_in:\n  oidc:\n"+two+two)); err == nil || !strings.Contains(err.Error(), "listed twice") {
		t.Error(err)
	}
}
