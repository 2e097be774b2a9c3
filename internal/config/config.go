// Package config holds the settings of OpenKitty: their names, defaults, units
// and bounds.
//
// A setting is a field. Its tags give the flag, the environment variable, the
// default and the help that `openkitty serve --help` prints; the command line
// wins over the environment. Validate methods hold the bounds, and answer with
// one line that names the flag.
package config

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"openkitty/internal/chat"
	"openkitty/internal/logging"
)

// Storage says where everything is kept that must survive a restart. Each
// command that touches data takes it.
type Storage struct {
	Data     string `env:"OPENKITTY_DATA" default:"./openkitty-data" help:"Directory for everything that the server keeps; it is made if missing."`
	Database string `env:"OPENKITTY_DATABASE" placeholder:"URL" help:"Database: empty for SQLite in the data directory, or a postgres:// address."`
}

// Serve is every setting of `openkitty serve`.
type Serve struct {
	Storage

	Listen         string        `env:"OPENKITTY_LISTEN" default:"127.0.0.1:8080" help:"Address and port to listen on; without an address, on all of the machine's."`
	PublicURL      string        `env:"OPENKITTY_PUBLIC_URL" placeholder:"URL" help:"Address that clients reach the server by, where a proxy stands before it. Empty: http:// and the listening address."`
	CLIProxy       string        `env:"OPENKITTY_CLI_PROXY" placeholder:"ADDRESS" help:"Address and port of a proxy by which the command line of the original product reaches this server; without an address, on this machine alone. Empty: no such proxy."`
	AllowedOrigins []string      `env:"OPENKITTY_ALLOWED_ORIGINS" default:"*" help:"Web origins, as https://app.example.com, whose pages may connect; * for any."`
	Grace          time.Duration `env:"OPENKITTY_GRACE" default:"30s" help:"Time for which a user whose last connection was lost stays online, and in their chats, for others."`
	Files          string        `env:"OPENKITTY_FILES" placeholder:"URL" help:"Where uploaded files are kept: empty for the data directory, or s3://BUCKET/PREFIX?endpoint=https://HOST&region=REGION, with its keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."`
	FileTypes      []string      `env:"OPENKITTY_FILE_TYPES" default:"*" help:"Content types of files that may be uploaded, as image/*,application/pdf; * for any."`
	LinkPreviews   string        `env:"OPENKITTY_LINK_PREVIEWS" default:"on" enum:"on,off" help:"Whether to fetch the pages that messages link to, and show their titles and images: on or off."`
	LogFormat      string        `env:"OPENKITTY_LOG_FORMAT" default:"text" enum:"text,json" help:"Form of the log on standard error: text or json."`
	LogLevel       string        `env:"OPENKITTY_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" help:"Least important lines to log: debug, info, warn or error."`

	Limits `group:"limits"`
}

// Limits bound what one client can make the server do, hold or wait for.
type Limits struct {
	MaxFrameSize     Bytes         `env:"OPENKITTY_MAX_FRAME_SIZE" default:"512KB" help:"Largest frame that a client may send, and so the largest request."`
	MaxHeaders       int           `env:"OPENKITTY_MAX_HEADERS" default:"64" help:"Most header lines in one frame."`
	MaxHeaderSize    Bytes         `env:"OPENKITTY_MAX_HEADER_SIZE" default:"16KB" help:"Largest command and headers of a frame, all together."`
	MaxMessageSize   Bytes         `env:"OPENKITTY_MAX_MESSAGE_SIZE" default:"64KB" help:"Longest text of one chat message."`
	MaxFileSize      Bytes         `env:"OPENKITTY_MAX_FILE_SIZE" default:"50MB" help:"Largest file that a user may upload."`
	UploadTimeout    time.Duration `env:"OPENKITTY_UPLOAD_TIMEOUT" default:"10m" help:"Time that an upload may take to arrive."`
	MaxQueueSize     Bytes         `env:"OPENKITTY_MAX_QUEUE_SIZE" default:"1MB" help:"Most that may wait for one slow client before it is disconnected."`
	MaxSubscriptions int           `env:"OPENKITTY_MAX_SUBSCRIPTIONS" default:"512" help:"Most topics that one connection may subscribe to."`
	ConnectTimeout   time.Duration `env:"OPENKITTY_CONNECT_TIMEOUT" default:"10s" help:"Time from opening a connection to starting a session on it."`
	FrameTimeout     time.Duration `env:"OPENKITTY_FRAME_TIMEOUT" default:"30s" help:"Time from the first byte of a frame or request to its last."`
	WriteTimeout     time.Duration `env:"OPENKITTY_WRITE_TIMEOUT" default:"15s" help:"Time that one write to a client may take before it is disconnected."`
	HeartBeat        time.Duration `env:"OPENKITTY_HEART_BEAT" default:"10s" help:"Time between the signs of life that the server sends, and asks its clients for."`
	MaxImportSize    Bytes         `env:"OPENKITTY_MAX_IMPORT_SIZE" default:"1GB" help:"Largest file of users, channels, members or messages to import."`
	TypingTimeout    time.Duration `env:"OPENKITTY_TYPING_TIMEOUT" default:"5s" help:"Time after the last keystroke at which a user is no longer typing."`

	MaxAddressConnects chat.Rate `env:"OPENKITTY_MAX_ADDRESS_CONNECTS" default:"1000/10s" help:"Most connections from one address, as 1000/10s, or UNLIMITED; behind a proxy, that of the header X-Forwarded-For."`
	RateLimits         string    `env:"OPENKITTY_RATE_LIMITS" default:"on" enum:"on,off" help:"Whether the rates of applications' settings, of the Platform API's credentials and --max-address-connects are kept to: on or off."`
}

