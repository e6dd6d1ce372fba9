package probe

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// An authority signs certificates; nobody but a test trusts it.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t testing.TB) authority {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	cert, key := sign(t, template, authority{cert: template})
	return authority{cert, key}
}

func (a authority) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}))
}

// certificate is one of a server that listens on this machine.
func certificate() *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"midgaard.example"},
	}
}

// sign makes a certificate with a new key; without a key of its own, the
// authority is the certificate itself.
func sign(t testing.TB, template *x509.Certificate, by authority) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if by.key == nil {
		by = authority{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.cert, &key.PublicKey, by.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// secured makes a server speak TLS.
func secured(cert *x509.Certificate, key *ecdsa.PrivateKey, f func(net.Conn)) func(net.Conn) {
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{cert.Raw}, PrivateKey: key}}}
	return func(conn net.Conn) {
		secured := tls.Server(conn, config)
		if secured.Handshake() == nil {
			f(secured)
		}
		secured.Close()
	}
}

// selfSigned makes a server speak TLS with a certificate nobody vouches for.
func selfSigned(t *testing.T, f func(net.Conn)) func(net.Conn) {
	cert, key := sign(t, certificate(), authority{})
	return secured(cert, key, f)
}

func TestTLSOutcomes(t *testing.T) {
	tests := map[string]struct {
		server   func(net.Conn)
		protocol Protocol
		want     Outcome
		greeting string
		reason   string
	}{
		"a game with a self-signed certificate": {server: selfSigned(t, says("Welcome\r\n\xff\xf9")), want: Ready, greeting: "Welcome"},
		"a page with a self-signed certificate": {server: selfSigned(t, answers("HTTP/1.1 200 OK\r\n\r\n")), protocol: HTTP, want: Ready, greeting: "HTTP 200 OK"},
		"a TLS port that stays open":            {server: selfSigned(t, says("")), protocol: TCP, want: Ready},
		"a game that speaks TLS, and is silent": {server: selfSigned(t, says()), want: Silent, reason: "not one byte within 250ms"},
		"a game that speaks plain telnet":       {server: says("\xff\xfd\x18\r\nWelcome \x1b[1mto Midgaard"), want: NoMatch, reason: `the server does not speak TLS: it talks plain telnet: "Welcome to Midgaard"`},
		"one that only negotiates":              {server: says("\xff\xfb\x03\xff\xfc\x22"), want: NoMatch, reason: `the server does not speak TLS: it talks plain telnet: WILL SGA, WONT LINEMODE`},
		"one that says too little for a record": {server: says("Hi"), want: NoMatch, reason: `the server does not speak TLS: it talks plain telnet: "Hi"`},
		"a page that speaks plain HTTP":         {server: says("HTTP/1.0 400 Bad Request\r\n\r\n"), want: NoMatch, reason: `the server does not speak TLS: it talks plain HTTP`},
		"something that nobody can read":        {server: saysAndHangsUp("\x01\x02\x03\x04\x05"), want: NoMatch, reason: `the server does not speak TLS: it talks nothing readable: "\x01\x02\x03\x04\x05"`},
		"a port that waits in silence":          {server: says(), want: Silent, reason: "no answer to the TLS handshake within 250ms"},
		"a port that hangs up":                  {server: saysAndHangsUp(), want: Closed, reason: "hung up during the TLS handshake"},
		"a server that wants no TLS of ours":    {server: says("\x15\x03\x03\x00\x02\x02\x28"), want: NoMatch, reason: "no TLS session: remote error: tls: handshake failure"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := Question{TLS: TLS{Mode: TLSLocal}, Protocol: tt.protocol, Addr: serve(t, tt.server)}
			if tt.want == Silent || strings.Contains(tt.reason, `"Hi"`) {
				q.Bound = short
			}
			a := Ask(t.Context(), q)
			if a.Outcome != tt.want || a.Greeting != tt.greeting || a.Reason != tt.reason {
				t.Errorf("got %q (%s), greeting %q", a.Outcome, a.Reason, a.Greeting)
			}
		})
	}
}

