package signed

import (
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

const (
	secret = "a-secret-of-the-tests-0123456789abcdef"
	token  = "jNbpj5NeOaa8sRJRb8LAP39yDsojouaN"
	// bearer was signed with openssl dgst -sha256 -hmac.
	bearer = token + ".rWEZo+hYCADV3uUg3/GoqpvRQnu7qVxxicjs8pXvpBo="
)

func TestSign(t *testing.T) {
	t.Parallel()
	s := NewSigner(secret)
	if got := s.Sign(token); got != bearer {
		t.Errorf("Sign = %s; want %s", got, bearer)
	}
	cookie := s.SignCookie(token)
	if strings.ContainsAny(cookie, "+/=") || !strings.HasSuffix(cookie, "%3D") {
		t.Errorf("SignCookie = %s; want + / = percent-encoded", cookie)
	}
	for _, text := range []string{bearer, cookie, strings.ToLower(cookie[len(token):])} {
		if value, ok := s.Verify(text); ok != (text != strings.ToLower(cookie[len(token):])) || ok && value != token {
			t.Errorf("Verify(%s) = %q, %v", text, value, ok)
		}
	}
	// A value with dots and with bytes beyond ASCII is cut at the last dot.
	for _, value := range []string{"a.b.c", "{\"x\":1}", "é", "100%"} {
		if got, ok := s.Verify(s.SignCookie(value)); !ok || got != value {
			t.Errorf("round trip of %q = %q, %v", value, got, ok)
		}
	}
}

// TestGHSA_wmjr_v86c_m9jj_UnsignedCookieIgnored: a cookie without a valid signature says nothing.
func TestGHSA_wmjr_v86c_m9jj_UnsignedCookieIgnored(t *testing.T) {
	t.Parallel()
	s := NewSigner(secret)
	signature := bearer[len(token)+1:]
	for _, text := range []string{
		"", ".", token, token + ".", "." + signature, token + "." + signature[:43], token + "." + signature + "=",
		token + "x." + signature, token + "." + strings.Repeat("A", 43) + "=", token + "." + strings.ToLower(signature),
		NewSigner(secret + "x").Sign(token), "%", bearer + "%", "%zz", strings.Repeat("a", 9000) + bearer,
		token + "." + signature[:42] + "\n=", token + "." + signature[:43] + "%",
	} {
		if value, ok := s.Verify(text); ok {
			t.Errorf("Verify(%.80q) = %q: accepted", text, value)
		}
	}
	// Base64 whose last digit has unused bits set decodes to the same bytes in a lax decoder.
	last := signature[42]
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" {
		if byte(c) == last {
			continue
		}
		if _, ok := s.Verify(token + "." + signature[:42] + string(c) + "="); ok {
			t.Errorf("a second spelling of the signature was accepted: ...%c=", c)
		}
	}
}

// TestSetCookieVerbatim: the lines that were measured.
func TestSetCookieVerbatim(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]Cookie{
		"better-auth.session_token=V; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax":                  {Name: "better-auth.session_token", Value: "V", MaxAge: 7 * 24 * time.Hour},
		"__Secure-better-auth.session_token=V; Max-Age=604800; Path=/; HttpOnly; Secure; SameSite=Lax": {Name: "better-auth.session_token", Value: "V", MaxAge: 7 * 24 * time.Hour, Secure: true},
		"better-auth.session_token=V; Path=/; HttpOnly; SameSite=Lax":                                  {Name: "better-auth.session_token", Value: "V"},
		"better-auth.session_data=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax":                         {Name: "better-auth.session_data", MaxAge: -1},
		"better-auth.state=V; Max-Age=300; Path=/; HttpOnly; SameSite=Lax":                             {Name: "better-auth.state", Value: "V", MaxAge: 5 * time.Minute},
		"a=V; Max-Age=34560000; Path=/; HttpOnly; SameSite=Lax":                                        {Name: "a", Value: "V", MaxAge: 1000 * 24 * time.Hour},
		"a=V; Domain=example.com; Path=/x; HttpOnly; SameSite=Strict":                                  {Name: "a", Value: "V", Domain: "example.com", Path: "/x", SameSite: "Strict"},
	} {
		if got := c.String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		headers []string
		secure  bool
		want    string
		ok      bool
	}{
		{nil, false, "", false},
		{[]string{"s=1"}, false, "1", true},
		{[]string{"s=1; s=2"}, false, "1", true},
		{[]string{"x=0;s=1 ;s=2"}, false, "1", true},
		{[]string{"x=0", "s=1"}, false, "1", true},
		{[]string{"s=1; __Secure-s=2"}, false, "2", true},
		{[]string{"s=1; __Secure-s=2"}, true, "2", true},
		{[]string{"s=1"}, true, "", false},
		{[]string{`s="quoted"`}, false, "quoted", true},
		{[]string{"s"}, false, "", false},
		{[]string{"S=1; ss=2; as=3; x=s=4"}, false, "", false},
		{[]string{";;=;s=a=b=;"}, false, "a=b=", true},
		{[]string{"s="}, false, "", true},
	} {
		if got, ok := Lookup(c.headers, "s", c.secure); got != c.want || ok != c.ok {
			t.Errorf("Lookup(%q, secure %v) = %q, %v; want %q, %v", c.headers, c.secure, got, ok, c.want, c.ok)
		}
	}
}

