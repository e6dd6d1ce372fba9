package probe

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strings"

	"devenv/internal/telnet"
)

// A TLSMode says whose word on a certificate is taken.
type TLSMode string

// The modes. The empty one is TLSSystem.
const (
	TLSSystem   TLSMode = "system"   // an authority that this machine trusts
	TLSLocal    TLSMode = "local"    // likewise, but nobody's on loopback, private and link-local addresses
	TLSInsecure TLSMode = "insecure" // nobody's: any certificate will do
)

// TLS says how a connection is secured. The zero value is: not at all.
//
// Authorities and a pin, where given, decide whatever the mode; a pin alone asks
// for this certificate and for nothing else, such as names and dates. A name that
// is given must be in the certificate, but where any certificate will do.
type TLS struct {
	Mode       TLSMode `json:"mode,omitempty"`
	CA         string  `json:"-"`                     // PEM: the only authorities to trust
	Pin        string  `json:"pin,omitempty"`         // SHA-256 of the certificate, in hex, with colons or without
	ServerName string  `json:"server_name,omitempty"` // to ask for and to find in the certificate; "" is the host
}

// Fault is nil when a connection can be secured as it is said here.
func (t TLS) Fault() error {
	_, err := t.config("", nil)
	return err
}

func (t TLS) wanted() bool { return t != TLS{} }

func (t TLS) config(addr string, remote net.Addr) (*tls.Config, error) {
	host, _, _ := net.SplitHostPort(addr)
	c := &tls.Config{ServerName: cmp.Or(t.ServerName, host)}
	switch t.Mode {
	case "", TLSSystem:
	case TLSLocal:
		c.InsecureSkipVerify = isLocal(remote)
	case TLSInsecure:
		c.InsecureSkipVerify = true
	default:
		return nil, fmt.Errorf("tls %q is none of system, local and insecure", t.Mode)
	}
	if t.ServerName != "" && t.Mode != TLSInsecure {
		c.VerifyConnection = named(t.ServerName)
	}
	if t.Pin != "" {
		pin, err := parsePin(t.Pin)
		if err != nil {
			return nil, err
		}
		c.InsecureSkipVerify = true
		c.VerifyConnection = both(pinned(pin), c.VerifyConnection)
	}
	if t.CA != "" {
		c.InsecureSkipVerify = false
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM([]byte(t.CA)) {
			return nil, errors.New("no certificate in PEM among the given authorities")
		}
	}
	return c, nil
}

// isLocal reports whether an address is of this machine or its private networks.
func isLocal(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && (tcp.IP.IsLoopback() || tcp.IP.IsPrivate() || tcp.IP.IsLinkLocalUnicast())
}

// parsePin reads a pin as openssl x509 -fingerprint -sha256 writes it, or bare.
func parsePin(s string) (string, error) {
	bare := strings.ToLower(strings.ReplaceAll(s, ":", ""))
	if raw, err := hex.DecodeString(bare); err != nil || len(raw) != sha256.Size {
		return "", fmt.Errorf("pin %q is not a SHA-256 sum in hex, of 64 digits", s)
	}
	return bare, nil
}

func pinOf(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

// A pinError is a certificate other than the pinned one.
type pinError struct{ got string }

func (e *pinError) Error() string {
	return "the certificate is not the pinned one: its pin is " + e.got
}

// A verifier is a rule of ours for a connection; nil has nothing against any.
type verifier func(tls.ConnectionState) error

func both(first, then verifier) verifier {
	return func(state tls.ConnectionState) error {
		if err := first(state); err != nil || then == nil {
			return err
		}
		return then(state)
	}
}

// named wants the certificate to be for the name, which nothing else looks at
// where nobody's word on it is taken.
func named(want string) verifier {
	return func(state tls.ConnectionState) error { return state.PeerCertificates[0].VerifyHostname(want) }
}

func pinned(want string) verifier {
	return func(state tls.ConnectionState) error {
		if got := pinOf(state.PeerCertificates[0]); got != want {
			return &pinError{got}
		}
		return nil
	}
}

// secure makes a connection one of TLS, or closes it.
func secure(ctx context.Context, q Question, conn net.Conn) (net.Conn, error) {
	config, err := q.TLS.config(q.Addr, conn.RemoteAddr())
	if err != nil {
		conn.Close()
		return nil, &failure{NoMatch, "not asked: " + telnet.VisibleLine(err.Error())}
	}
	heard := &opening{Conn: conn}
	secured := tls.Client(heard, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, tlsFailure(ctx, q, heard.said, err)
	}
	heard.over = true
	return secured, nil
}

// An opening is a connection that remembers what the server said first.
type opening struct {
	net.Conn
	said []byte
	over bool // nobody wants to know any more
}

// maxOpening is plenty to see who speaks.
const maxOpening = 512

func (o *opening) Read(p []byte) (int, error) {
	n, err := o.Conn.Read(p)
	if !o.over {
		o.said = append(o.said, p[:min(n, maxOpening-len(o.said))]...)
	}
	return n, err
}
