package cliproxy

import (
	"io"
	"net/http"
	"strings"
)

// The hosts whose addresses clients have built in: of the Platform API, and of
// the token endpoint.
const (
	apiHost   = "api.chatkitty.com"
	tokenHost = "authorization.chatkitty.com"

	// tlsPort is the only one that clients ask for.
	tlsPort = ":443"
)

// served reports whether a host, with or without the port, is one of the two.
func served(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), tlsPort)
	return host == apiHost || host == tokenHost
}

// enter answers a request at the proxy's own address.
func (p *Proxy) enter(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect:
		if !strings.HasSuffix(r.RequestURI, tlsPort) || !served(r.RequestURI) {
			refuse(w, http.StatusForbidden)
			return
		}
		p.open(w)
	case !r.URL.IsAbs():
		refuse(w, http.StatusBadRequest)
	case r.URL.Scheme != "https" || !served(r.URL.Host):
		refuse(w, http.StatusForbidden)
	default:
		p.pass(w, r)
	}
}

// insideTunnel answers a request that came in a tunnel. A tunnel to one of the
// hosts may be used for the other, as they are the same server here.
func (p *Proxy) insideTunnel(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodConnect || !served(r.Host) {
		refuse(w, http.StatusMisdirectedRequest)
		return
	}
	p.pass(w, r)
}

// pass gives a request to the handler as a server gets it that is no proxy.
func (p *Proxy) pass(w http.ResponseWriter, r *http.Request) {
	passed := r.Clone(r.Context())
	passed.URL.Scheme, passed.URL.Host, passed.URL.User = "", "", nil
	if passed.URL.Path == "" {
		passed.URL.Path = "/"
	}
	passed.RequestURI = passed.URL.RequestURI()
	passed.Header.Del("Proxy-Authorization")
	passed.Header.Del("Proxy-Connection")
	p.handler.ServeHTTP(w, passed)
}

// open makes a tunnel of the connection that a request came on.
func (p *Proxy) open(w http.ResponseWriter) {
	connection, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		refuse(w, http.StatusInternalServerError)
		return
	}
	if _, err := io.WriteString(connection, "HTTP/1.1 200 Connection Established\r\n\r\n"); err != nil {
		connection.Close()
		return
	}
	p.tunnels.offer(newTunnel(connection, buffered.Reader))
}

// refuse ends the connection too: whoever asks for something else here has a
// wrong setting, or no good intentions.
func refuse(w http.ResponseWriter, status int) {
	w.Header().Set("Connection", "close")
	http.Error(w, "This is the command line proxy of an OpenKitty server.\n"+
		"It serves https://"+apiHost+" and https://"+tokenHost+", and nothing else.", status)
}
