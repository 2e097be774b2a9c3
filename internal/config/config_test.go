package config_test

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"openkitty/internal/chat"
	"openkitty/internal/config"
)

// parse reads settings from a command line, and from the environment of the
// test.
func parse(t *testing.T, args ...string) (config.Serve, error) {
	t.Helper()
	var s config.Serve
	parser, err := kong.New(&s, config.Groups, kong.Name("serve"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	return s, err
}

func TestDefaultsAreTheDocumentedOnes(t *testing.T) {
	t.Parallel()

	want := config.Serve{
		Storage:        config.Storage{Data: "./openkitty-data"},
		Listen:         "127.0.0.1:8080",
		AllowedOrigins: []string{"*"},
		Grace:          30 * time.Second,
		FileTypes:      []string{"*"},
		LinkPreviews:   "on",
		LogFormat:      "text",
		LogLevel:       "info",
		Limits: config.Limits{
			MaxFrameSize:     512 << 10,
			MaxHeaders:       64,
			MaxHeaderSize:    16 << 10,
			MaxMessageSize:   64 << 10,
			MaxFileSize:      50 << 20,
			UploadTimeout:    10 * time.Minute,
			MaxQueueSize:     1 << 20,
			MaxSubscriptions: 512,
			ConnectTimeout:   10 * time.Second,
			FrameTimeout:     30 * time.Second,
			WriteTimeout:     15 * time.Second,
			MaxImportSize:    1 << 30,
			HeartBeat:        10 * time.Second,
			TypingTimeout:    5 * time.Second,

			MaxAddressConnects: chat.Rate{Count: 1000, Per: 10 * time.Second},
			RateLimits:         "on",
		},
	}
	if diff := cmp.Diff(want, config.Default()); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

func TestTheCommandLineWinsOverTheEnvironment(t *testing.T) {
	t.Setenv("OPENKITTY_LISTEN", "127.0.0.1:1")
	t.Setenv("OPENKITTY_GRACE", "1m")
	t.Setenv("OPENKITTY_MAX_QUEUE_SIZE", "2MB")

	got, err := parse(t, "--listen", "127.0.0.1:2", "--max-message-size=4096")
	if err != nil {
		t.Fatal(err)
	}
	want := config.Default()
	want.Listen = "127.0.0.1:2"
	want.Grace = time.Minute
	want.MaxQueueSize = 2 << 20
	want.MaxMessageSize = 4096
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestEverySettingHasAFlagItsVariableAndHelp(t *testing.T) {
	t.Parallel()

	parser, err := kong.New(new(config.Serve), config.Groups)
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range parser.Model.Flags {
		if flag.Name == "help" {
			continue
		}
		variable := "OPENKITTY_" + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
		if diff := cmp.Diff([]string{variable}, flag.Envs); diff != "" {
			t.Errorf("variable of --%s (-want +got):\n%s", flag.Name, diff)
		}
		if flag.Help == "" {
			t.Errorf("--%s has no help", flag.Name)
		}
		if !flag.HasDefault && !strings.Contains(strings.ToLower(flag.Help), "empty") {
			t.Errorf("--%s has no default, and its help does not say what empty means", flag.Name)
		}
	}
}

func TestTheGuideNamesTheSettingsThatThereAre(t *testing.T) {
	t.Parallel()

	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "guides", "operate.md"))
	if err != nil {
		t.Fatal(err)
	}
	parser, err := kong.New(new(config.Serve), config.Groups)
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `--[a-z-]+` \\|").FindAllString(string(guide), -1)
	if settings := len(parser.Model.Flags) - 1; len(rows) != settings { // --help is none
		t.Errorf("docs/guides/operate.md has %d rows for %d settings", len(rows), settings)
	}
	for _, flag := range parser.Model.Flags {
		if flag.Name == "help" {
			continue
		}
		row := "| `--" + flag.Name + "` | "
		if flag.HasDefault {
			row += "`" + flag.Default + "` |"
		}
		if !strings.Contains(string(guide), row) {
			t.Errorf("docs/guides/operate.md has no row that starts with %s", row)
		}
	}
}

func TestBadValuesAreNamedInOneLine(t *testing.T) {
	t.Parallel()

	for _, test := range []struct{ name, arg, want string }{
		{"no port", "--listen=localhost", "--listen"},
		{"a port out of range", "--listen=:70000", "--listen"},
		{"a proxy without a port", "--cli-proxy=127.0.0.1", "--cli-proxy"},
		{"no data directory", "--data=", "--data"},
		{"another database", "--database=mysql://localhost/chat", "--database"},
		{"a database without a host", "--database=postgres:chat", "--database"},
		{"a public address without a scheme", "--public-url=chat.example.com", "--public-url"},
		{"a public address of another scheme", "--public-url=ftp://chat.example.com", "--public-url"},
		{"a public address with a query", "--public-url=https://chat.example.com?a=b", "--public-url"},
		{"an origin with a path", "--allowed-origins=https://a.example,https://b.example/chat", "--allowed-origins"},
		{"an origin without a scheme", "--allowed-origins=a.example", "--allowed-origins"},
		{"a duration without a unit", "--grace=30", "--grace"},
		{"a negative duration", "--grace=-1s", "--grace"},
		{"an unknown format", "--log-format=xml", "--log-format"},
		{"an unknown level", "--log-level=loud", "--log-level"},
		{"a size of another unit", "--max-frame-size=1TB", "--max-frame-size"},
		{"a negative size", "--max-queue-size=-1", "--max-queue-size"},
		{"a size beyond counting", "--max-queue-size=9223372036854775807GB", "--max-queue-size"},
		{"a limit out of bounds", "--max-subscriptions=1", "--max-subscriptions"},
		{"a limit that is no number", "--max-headers=many", "--max-headers"},
		{"a message that no frame can hold", "--max-message-size=1MB", "--max-message-size"},
		{"a frame that no queue can hold", "--max-queue-size=256KB", "--max-queue-size"},
		{"files nowhere", "--files=/var/files", "--files"},
		{"a bucket with keys", "--files=s3://me:secret@bucket", "--files"},
		{"a bucket at no endpoint", "--files=s3://bucket?endpoint=here", "--files"},
		{"a file type without a family", "--file-types=png", "--file-types"},
		{"a file size of nothing", "--max-file-size=0", "--max-file-size"},
		{"an upload time of nothing", "--upload-timeout=0s", "--upload-timeout"},
		{"a heart-beat of zero", "--heart-beat=0s", "--heart-beat"},
		{"an unknown flag", "--port=80", "--port"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()

			_, err := parse(t, test.arg)
			if err == nil {
				t.Fatal("it was accepted")
			}
			if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q is not one line that names %s", err, test.want)
			}
		})
	}
}

