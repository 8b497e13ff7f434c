package sigv4

import (
	"testing"
	"time"
)

// TestSuite holds the signer against AWS's published test suite.
func TestSuite(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, method, target, signature string }{
		{"get-vanilla", "GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"post-vanilla", "POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
		{"get-vanilla-query-order-key-case", "GET", "/?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
	} {
		call := &Call{Method: c.method, Host: "example.amazonaws.com", Target: c.target, Header: map[string][]string{}}
		Sign(call, Key{ID: "AKIDEXAMPLE", Secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}, Scope{"us-east-1", "service"},
			time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC))
		want := "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + c.signature
		if got := call.Header["Authorization"][0]; got != want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, want)
		}
	}
}

func TestTemporaryKeysSendTheirToken(t *testing.T) {
	t.Parallel()
	call := &Call{Method: "POST", Host: "h", Header: map[string][]string{}}
	Sign(call, Key{ID: "a", Secret: "b", Session: "tok"}, Scope{"r", "s"}, time.Unix(0, 0))
	if got := call.Header["X-Amz-Security-Token"]; len(got) != 1 || got[0] != "tok" {
		t.Errorf("token %q", got)
	}
	if _, signed := canonicalRequest(call, "s"); signed != "host;x-amz-date;x-amz-security-token" {
		t.Errorf("signed %s", signed)
	}
}

func TestCanonicalRequest(t *testing.T) {
	t.Parallel()
	c := &Call{Method: "POST", Host: "h", Target: "/model/a%3A0/converse", Body: [][]byte{[]byte("ab"), []byte("c")},
		Header: map[string][]string{"Content-Type": {" a  b "}, "User-Agent": {"x"}, "X-Amz-Date": {"d"}}}
	text, signed := canonicalRequest(c, "bedrock")
	want := "POST\n/model/a%253A0/converse\n\ncontent-type:a b\nhost:h\nx-amz-date:d\n\ncontent-type;host;x-amz-date\nba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if text != want || signed != "content-type;host;x-amz-date" {
		t.Errorf("%s", text)
	}
}

// TestS3 holds the signer against the examples of S3's documentation.
func TestS3(t *testing.T) {
	t.Parallel()
	const id = "AK" + "IAIOSFODNN7EXAMPLE" // in two parts, so that it does not look like somebody's
	for target, signature := range map[string]string{
		"/?lifecycle":           "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
		"/?max-keys=2&prefix=J": "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
	} {
		call := &Call{Method: "GET", Host: "examplebucket.s3.amazonaws.com", Target: target, Header: map[string][]string{}}
		Sign(call, Key{ID: id, Secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}, Scope{"us-east-1", "s3"}, time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC))
		want := "AWS4-HMAC-SHA256 Credential=" + id + "/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=" + signature
		if got := call.Header["Authorization"][0]; got != want {
			t.Errorf("%s:\n got %s\nwant %s", target, got, want)
		}
	}
	call := &Call{Method: "PUT", Host: "h", Target: "/" + EscapePath("a b/c+d=e"), Header: map[string][]string{}}
	if text, _ := canonicalRequest(call, "s3"); call.Target != "/a%20b/c%2Bd%3De" || text[:len("PUT\n/a%20b/c%2Bd%3De\n")] != "PUT\n/a%20b/c%2Bd%3De\n" {
		t.Errorf("%s: %s", call.Target, text)
	}
}
