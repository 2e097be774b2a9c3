// Package platform is the REST side of OpenKitty: the Platform API, by which
// back ends and administrators act as an application, and its OAuth 2 token
// endpoint.
//
// Every operation is one of package engine, with the application itself as the
// actor: it obeys the same rules as users, and connected clients see what it
// does. Two formats are served from one definition: names in snake_case, and
// under /v1 in camelCase.
package platform

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"golang.org/x/time/rate"

	"openkitty/internal/chat"
	"openkitty/internal/engine"
)

// Limits bounds what clients of the API may do.
type Limits struct {
	BodySize      int           // bytes of a request's body
	TokenLife     time.Duration // of an access token, as its holder is told
	Rate          float64       // requests a second of one credential, on average, or Unlimited
	Burst         int           // requests of one credential at once
	TokenFailures int           // wrong secrets for one client from one address a minute
}

// Unlimited is the rate of who may ask as fast as they can.
const Unlimited = float64(rate.Inf)

// DefaultLimits are generous: a back end that works through its users is not
// slowed down, one that runs wild is.
var DefaultLimits = Limits{BodySize: 1 << 20, TokenLife: 12 * time.Hour, Rate: 500, Burst: 1000, TokenFailures: 20}

// Options is what an API is made of. All fields are required.
type Options struct {
	Engine    *engine.Engine
	Limits    Limits
	Log       *slog.Logger
	PublicURL string                         // address that clients reach the server at; its path is a prefix of every path
	AddressOf func(*http.Request) netip.Addr // where a request comes from
}

// API serves the Platform API. Its methods may be called concurrently.
type API struct {
	engine *engine.Engine
	limits Limits
	log    *slog.Logger
	public string // the public URL without a slash at its end
	prefix string // the path of the public URL
	origin func(*http.Request) netip.Addr

	build func() // makes what follows, once, at the first request
	huma  huma.API
	mux   *http.ServeMux

	requests *limiters[chat.CredentialID]
	failures *limiters[suspect]
	refusals refusals // that were logged
	forms    places
}

// New returns an API. It holds nothing that would have to be closed, and little
// before its first request: many servers serve SDKs alone.
func New(o Options) (*API, error) {
	public, err := url.Parse(o.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("public URL: %w", err)
	}
	a := &API{
		engine:   o.Engine,
		limits:   o.Limits,
		log:      o.Log,
		public:   strings.TrimRight(o.PublicURL, "/"),
		prefix:   strings.TrimRight(public.Path, "/"),
		origin:   o.AddressOf,
		requests: newLimiters[chat.CredentialID](o.Limits.Rate, o.Limits.Burst),
		failures: newLimiters[suspect](float64(o.Limits.TokenFailures)/60, o.Limits.TokenFailures),
		forms:    places{of: map[chat.ApplicationID]int{}},
	}
	a.refusals.limits = newLimiters[chat.CredentialID](refusalRate, refusalBurst)
	a.build = sync.OnceFunc(func() {
		a.mux = http.NewServeMux()
		a.huma = humago.New(a.mux, configuration())
		a.huma.UseMiddleware(named, a.authorize, a.awaitUpload, a.once, a.readBody)
		a.register()
		a.describe()
	})
	return a, nil
}

// register gives every noun its operations.
func (a *API) register() {
	a.registerRoot()
	a.registerToken()
	a.registerApplication()
	a.registerChatUI()
	a.registerCredentials()
	a.registerUsers()
	a.registerChannels()
	a.registerMembers()
	a.registerMessages()
	a.registerThreads()
	a.registerReading()
	a.registerNotifications()
	a.registerSessions()
	a.registerJobs()
	a.registerImports()
	a.registerExports()
	a.registerRuntime()
	a.registerFunctions()
}

func configuration() huma.Config {
	config := huma.Config{OpenAPI: document(), Formats: formats(), DefaultFormat: plain}
	config.AllowAdditionalPropertiesByDefault = true
	return config
}
