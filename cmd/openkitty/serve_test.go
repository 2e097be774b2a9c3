package main

import (
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	keyPattern    = regexp.MustCompile(`ok_key_[A-Z2-7]{26}\b`)
	clientPattern = regexp.MustCompile(`ok_client_[A-Z2-7]{26}\b`)
	secretPattern = regexp.MustCompile(`ok_secret_[A-Z2-7]{52}\b`)
)

func TestTheFirstStartTellsHowToConnectAndLaterOnesNeverTheSecret(t *testing.T) {
	t.Parallel()

	data := t.TempDir()
	first := serve(t, "--data="+data)
	key, secret := keyPattern.FindString(first.out.String()), secretPattern.FindString(first.out.String())
	for what, want := range map[string]string{
		"the application": "default",
		"the client id":   clientPattern.FindString(first.out.String()),
		"the key":         key,
		"the secret":      secret,
		"the SDK's host":  "host: '" + strings.TrimPrefix(first.URL, "http://") + "', secure: false",
		"the SDK's key":   "getSdkClient('" + key + "'",
	} {
		if want == "" || !strings.Contains(first.out.String(), want) {
			t.Errorf("the first start does not tell %s, %q:\n%s", what, want, first.out)
		}
	}
	if status := first.stop(); status != exitOK {
		t.Fatalf("the server ended with status %d: %s", status, first.err)
	}

	second := serve(t, "--data="+data)
	if !strings.Contains(second.out.String(), key) {
		t.Errorf("the second start does not tell the key %s:\n%s", key, second.out)
	}
	for _, output := range []string{first.err.String(), second.out.String(), second.err.String()} {
		if secretPattern.MatchString(output) {
			t.Errorf("the secret appears again:\n%s", output)
		}
	}
	if status := second.stop(); status != exitOK {
		t.Fatalf("the server ended with status %d: %s", status, second.err)
	}
	if found := filesContaining(t, data, secret); len(found) > 0 {
		t.Errorf("the secret itself is stored in %v", found)
	}
	if found := filesContaining(t, data, key); len(found) == 0 {
		t.Error("the key is stored nowhere, so nothing is known of the secret either")
	}
}

// filesContaining lists the files of a directory that contain a text.
func filesContaining(t *testing.T, directory, text string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if strings.Contains(string(content), text) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestTheSnippetNamesThePublicAddress(t *testing.T) {
	t.Parallel()

	s := serve(t, "--data="+t.TempDir(), "--public-url=https://example.com/chat/")
	if want := "host: 'example.com/chat', secure: true"; !strings.Contains(s.out.String(), want) {
		t.Errorf("the first start does not tell %q:\n%s", want, s.out)
	}
}

func TestAServerAnswersOperators(t *testing.T) {
	t.Parallel()

	s := serve(t, "--data="+t.TempDir())
	for path, want := range map[string]string{
		"/healthz": "ok\n",
		"/readyz":  "ok\n",
		"/metrics": "openkitty_store_commit_seconds_count",
		"/":        "OpenKitty chat server",
	} {
		status, body := get(t, s.URL+path)
		if status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("GET %s: %d %q, want 200 and %q", path, status, body, want)
		}
	}
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestAStopIsLoggedAndEndsWithStatus0(t *testing.T) {
	t.Parallel()

	s := serve(t, "--data="+t.TempDir())
	status := s.stop()
	var lines []string
	for _, line := range strings.Split(s.err.String(), "\n") {
		if _, message, found := strings.Cut(line, " msg="); found {
			lines = append(lines, strings.Fields(message)[0])
		}
	}
	if diff := cmp.Diff([]string{"ready", "stopping", "stopped"}, lines); status != exitOK || diff != "" {
		t.Errorf("status %d; log (-want +got):\n%s", status, diff)
	}
}

func TestTheStartTellsHowTheOriginalCommandLineGetsHere(t *testing.T) {
	t.Parallel()

	data := t.TempDir()
	s := serve(t, "--data="+data, "--cli-proxy=127.0.0.1:0")
	for _, want := range []string{
		"HTTPS_PROXY=http://127.0.0.1:",
		"NODE_EXTRA_CA_CERTS=" + filepath.Join(data, "cli-proxy.pem") + "\n",
	} {
		if !strings.Contains(s.out.String(), want) {
			t.Errorf("the start does not tell %q:\n%s", want, s.out)
		}
	}
}