func TestWhichCertificateWillDo(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	good, key := sign(t, certificate(), ca)
	game := secured(good, key, says("Welcome\xff\xf9"))
	altered := func(alter func(*x509.Certificate)) func(net.Conn) {
		template := certificate()
		alter(template)
		cert, key := sign(t, template, ca)
		return secured(cert, key, says("Welcome\xff\xf9"))
	}
	expired := altered(func(c *x509.Certificate) { c.NotAfter = time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC) })
	early := altered(func(c *x509.Certificate) {
		c.NotBefore = time.Date(2124, 5, 1, 0, 0, 0, 0, time.UTC)
		c.NotAfter = c.NotBefore.AddDate(1, 0, 0)
	})
	nameless := altered(func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, nil })
	elsewhere := altered(func(c *x509.Certificate) { c.IPAddresses = nil; c.DNSNames = append(c.DNSNames, "b\x1b.example") })
	pin := pinOf(good)
	colons := strings.ToUpper(pin[:2]) + ":" + pin[2:]

	tests := map[string]struct {
		server func(net.Conn)
		tls    TLS
		reason string // "" is ready
	}{
		"of an authority that was given":        {game, TLS{CA: ca.pem()}, ""},
		"for the name that was given":           {game, TLS{CA: ca.pem(), ServerName: "midgaard.example"}, ""},
		"of another authority":                  {game, TLS{CA: other.pem()}, "no authority that is trusted here has signed the certificate: its pin is " + pin},
		"of no authority the system knows":      {game, TLS{Mode: TLSSystem}, "no authority that is trusted here has signed the certificate: its pin is " + pin},
		"likewise, where no mode is named":      {game, TLS{ServerName: "midgaard.example"}, "no authority that is trusted here has signed the certificate: its pin is " + pin},
		"for another name":                      {game, TLS{CA: ca.pem(), ServerName: "thera.example"}, "the certificate is for midgaard.example, 127.0.0.1, not for thera.example"},
		"for other names, foreign as they are":  {elsewhere, TLS{CA: ca.pem()}, `the certificate is for midgaard.example, b\x1b.example, not for 127.0.0.1`},
		"for no name":                           {nameless, TLS{CA: ca.pem()}, "the certificate is for no name, not for 127.0.0.1"},
		"that has expired":                      {expired, TLS{CA: ca.pem()}, "the certificate has expired on 2024-05-01T00:00:00Z"},
		"that does not hold yet":                {early, TLS{CA: ca.pem()}, "the certificate holds only from 2124-05-01T00:00:00Z on"},
		"any, where that is said":               {expired, TLS{Mode: TLSInsecure}, ""},
		"any, on this machine":                  {expired, TLS{Mode: TLSLocal}, ""},
		"the pinned one":                        {game, TLS{Pin: pin}, ""},
		"the pinned one, as openssl writes it":  {game, TLS{Pin: colons}, ""},
		"another than the pinned one":           {expired, TLS{Pin: pin}, "the certificate is not the pinned one: its pin is "},
		"a pin decides, whatever the mode":      {expired, TLS{Mode: TLSInsecure, Pin: pin}, "the certificate is not the pinned one: its pin is "},
		"the pinned one of the right authority": {game, TLS{CA: ca.pem(), Pin: pin}, ""},
		"the pinned one of the wrong authority": {game, TLS{CA: other.pem(), Pin: pin}, "no authority that is trusted here has signed"},
		"on this machine, for another name":     {game, TLS{Mode: TLSLocal, ServerName: "thera.example"}, "the certificate is for midgaard.example, 127.0.0.1, not for thera.example"},
		"on this machine, for the name given":   {expired, TLS{Mode: TLSLocal, ServerName: "midgaard.example"}, ""},
		"on this machine, for no name":          {nameless, TLS{Mode: TLSLocal, ServerName: "thera.example"}, "the certificate is for no name, not for thera.example"},
		"the pinned one, for another name":      {game, TLS{Pin: pin, ServerName: "thera.example"}, "the certificate is for midgaard.example, 127.0.0.1, not for thera.example"},
		"the pinned one, for the name given":    {game, TLS{Pin: pin, ServerName: "midgaard.example"}, ""},
		"another pin comes before the name":     {expired, TLS{Pin: pin, ServerName: "thera.example"}, "the certificate is not the pinned one: its pin is "},
		"any, whatever the name":                {game, TLS{Mode: TLSInsecure, ServerName: "thera.example"}, ""},
		"the pinned one, whatever the name":     {game, TLS{Mode: TLSInsecure, Pin: pin, ServerName: "thera.example"}, ""},
		"a pin that is none":                    {game, TLS{Pin: "abc"}, `not asked: pin "abc" is not a SHA-256 sum in hex, of 64 digits`},
		"authorities that are none":             {game, TLS{CA: "hello"}, "not asked: no certificate in PEM among the given authorities"},
		"a mode that is none":                   {game, TLS{Mode: "maybe"}, `not asked: tls "maybe" is none of system, local and insecure`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := Ask(t.Context(), Question{TLS: tt.tls, Addr: serve(t, tt.server)})
			if a.Ready() != (tt.reason == "") || !strings.HasPrefix(a.Reason, tt.reason) {
				t.Errorf("got %s", a.Verdict())
			}
			if notAsked := strings.HasPrefix(tt.reason, "not asked"); notAsked != (tt.tls.Fault() != nil) {
				t.Errorf("fault: %v", tt.tls.Fault())
			}
		})
	}
}

