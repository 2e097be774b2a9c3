package files

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeS3 speaks as much of S3 as a bucket needs: objects are put, got, removed
// and listed, and requests without a signature are refused.
type fakeS3 struct {
	bucket string

	mu      sync.Mutex
	objects map[string]fakeObject
}

type fakeObject struct {
	content []byte
	at      time.Time
}

// startS3 serves a bucket until the test ends, and returns its endpoint.
func startS3(t *testing.T, bucket string) string {
	t.Helper()
	s := httptest.NewServer(&fakeS3{bucket: bucket, objects: map[string]fakeObject{}})
	t.Cleanup(s.Close)
	return s.URL
}

func (f *fakeS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case bucket != f.bucket:
		fail(w, http.StatusNotFound, "NoSuchBucket")
	case !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=key/"):
		fail(w, http.StatusForbidden, "AccessDenied")
	case key == "" && r.Method == http.MethodGet:
		f.list(w, r)
	case key == "":
	case r.Method == http.MethodPut:
		f.put(w, r, key)
	case r.Method == http.MethodDelete:
		delete(f.objects, key)
		w.WriteHeader(http.StatusNoContent)
	default:
		f.get(w, r, key)
	}
}

func fail(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code></Error>", code)
}

func (f *fakeS3) put(w http.ResponseWriter, r *http.Request, key string) {
	content, err := io.ReadAll(r.Body)
	if err == nil && strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		content, err = unchunk(content)
	}
	if err != nil {
		fail(w, http.StatusBadRequest, "InvalidRequest")
		return
	}
	f.objects[key] = fakeObject{content, time.Now()}
	w.Header().Set("ETag", etag(content))
}

// unchunk takes the content out of chunks, each of which has a line with its
// size and its signature.
func unchunk(chunks []byte) (content []byte, err error) {
	in := bufio.NewReader(bytes.NewReader(chunks))
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		digits, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		size, err := strconv.ParseInt(digits, 16, 64)
		if err != nil || size == 0 {
			return content, err
		}
		chunk := make([]byte, size+int64(len("\r\n")))
		if _, err := io.ReadFull(in, chunk); err != nil {
			return nil, err
		}
		content = append(content, chunk[:size]...)
	}
}

func etag(content []byte) string {
	sum := md5.Sum(content)
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

func (f *fakeS3) get(w http.ResponseWriter, r *http.Request, key string) {
	object, found := f.objects[key]
	if !found {
		fail(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	w.Header().Set("ETag", etag(object.content))
	http.ServeContent(w, r, "", object.at, bytes.NewReader(object.content))
}

func (f *fakeS3) list(w http.ResponseWriter, r *http.Request) {
	type entry struct {
		Key          string
		LastModified time.Time
		Size         int
	}
	var result struct {
		XMLName  xml.Name `xml:"ListBucketResult"`
		Name     string
		Contents []entry
	}
	result.Name = f.bucket
	for key, object := range f.objects {
		if strings.HasPrefix(key, r.URL.Query().Get("prefix")) {
			result.Contents = append(result.Contents, entry{key, object.at.UTC(), len(object.content)})
		}
	}
	slices.SortFunc(result.Contents, func(a, b entry) int { return strings.Compare(a.Key, b.Key) })
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(result)
}