func TestComponent(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"/a b+c?d=é&f=😀": "%2Fa%20b%2Bc%3Fd%3D%C3%A9%26f%3D%F0%9F%98%80", "A-z0_.!~*'()": "A-z0_.!~*'()", "": "",
	} {
		if got := EncodeComponent(in); got != want {
			t.Errorf("EncodeComponent(%q) = %q; want %q", in, got, want)
		}
	}
	for _, bad := range []string{"%", "%1", "%g0", "%ff", "a%C3"} {
		if got, ok := DecodeComponent(bad); ok {
			t.Errorf("DecodeComponent(%q) = %q: accepted", bad, got)
		}
	}
}

func FuzzVerify(f *testing.F) {
	s := NewSigner(secret)
	f.Add(bearer)
	f.Add(s.SignCookie(token))
	f.Fuzz(func(t *testing.T, text string) {
		value, ok := s.Verify(text)
		if !ok {
			return
		}
		decoded := text
		if strings.Contains(text, "%") {
			decoded, _ = url.PathUnescape(text)
		}
		if decoded != s.Sign(value) {
			t.Errorf("accepted %q as %q", text, value)
		}
	})
}

func FuzzLookup(f *testing.F) {
	f.Add("a=b; s=c")
	f.Fuzz(func(t *testing.T, header string) {
		if value, ok := Lookup([]string{header}, "s", false); ok && !strings.Contains(header, value) {
			t.Errorf("%q gave %q", header, value)
		}
	})
}

func FuzzComponent(f *testing.F) {
	f.Add("%2F é")
	f.Fuzz(func(t *testing.T, s string) {
		if got, ok := DecodeComponent(EncodeComponent(s)); got != s && utf8.ValidString(s) || ok != utf8.ValidString(s) {
			t.Errorf("%q came back as %q, %v", s, got, ok)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	s := NewSigner(secret)
	cookie := s.SignCookie(token)
	for b.Loop() {
		if _, ok := s.Verify(cookie); !ok {
			b.Fatal("refused")
		}
	}
}

// TestOldSecrets: what an older secret signed is accepted and known as such; new signatures are of the current one.
func TestOldSecrets(t *testing.T) {
	t.Parallel()
	s := NewSigner("another-secret-of-the-tests-0123456789", secret)
	if value, old, ok := s.VerifyOld(bearer); !ok || !old || value != token {
		t.Errorf("VerifyOld = %q, %v, %v", value, old, ok)
	}
	if value, ok := s.Verify(bearer); !ok || value != token {
		t.Errorf("Verify = %q, %v", value, ok)
	}
	own := s.Sign(token)
	if value, old, ok := s.VerifyOld(own); !ok || old || value != token || own == bearer {
		t.Errorf("VerifyOld(%s) = %q, %v, %v", own, value, old, ok)
	}
	if _, ok := NewSigner(secret).Verify(own); ok {
		t.Error("the older secret alone accepts the signature of the new one")
	}
	if _, old, ok := s.VerifyOld(NewSigner("yet-another-secret").Sign(token)); ok || old {
		t.Error("the signature of another secret is accepted")
	}
}

func TestChunks(t *testing.T) {
	t.Parallel()
	for n, want := range map[int][]int{0: {0}, 1: {1}, 4093: {4093}, 4094: {3896, 198}, 7792: {3896, 3896}, 7793: {3896, 3896, 1}} {
		value := strings.Repeat("x", n)
		chunks := Split(value)
		if len(chunks) != len(want) || strings.Join(chunks, "") != value {
			t.Errorf("Split of %d bytes has %d chunks", n, len(chunks))
		}
		for i := range want {
			if len(chunks[i]) != want[i] {
				t.Errorf("chunk %d of %d bytes has %d, want %d", i, n, len(chunks[i]), want[i])
			}
		}
	}
	for _, c := range []struct {
		header, want string
		secure       bool
	}{
		{"", "", false},
		{"d=whole; d.0=a", "whole", false},
		{"d=; d.0=a", "a", false},
		{"d.1=b; x=1; d.0=a", "ab", false},
		{"d.0=a; d.2=c", "", false},
		{"d.1=b", "", false},
		{"d.0=a; d.0=z; d.1=b", "ab", false},
		{"d.0=a; d.01=b; d.-1=c; d.x=d; dd.1=e; d.1.1=f; d.100=g; d.99999999999999999999=h", "a", false},
		{"d.10=k; d.9=j; d.8=i; d.7=h; d.6=g; d.5=f; d.4=e; d.3=d; d.2=c; d.1=b; d.0=a", "abcdefghijk", false},
		{"d.0=plain; __Secure-d.0=a; __Secure-d.1=b", "ab", false},
		{"d.0=plain; __Secure-d.0=a", "a", true},
		{"d.0=plain", "", true},
		{"__Secure-d.0=a; d.1=plain", "a", true},
	} {
		if got, ok := LookupSplit([]string{c.header}, "d", c.secure); got != c.want || ok != (c.want != "") {
			t.Errorf("LookupSplit(%q, secure %v) = %q, %v; want %q", c.header, c.secure, got, ok, c.want)
		}
	}
	if got := Chunks([]string{"d.3=x", "d.1=y; __Secure-d.1=z"}, "d", false); len(got) != 2 || got[0] != 1 || got[1] != 3 {
		t.Errorf("Chunks = %v", got)
	}
}
