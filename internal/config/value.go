package config

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Bytes is a size. As text it is a number of bytes, or one with a unit: 64KB,
// 1MB, 1GB. A kilobyte is 1,024 bytes.
type Bytes int64

// units are written largest first, as String looks for the largest that fits.
var units = []struct {
	name string
	size Bytes
}{{"GB", 1 << 30}, {"MB", 1 << 20}, {"KB", 1 << 10}}

// UnmarshalText reads a size.
func (b *Bytes) UnmarshalText(text []byte) error {
	digits, unit := string(text), Bytes(1)
	for _, u := range units {
		if number, found := strings.CutSuffix(strings.ToUpper(digits), u.name); found {
			digits, unit = number, u.size
			break
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/int64(unit) {
		return fmt.Errorf("expected a size as 64KB, 1MB or 4096 but got %q", text)
	}
	*b = Bytes(n) * unit
	return nil
}

// String writes the size in the largest unit that keeps it whole.
func (b Bytes) String() string {
	for _, u := range units {
		if b != 0 && b%u.size == 0 {
			return strconv.FormatInt(int64(b/u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(b), 10)
}

func checkListen(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("expected ADDRESS:PORT but got %q", address)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("expected a port from 0 to 65535 but got %q", port)
	}
	return nil
}

func checkPublicURL(text string) error {
	if text == "" {
		return nil
	}
	address, err := checkHTTP(text)
	if err != nil {
		return err
	}
	if address.RawQuery != "" || address.Fragment != "" || address.User != nil {
		return errors.New("the address can't hold a user, a query or a fragment")
	}
	return nil
}

func checkOrigin(origin string) error {
	if origin == "*" {
		return nil
	}
	address, err := checkHTTP(origin)
	if err != nil {
		return err
	}
	if origin != address.Scheme+"://"+address.Host {
		return fmt.Errorf("an origin is a scheme, a host and perhaps a port, as https://app.example.com, not %q", origin)
	}
	return nil
}

// checkFiles checks the address that files are kept at. It does not repeat it,
// since people write keys where none belong.
func checkFiles(text string) error {
	if text == "" {
		return nil
	}
	address, err := url.Parse(text)
	if err != nil || address.Scheme != "s3" || address.Host == "" || address.User != nil {
		return errors.New("expected s3://BUCKET?endpoint=https://HOST, without keys; leave it empty for the data directory")
	}
	if endpoint := address.Query().Get("endpoint"); endpoint != "" {
		_, err = checkHTTP(endpoint)
	}
	return err
}

func checkFileType(kind string) error {
	family, member, two := strings.Cut(kind, "/")
	if kind != "*" && (!two || family == "" || member == "" || strings.ContainsAny(kind, " ;") || strings.Contains(family, "*")) {
		return fmt.Errorf("expected a content type as image/png, image/* or * but got %q", kind)
	}
	return nil
}

// checkHTTP parses an absolute address of the web.
func checkHTTP(text string) (*url.URL, error) {
	address, err := url.Parse(text)
	if err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Hostname() == "" {
		return nil, fmt.Errorf("expected an http:// or https:// address but got %q", text)
	}
	return address, nil
}

// between refuses a setting outside of its bounds, both of which it may have.
func between[T cmp.Ordered](flag string, value, least, most T) error {
	if value < least || value > most {
		return fmt.Errorf("%s: must be from %v to %v, not %v", flag, least, most, value)
	}
	return nil
}

// atLeast refuses a setting that leaves no room for another.
func atLeast(flag string, value Bytes, other string, least Bytes) error {
	if value < least {
		return fmt.Errorf("%s: %v is less than %s, which is %v", flag, value, other, least)
	}
	return nil
}
