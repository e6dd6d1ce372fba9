package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"time"

	"devenv/internal/telnet"
)

// tlsFailure says why no TLS session came about; said is what the server began
// with.
func tlsFailure(ctx context.Context, q Question, said []byte, err error) *failure {
	switch {
	case len(said) > 0 && !isTLS(said):
		return &failure{NoMatch, "the server does not speak TLS: it talks " + speech(said)}
	case ctx.Err() != nil, isTimeout(err):
		return &failure{Silent, fmt.Sprintf("no answer to the TLS handshake within %v", q.bound())}
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return &failure{Closed, "hung up during the TLS handshake"}
	}
	if reason := distrust(err); reason != "" {
		return &failure{NoMatch, telnet.VisibleLine(reason)}
	}
	return &failure{NoMatch, "no TLS session: " + telnet.VisibleLine(err.Error())}
}

// distrust says what is wrong with a certificate; "" is: nothing.
func distrust(err error) string {
	var (
		pin     *pinError
		name    x509.HostnameError
		unknown x509.UnknownAuthorityError
		invalid x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &pin):
		return pin.Error()
	case errors.As(err, &name):
		return fmt.Sprintf("the certificate is for %s, not for %s", namesOf(name.Certificate), name.Host)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return expiry(invalid.Cert, time.Now())
	case errors.As(err, &invalid):
		return "the certificate does not hold: " + strings.TrimPrefix(invalid.Error(), "x509: ")
	case errors.As(err, &unknown):
		return "no authority that is trusted here has signed the certificate: its pin is " + pinOf(unverified(err, unknown.Cert))
	}
	return ""
}

func expiry(c *x509.Certificate, now time.Time) string {
	if now.Before(c.NotBefore) {
		return "the certificate holds only from " + c.NotBefore.UTC().Format(time.RFC3339) + " on"
	}
	return "the certificate has expired on " + c.NotAfter.UTC().Format(time.RFC3339)
}

// unverified is the server's own certificate; signed is the one of its chain
// where trust ended.
func unverified(err error, signed *x509.Certificate) *x509.Certificate {
	var chain *tls.CertificateVerificationError
	if errors.As(err, &chain) && len(chain.UnverifiedCertificates) > 0 {
		return chain.UnverifiedCertificates[0]
	}
	return signed
}

func namesOf(c *x509.Certificate) string {
	names := c.DNSNames
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return "no name"
	}
	return telnet.Excerpt(strings.Join(names, ", "), 200)
}

// isTLS reports whether what a server said is a TLS record: of a handshake, or
// an alert, and of any version.
func isTLS(said []byte) bool {
	kind := said[0]
	return (kind == 0x15 || kind == 0x16) && (len(said) == 1 || said[1] == 3)
}

// speech tells what protocol a server's first words are of, and quotes them.
func speech(said []byte) string {
	if strings.HasPrefix(string(said), "HTTP/") {
		return `plain HTTP`
	}
	var d telnet.Decoder
	var t transcript
	var commands []string
	for e, rest := d.Next(said); e.Kind != telnet.None; e, rest = d.Next(rest) {
		if e.Kind == telnet.Text {
			t.add(e.Data)
		} else if len(commands) < 8 {
			commands = append(commands, e.String())
		}
	}
	switch {
	case t.visible:
		return `plain telnet: "` + telnet.Excerpt(telnet.VisibleLine(t.told(nil)), 100) + `"`
	case len(commands) > 0:
		return "plain telnet: " + telnet.Excerpt(telnet.VisibleLine(strings.Join(commands, ", ")), 100)
	}
	return fmt.Sprintf("nothing readable: %q", said[:min(len(said), 25)])
}
