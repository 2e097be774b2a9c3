package platform

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash"
	"mime"
	"net/http"
	"strings"
)

// fingerprint tells one request from another. The body is written to it as it is
// read, so that it may be of any size.
//
// Of a form, each stretch between two boundaries is hashed by itself: what is in
// it with its names and types, and not the boundary, which many clients make up
// anew for each request.
type fingerprint struct {
	whole    hash.Hash
	part     hash.Hash
	boundary []byte // with the end of the line before it; nil for what is no form
	held     []byte // the end of what was written, which may be the beginning of a boundary
}

// newFingerprint begins with what else than the body makes a request. That
// includes who makes it, and what they may do: an answer can hold a secret.
func newFingerprint(r *http.Request) *fingerprint {
	f, access := &fingerprint{whole: sha256.New(), part: sha256.New()}, infoOf(r.Context()).access
	fmt.Fprintf(f.whole, "%s %s?%s\n%s\n", r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("Accept"))
	fmt.Fprintf(f.whole, "%d %q\n", access.Credential, access.Scopes)
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil && strings.HasPrefix(kind, "multipart/") && parameters["boundary"] != "" {
		f.boundary = []byte("\n--" + parameters["boundary"])
		f.held = []byte("\n") // a body may begin with its boundary
	}
	return f
}

func (f *fingerprint) Write(p []byte) (int, error) {
	if f.boundary == nil {
		return f.part.Write(p)
	}
	f.held = append(f.held, p...)
	rest := f.held
	for {
		before, after, found := bytes.Cut(rest, f.boundary)
		if !found {
			break
		}
		f.part.Write(before)
		f.endPart()
		rest = after
	}
	sure := max(0, len(rest)-len(f.boundary)+1)
	f.part.Write(rest[:sure])
	f.held = append(f.held[:0], rest[sure:]...)
	return len(p), nil
}

func (f *fingerprint) endPart() {
	f.whole.Write(f.part.Sum(nil))
	f.part.Reset()
}

// sum ends the fingerprint, and is called once.
func (f *fingerprint) sum() []byte {
	f.part.Write(f.held)
	f.endPart()
	return f.whole.Sum(nil)
}
