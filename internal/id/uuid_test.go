package id

import (
	"regexp"
	"testing"
)

func TestUUID(t *testing.T) {
	all := [16]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	for _, c := range []struct{ got, version string }{{UUID(all), "4"}, {UUID([16]byte{}), "4"}, {Derived(all), "8"}} {
		if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-` + c.version + `[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(c.got) {
			t.Errorf("%s is no UUID of version %s", c.got, c.version)
		}
	}
}