// TestATLSServerAskedInPlain shows what a game on the other kind of port says.
func TestATLSServerAskedInPlain(t *testing.T) {
	tests := map[string]struct {
		q    Question
		want string
	}{
		"waits":                        {Question{Bound: short}, "silent: not one byte within 250ms; ports for TLS and HTTP wait to be spoken to"},
		"still waits when nudged":      {Question{Bound: short, Nudge: true}, "silent: not one byte within 250ms"},
		"and answers a word by alarum": {Question{Addr: serve(t, says("\x15\x03\x01\x00\x02\x02\x46"))}, "talks, but no match: the server speaks TLS"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.q.Addr == "" {
				tt.q.Addr = serve(t, selfSigned(t, says("Welcome")))
			}
			if got := Ask(t.Context(), tt.q).Verdict(); got != tt.want {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestTLSEndsWithItsContext(t *testing.T) {
	a := Ask(t.Context(), Question{TLS: TLS{Mode: TLSInsecure}, Bound: short, Addr: serve(t, selfSigned(t, func(conn net.Conn) {
		io.WriteString(conn, "Booting\r\n")
		io.Copy(io.Discard, conn)
	})), MSSP: MSSPRequired})
	if a.Outcome != NoMatch || a.Took > 2*time.Second {
		t.Errorf("%s after %v", a.Verdict(), a.Took)
	}
}

func TestTLSAsJSON(t *testing.T) {
	got, err := json.Marshal(Question{Addr: "x:1", TLS: TLS{Mode: TLSLocal, CA: "secret", Pin: "ab"}})
	want := `{"service":"","port":0,"addr":"x:1","protocol":"","tls":{"mode":"local","pin":"ab"}}`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}

func TestWhichServersAreLocal(t *testing.T) {
	tests := map[string]bool{"127.0.0.1": true, "::1": true, "10.1.2.3": true, "172.17.0.2": true, "192.168.1.1": true, "fe80::1": true, "fd00::1": true, "8.8.8.8": false, "2001:4860::1": false}
	for ip, want := range tests {
		if got := isLocal(&net.TCPAddr{IP: net.ParseIP(ip)}); got != want {
			t.Errorf("%s: %v", ip, got)
		}
	}
}
