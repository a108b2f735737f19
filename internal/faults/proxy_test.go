package faults_test

import (
	"bytes"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// proxy stands between clients and a PostgreSQL server, and cuts connections.
type proxy struct {
	listener net.Listener
	to       string
	calm     atomic.Bool // cuts nothing
	mu       sync.Mutex
	cuts     map[string]int
}

// How a connection is cut around an append. Of each statement's bytes the last end with a message Sync, upon which the server commits.
const (
	cutBefore   = "before the statement"
	cutWithin   = "within the statement"
	cutAfter    = "while the server commits"
	cutAnswered = "after the server has committed"
	cutAnywhere = "anywhere else"
)

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it does not wait
	require.NoError(t, err)
	p := &proxy{listener: l, to: to, cuts: map[string]int{}}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return p
}

func (p *proxy) cut(how string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cuts[how]++
}

// count returns how many connections have been cut in each way; more may be while it is called.
func (p *proxy) count() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.cuts)
}

func (p *proxy) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", p.to) //nolint:noctx // it does not wait
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	var mute atomic.Bool // the server's answers get lost
	answered := make(chan struct{}, 1)
	go func() {
		defer func() { _ = client.Close() }()
		buf := make([]byte, 64<<10)
		for {
			n, err := server.Read(buf)
			if mute.Load() {
				select {
				case answered <- struct{}{}:
				default:
				}
				return
			}
			if n > 0 {
				if _, err := client.Write(buf[:n]); err != nil {
					return
				}
			}
			if err != nil {
				return
			}
			if !p.calm.Load() && rand.IntN(300) == 0 {
				p.cut(cutAnywhere)
				return
			}
		}
	}()
	buf, appends := make([]byte, 64<<10), false
	for {
		n, err := client.Read(buf)
		chunk := buf[:n]
		if err != nil {
			return
		}
		appends = appends || bytes.Contains(chunk, []byte("test.happened/1")) || bytes.Contains(chunk, []byte("case."))
		if appends && bytes.HasSuffix(chunk, []byte("S\x00\x00\x00\x04")) {
			appends = false
			how := []string{cutBefore, cutWithin, cutAfter, cutAnswered, "", "", "", "", "", "", "", ""}[rand.IntN(12)]
			if how != "" && !p.calm.Load() {
				p.cut(how)
				switch how {
				case cutWithin:
					_, _ = server.Write(chunk[:rand.IntN(len(chunk))])
				case cutAfter:
					_, _ = server.Write(chunk)
				case cutAnswered:
					mute.Store(true)
					_, _ = server.Write(chunk)
					<-answered
				}
				return
			}
		}
		if _, err := io.Copy(server, bytes.NewReader(chunk)); err != nil {
			return
		}
	}
}