// Groups is the order and titles of the groups in the help.
var Groups = kong.ExplicitGroups([]kong.Group{{
	Key:   "limits",
	Title: "Limits (1KB is 1,024 bytes; times as 90s, 5m or 1h30m):",
}})

// Default is the settings of a server that was told nothing, whatever the
// environment says.
func Default() Serve {
	var s Serve
	ignoreEnvironment := kong.PostBuild(func(k *kong.Kong) error {
		for _, flag := range k.Model.Flags {
			flag.Tag.Envs = nil
		}
		return nil
	})
	if err := kong.ApplyDefaults(&s, Groups, ignoreEnvironment); err != nil {
		panic(err) // a default breaks its own bounds, which the tests of this package rule out
	}
	return s
}

// Validate reports what is wrong with the storage. It does not repeat the
// address, which may hold a password.
func (s Storage) Validate() error {
	if s.Data == "" {
		return fmt.Errorf("--data: the directory is empty")
	}
	if s.Database == "" {
		return nil
	}
	address, err := url.Parse(s.Database)
	switch {
	case err != nil || address.Host == "" && address.Scheme == "postgres":
		return fmt.Errorf("--database: this is no address; write postgres://USER:PASSWORD@HOST/NAME")
	case address.Scheme != "postgres" && address.Scheme != "postgresql":
		return fmt.Errorf("--database: only postgres:// addresses are supported; leave it empty for SQLite")
	}
	return nil
}

// Validate reports the first setting that is out of its bounds.
func (s Serve) Validate() error {
	if err := checkListen(s.Listen); err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	if err := checkPublicURL(s.PublicURL); err != nil {
		return fmt.Errorf("--public-url: %w", err)
	}
	if s.CLIProxy != "" {
		if err := checkListen(s.CLIProxy); err != nil {
			return fmt.Errorf("--cli-proxy: %w", err)
		}
	}
	for _, origin := range s.AllowedOrigins {
		if err := checkOrigin(origin); err != nil {
			return fmt.Errorf("--allowed-origins: %w", err)
		}
	}
	if err := checkFiles(s.Files); err != nil {
		return fmt.Errorf("--files: %w", err)
	}
	for _, kind := range s.FileTypes {
		if err := checkFileType(kind); err != nil {
			return fmt.Errorf("--file-types: %w", err)
		}
	}
	return between("--grace", s.Grace, 0, time.Hour)
}

// Validate reports the first limit that is out of its bounds, or at odds with
// another.
func (l Limits) Validate() error {
	for _, err := range []error{
		between("--max-frame-size", l.MaxFrameSize, 4<<10, 64<<20),
		between("--max-headers", l.MaxHeaders, 16, 10_000),
		between("--max-header-size", l.MaxHeaderSize, 1<<10, 1<<20),
		between("--max-message-size", l.MaxMessageSize, 1, 16<<20),
		between("--max-file-size", l.MaxFileSize, 1<<10, 1<<40),
		between("--upload-timeout", l.UploadTimeout, time.Second, 24*time.Hour),
		between("--max-queue-size", l.MaxQueueSize, 16<<10, 1<<30),
		between("--max-subscriptions", l.MaxSubscriptions, 32, 1_000_000),
		between("--max-import-size", l.MaxImportSize, 1<<10, 1<<40),
		between("--connect-timeout", l.ConnectTimeout, time.Second, 10*time.Minute),
		between("--frame-timeout", l.FrameTimeout, time.Second, 10*time.Minute),
		between("--write-timeout", l.WriteTimeout, time.Second, 10*time.Minute),
		between("--heart-beat", l.HeartBeat, time.Second, 10*time.Minute),
		between("--typing-timeout", l.TypingTimeout, time.Second, 10*time.Minute),
		atLeast("--max-frame-size", l.MaxFrameSize, "--max-message-size", l.MaxMessageSize),
		atLeast("--max-frame-size", l.MaxFrameSize, "--max-header-size", l.MaxHeaderSize),
		atLeast("--max-queue-size", l.MaxQueueSize, "--max-frame-size", l.MaxFrameSize),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// URL is the address that clients reach the server by, without a slash at its
// end, given what the server listens on.
func (s Serve) URL(listening net.Addr) string {
	if s.PublicURL != "" {
		return strings.TrimRight(s.PublicURL, "/")
	}
	address, err := netip.ParseAddrPort(listening.String())
	if err != nil || !address.Addr().IsUnspecified() {
		return "http://" + listening.String()
	}
	return "http://" + net.JoinHostPort("localhost", strconv.Itoa(int(address.Port())))
}

// Logger writes to w in the form and from the level that the settings say.
func (s Serve) Logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: map[string]slog.Level{
		"debug": slog.LevelDebug,
		"info":  slog.LevelInfo,
		"warn":  slog.LevelWarn,
		"error": slog.LevelError,
	}[s.LogLevel]}
	if s.LogFormat == "json" {
		return slog.New(logging.Handler(slog.NewJSONHandler(w, options)))
	}
	return slog.New(logging.Handler(slog.NewTextHandler(w, options)))
}
