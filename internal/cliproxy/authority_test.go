package cliproxy

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"testing"
)

func authorityOf(t *testing.T, secret byte) *authority {
	t.Helper()
	a, err := newAuthority(bytes.Repeat([]byte{secret}, SecretSize))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestTheCertificateIsAFunctionOfItsSecret(t *testing.T) {
	t.Parallel()

	if !bytes.Equal(authorityOf(t, 1).pem(), authorityOf(t, 1).pem()) {
		t.Error("one secret makes two certificates")
	}
	if bytes.Equal(authorityOf(t, 1).pem(), authorityOf(t, 2).pem()) {
		t.Error("two secrets make one certificate")
	}
	for _, size := range []int{0, SecretSize - 1, SecretSize + 1} {
		if _, err := New(Options{Secret: make([]byte, size)}); err == nil {
			t.Errorf("a secret of %d bytes is accepted", size)
		}
	}
}

// Whoever trusts the certificate does so for all their programs, perhaps.
func TestTheCertificateVouchesForTheTwoHostsAlone(t *testing.T) {
	t.Parallel()

	a := authorityOf(t, 1)
	for host, trusted := range map[string]bool{
		apiHost:         true,
		tokenHost:       true,
		"chatkitty.com": false,
		"example.com":   false,
	} {
		issued, err := a.issue(host)
		if err != nil {
			t.Fatal(err)
		}
		err = verify(t, a, issued, host)
		var invalid x509.CertificateInvalidError
		switch {
		case trusted && err != nil:
			t.Errorf("%s: %v", host, err)
		case !trusted && (!errors.As(err, &invalid) || invalid.Reason != x509.CANotAuthorizedForThisName):
			t.Errorf("%s: %v, want a refusal of the name", host, err)
		}
	}
}

func TestACertificateOfAnotherSecretIsNotTrusted(t *testing.T) {
	t.Parallel()

	issued, err := authorityOf(t, 2).issue(apiHost)
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(t, authorityOf(t, 1), issued, apiHost); err == nil {
		t.Error("it is trusted")
	}
}

// verify checks a certificate as a client does that trusts an authority.
func verify(t *testing.T, a *authority, issued tls.Certificate, host string) error {
	t.Helper()
	leaf, err := x509.ParseCertificate(issued.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(a.certificate)
	_, err = leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: roots})
	return err
}