func TestABadDatabaseAddressIsNotRepeated(t *testing.T) {
	t.Parallel()

	for _, address := range []string{"mysql://me:hunter2@localhost/chat", "postgres://me:hunter2@local host/chat"} {
		_, err := parse(t, "--database="+address)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("error %v is missing, or tells the password", err)
		}
	}
}

func TestSizesAreWrittenAsTheyAreRead(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]config.Bytes{
		"0": 0, "1": 1, "1000": 1000, "64KB": 64 << 10, "1MB": 1 << 20, "3GB": 3 << 30,
	} {
		var got config.Bytes
		if err := got.UnmarshalText([]byte(text)); err != nil {
			t.Errorf("read %s: %v", text, err)
		}
		if got != want || got.String() != text {
			t.Errorf("%s was read as %d and written as %s", text, got, got)
		}
	}
}

func TestClientsReachTheServerByItsURL(t *testing.T) {
	t.Parallel()

	for _, test := range []struct{ public, listening, want string }{
		{"", "127.0.0.1:8080", "http://127.0.0.1:8080"},
		{"", "[::1]:8080", "http://[::1]:8080"},
		{"", "[::]:8080", "http://localhost:8080"},
		{"", "0.0.0.0:8080", "http://localhost:8080"},
		{"https://chat.example.com/", "127.0.0.1:8080", "https://chat.example.com"},
		{"https://example.com/chat", "127.0.0.1:8080", "https://example.com/chat"},
	} {
		address, err := net.ResolveTCPAddr("tcp", test.listening)
		if err != nil {
			t.Fatal(err)
		}
		settings := config.Serve{PublicURL: test.public}
		if got := settings.URL(address); got != test.want {
			t.Errorf("public URL %q, listening on %s: %s, want %s", test.public, test.listening, got, test.want)
		}
	}
}

func TestTheLogHasTheFormAndLevelOfTheSettings(t *testing.T) {
	t.Parallel()

	settings := config.Default()
	settings.LogFormat = "json"
	settings.LogLevel = "warn"
	var out bytes.Buffer
	log := settings.Logger(&out)
	log.Info("unheard")
	log.Warn("heard", "key", 1)

	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("the log is not one JSON object: %v\n%s", err, out.String())
	}
	delete(line, "time")
	want := map[string]any{"level": "WARN", "msg": "heard", "key": 1.0}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Errorf("line (-want +got):\n%s", diff)
	}
}
