package platform

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// fingerprintOf is that of a form, written in pieces of a size.
func fingerprintOf(boundary, form string, size int) []byte {
	r := httptest.NewRequest(http.MethodPost, "/x", nil).WithContext(context.WithValue(context.Background(), infoKey{}, &info{}))
	r.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
	f := newFingerprint(r)
	for text := []byte(strings.ReplaceAll(form, "BOUNDARY", boundary)); len(text) > 0; {
		n := min(size, len(text))
		_, _ = f.Write(text[:n])
		text = text[n:]
	}
	return f.sum()
}

func TestAFormHasTheSameFingerprintWithAnyBoundary(t *testing.T) {
	t.Parallel()

	const form = "--BOUNDARY\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--\n--y\r\n--BOUNDARY\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n\r\n--BOUNDARY--\r\n"
	want := fingerprintOf("one", form, len(form))
	for _, boundary := range []string{"one", "two", "a-much-longer-boundary-than-that", "1"} {
		for size := range 100 {
			if got := fingerprintOf(boundary, form, size+1); !bytes.Equal(got, want) {
				t.Fatalf("with the boundary %s and %d bytes at a time it is another", boundary, size+1)
			}
		}
	}
	for _, other := range []string{
		strings.Replace(form, `"b"`, `"c"`, 1),
		strings.Replace(form, "--BOUNDARY--\r\n", "", 1),
		strings.Replace(form, "y\r\n--BOUNDARY\r\n", "y\r\n", 1),
		strings.Replace(form, "x\r\n", "x\r\n--BOUNDARY", 1),
	} {
		if bytes.Equal(fingerprintOf("one", other, 7), want) {
			t.Errorf("it is that of another form too:\n%s", other)
		}
	}
}
