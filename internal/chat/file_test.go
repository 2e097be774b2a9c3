package chat

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAFileNameIsNeitherAPathNorATrick(t *testing.T) {
	t.Parallel()

	for given, want := range map[string]string{
		"cat.png": "cat.png", "a/b/c.txt": "c.txt", `C:\x\y.doc`: "y.doc", "../..": "file", ".": "file", "/": "file", "": "file",
		" a b ": "a b", "a\x00\n\x7fb": "ab", "evil\u202egnp.exe": "evilgnp.exe", "\xff\xfeok": "ok", ".bashrc": ".bashrc",
	} {
		if got := CleanFileName(given); got != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
}

func FuzzFileNamesAreBoundedAndPlain(f *testing.F) {
	for _, seed := range []string{"a.txt", "../../x", strings.Repeat("ü", 300) + ".png", "\x00", "." + strings.Repeat("x", 400)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		name := CleanFileName(given)
		if name == "" || len(name) > FileNameMax || !utf8.ValidString(name) || strings.ContainsAny(name, "/\\\x00\r\n") || name == ".." {
			t.Errorf("%q became %q", given, name)
		}
	})
}

func TestWhoClaimsATypeThatPagesShowMustHaveSentIt(t *testing.T) {
	t.Parallel()

	for _, test := range []struct{ claimed, seen, want string }{
		{"image/png", "image/png", "image/png"},
		{"image/jpeg", "image/png", "image/png"},
		{"image/png", "text/html; charset=utf-8", UnknownType},
		{"image/png", UnknownType, UnknownType},
		{"image/avif", UnknownType, "image/avif"},
		{"video/mp4", "text/plain; charset=utf-8", UnknownType},
		{"video/mp4", "video/mp4", "video/mp4"},
		{"video/quicktime", UnknownType, "video/quicktime"},
		{"audio/webm", "video/webm", "audio/webm"},
		{"audio/mpeg", "image/png", "image/png"},
		{"text/html", "image/png", "text/html"},
		{"image/svg+xml", "text/xml; charset=utf-8", "image/svg+xml"},
		{"text/plain; charset=utf-8", "text/plain; charset=utf-8", "text/plain; charset=utf-8"},
		{"application/vnd.ms-excel", "application/zip", "application/vnd.ms-excel"},
		{"", "application/pdf", "application/pdf"},
		{"no type\n", "image/gif", "image/gif"},
		{UnknownType, "text/html; charset=utf-8", "text/html"},
	} {
		if got := SettleContentType(test.claimed, test.seen); got != test.want {
			t.Errorf("%q that looks like %q is %q, want %q", test.claimed, test.seen, got, test.want)
		}
	}
}

func TestNothingThatCouldRunIsShownInAPage(t *testing.T) {
	t.Parallel()

	for _, kind := range []string{"text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "application/pdf", "text/plain", "", "x"} {
		if InlineSafe(kind) {
			t.Errorf("%q is shown", kind)
		}
	}
	if !InlineSafe("image/png") || !InlineSafe("VIDEO/mp4; codecs=x") {
		t.Error("images and films are not shown")
	}
}

func TestTypesAreAllowedByNameFamilyOrAllTogether(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		types   []string
		kind    string
		allowed bool
	}{
		{nil, "a/b", true},
		{[]string{"*"}, "a/b", true},
		{[]string{"image/*", "application/pdf"}, "image/png", true},
		{[]string{"image/*", "application/pdf"}, "application/pdf; x=y", true},
		{[]string{"image/*", "application/pdf"}, "application/zip", false},
		{[]string{"image/png"}, "image/jpeg", false},
	} {
		err := FileLimits{Types: test.types}.CheckType(test.kind)
		if (err == nil) != test.allowed || err != nil && AsError(err).Name != FileTypeNotAllowed {
			t.Errorf("%s among %v: %v", test.kind, test.types, err)
		}
	}
}

func TestOnlyTheFirstLinksThatAreUnknownAreLookedUp(t *testing.T) {
	t.Parallel()

	m := Message{Type: Text, Body: "http://a.x http://b.x http://a.x http://c.x", Previews: []LinkPreview{{Source: "http://b.x"}}}
	if got := strings.Join(m.Unpreviewed(), " "); got != "http://a.x" {
		t.Errorf("looked up: %s", got)
	}
	m.Type = FileMessage
	if got := m.Unpreviewed(); got != nil {
		t.Errorf("of a file: %v", got)
	}
}
