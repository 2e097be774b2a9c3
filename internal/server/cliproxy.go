package server

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"openkitty/internal/cliproxy"
)

// certificateFile is what users of the proxy must trust, in the data directory.
const certificateFile = "cli-proxy.pem"

// cliProxy is the proxy of a server, where it listens, and what users of it need.
type cliProxy struct {
	proxy       *cliproxy.Proxy
	listener    net.Listener
	certificate string // path of the file
}

// openCLIProxy listens for the original command line, if the settings say so.
func (s *Server) openCLIProxy(ctx context.Context, platform http.Handler) error {
	if s.settings.CLIProxy == "" {
		return nil
	}
	secret, err := s.store.Secret(ctx, "cli-proxy")
	if err != nil {
		return err
	}
	proxy, err := cliproxy.New(cliproxy.Options{
		Handler:    platform,
		Secret:     secret,
		HeaderSize: int(s.settings.MaxHeaderSize),
		HeaderTime: s.settings.ConnectTimeout,
		Log:        s.log,
	})
	if err != nil {
		return err
	}
	certificate, err := filepath.Abs(filepath.Join(s.settings.Data, certificateFile))
	if err != nil {
		return fmt.Errorf("find the data directory: %w", err)
	}
	if err := keepFile(certificate, proxy.Certificate()); err != nil {
		return fmt.Errorf("write the certificate of the command line proxy: %w", err)
	}
	listener, err := listen(ctx, onThisMachine(s.settings.CLIProxy), s.settings.WriteTimeout)
	if err != nil {
		return err
	}
	s.cliProxy = &cliProxy{proxy, listener, certificate}
	s.tellOfCLIProxy()
	return nil
}

// onThisMachine completes an address that is a port alone.
func onThisMachine(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host != "" {
		return address
	}
	return net.JoinHostPort("127.0.0.1", port)
}

// keepFile leaves a file alone that is already as it should be, since others may
// be reading it.
func keepFile(path string, content []byte) error {
	if found, err := os.ReadFile(path); err == nil && bytes.Equal(found, content) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}

func (s *Server) tellOfCLIProxy() {
	address := s.cliProxy.listener.Addr()
	s.log.Info("command line proxy", "url", "http://"+address.String(), "certificate", s.cliProxy.certificate)
	if ip, ok := address.(*net.TCPAddr); ok && !ip.IP.IsLoopback() {
		s.log.Warn("other machines reach the command line proxy, and older command lines send their client secret to it unencrypted",
			"address", address.String())
	}
}

// CLIProxy is the address of the proxy for the original command line, and the
// file of the certificate that its users must trust. They are empty without it.
func (s *Server) CLIProxy() (url, certificate string) {
	if s.cliProxy == nil {
		return "", ""
	}
	return "http://" + s.cliProxy.listener.Addr().String(), s.cliProxy.certificate
}

// serve returns http.ErrServerClosed when the proxy was stopped.
func (c *cliProxy) serve() error { return c.proxy.Serve(c.listener) }

// close cuts what is left of a proxy, also of one that never served.
func (c *cliProxy) close() {
	c.proxy.Close()    // fails only for a listener, which
	c.listener.Close() // is closed by now if it served
}
