package probe

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"testing"
	"time"
)

// selfSigned makes a server speak TLS with a certificate nobody vouches for.
func selfSigned(t *testing.T, f func(net.Conn)) func(net.Conn) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	return func(conn net.Conn) {
		secured := tls.Server(conn, config)
		f(secured)
		secured.Close()
	}
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
		"a game that speaks plain telnet":       {server: says("\xff\xfd\x18\r\nWelcome"), want: NoMatch, reason: `the server does not speak TLS: it began with "\xff\xfd\x18\r\n"`},
		"a port that waits in silence":          {server: says(), want: Silent, reason: "no answer to the TLS handshake within 250ms"},
		"a port that hangs up":                  {server: saysAndHangsUp(), want: Closed, reason: "hung up during the TLS handshake"},
		"a server that wants no TLS of ours":    {server: says("\x15\x03\x03\x00\x02\x02\x28"), want: NoMatch, reason: "no TLS session: remote error: tls: handshake failure"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := Question{TLS: true, Protocol: tt.protocol, Addr: serve(t, tt.server)}
			if tt.want == Silent {
				q.Bound = short
			}
			a := Ask(t.Context(), q)
			if a.Outcome != tt.want || a.Greeting != tt.greeting || a.Reason != tt.reason {
				t.Errorf("got %q (%s), greeting %q", a.Outcome, a.Reason, a.Greeting)
			}
		})
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
