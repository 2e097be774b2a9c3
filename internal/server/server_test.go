package server_test

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"openkitty/internal/config"
	"openkitty/internal/server"
	"openkitty/internal/servertest"
	"openkitty/internal/store/storetest"
)

func TestAServerComesBackOnTheSameDataAndAddress(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		address, app := s.URL, s.Application
		s.Restart()
		if body := fetch(t, address+"/readyz"); body != "ok\n" {
			t.Errorf("/readyz after a restart: %q", body)
		}
		s.Kill()
		s.Restart()
		if diff := cmp.Diff(app, s.Application); diff != "" || s.URL != address {
			t.Errorf("after kill and restart at %s, was %s, application (-before +after):\n%s", s.URL, address, diff)
		}
	})
}

func TestApplicationsMadeBesideARunningServerAreOthers(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		if other := s.CreateApplication("other"); other.ID == s.Application.ID || other.APIKey == s.APIKey() {
			t.Errorf("the other application is the first one: %+v", other)
		}
	})
}

func TestTheGuideListsTheMetricsThatThereAre(t *testing.T) {
	t.Parallel()

	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "guides", "operate.md"))
	if err != nil {
		t.Fatal(err)
	}
	listed := regexp.MustCompile("(?m)^\\| `(openkitty_\\w+)` \\| (\\w+) \\|").FindAllStringSubmatch(string(guide), -1)
	metrics := fetch(t, servertest.Start(t, servertest.Options{}).URL+"/metrics")
	exposed := regexp.MustCompile(`(?m)^# TYPE (openkitty_\w+) (\w+)$`).FindAllStringSubmatch(metrics, -1)
	if diff := cmp.Diff(kinds(exposed), kinds(listed)); diff != "" {
		t.Errorf("metrics and their kinds (-exposed +listed):\n%s", diff)
	}
	for _, general := range []string{"go_goroutines ", "process_cpu_seconds_total "} {
		if !strings.Contains(metrics, "\n"+general) {
			t.Errorf("the metrics lack %s", general)
		}
	}
}

// kinds maps the first group of each match to the second.
func kinds(matches [][]string) map[string]string {
	kinds := map[string]string{}
	for _, match := range matches {
		kinds[match[1]] = match[2]
	}
	return kinds
}

func TestAStopLeavesNoConnection(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	// A kept connection, and one that is in the middle of its request.
	fetch(t, s.URL+"/healthz")
	connection, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })

	began := time.Now()
	s.Stop()
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the stop took %v, want 10 s at most", took)
	}
	if err := connection.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, connection); err != nil {
		t.Errorf("the connection is still open: %v", err)
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://")); err == nil {
		t.Error("the server still listens")
	}
}

func TestAServerThatCannotListenLeavesItsDatabaseClosed(t *testing.T) {
	t.Parallel()

	settings := config.Default()
	settings.Data = t.TempDir()
	log := settings.Logger(t.Output())
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	settings.Listen = taken.Addr().String()
	if _, err := server.Open(t.Context(), settings, log); err == nil || !strings.Contains(err.Error(), settings.Listen) {
		t.Fatalf("opening on a taken port: %v, want an error that names it", err)
	}
	taken.Close()
	s, err := server.Open(t.Context(), settings, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// fetch returns the body of a successful answer.
func fetch(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %d %s %v", url, response.StatusCode, body, err)
	}
	return string(body)
}

func TestServersThatStartAtOnceMakeOneApplication(t *testing.T) {
	t.Parallel()

	for name, database := range map[string]func(t *testing.T) string{
		"sqlite":   func(*testing.T) string { return "" },
		"postgres": func(t *testing.T) string { return storetest.EmptyPostgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			settings := config.Default()
			settings.Data = t.TempDir()
			settings.Database = database(t)
			settings.Listen = "127.0.0.1:0"
			var starting sync.WaitGroup
			keys, secrets := make([]string, 4), make([]string, 4)
			for i := range keys {
				starting.Go(func() {
					s, err := server.Open(t.Context(), settings, settings.Logger(t.Output()))
					if err != nil {
						t.Errorf("open: %v", err)
						return
					}
					app, secret := s.Application()
					keys[i], secrets[i] = app.APIKey, secret
					if err := s.Stop(t.Context()); err != nil {
						t.Errorf("stop: %v", err)
					}
				})
			}
			starting.Wait()
			slices.Sort(keys)
			slices.Sort(secrets)
			if len(slices.Compact(keys)) != 1 || len(slices.Compact(secrets)) != 2 || secrets[0] != "" {
				t.Errorf("keys %q and secrets %q; want one key, and its secret told once", keys, secrets)
			}
		})
	}
}
