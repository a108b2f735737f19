package main

import (
	"context"
	"errors"
	"io"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Sink is a mail server that keeps what it gets, and drops a mail whose Message-ID it has, as a receiver should.
type Sink struct {
	Addr string // host:port

	lost   func() bool
	server *smtp.Server
	served chan error

	mu      sync.Mutex
	mails   []Mail
	seen    map[string]bool
	dropped int
}

// Mail is one that was received.
type Mail struct{ To, MessageID, Subject, Text string }

// StartSink listens on a free port of this machine. It calls lost, if that is not nil, when it has a mail: if it is true, it
// cuts the line before the sender hears so.
func StartSink(ctx context.Context, lost func() bool) (*Sink, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Sink{Addr: listener.Addr().String(), lost: lost, served: make(chan error, 1), seen: map[string]bool{}}
	s.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{sink: s, conn: c.Conn()}, nil }))
	s.server.Domain, s.server.ReadTimeout, s.server.WriteTimeout = "localhost", time.Minute, time.Minute
	go func() { s.served <- s.server.Serve(listener) }()
	return s, nil
}

// Close stops it.
func (s *Sink) Close() error {
	err := s.server.Close()
	if e := <-s.served; !errors.Is(e, smtp.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}

// Mails are those received, as they came, and how many came again.
func (s *Sink) Mails() (mails []Mail, dropped int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails), s.dropped
}

func (s *Sink) keep(m Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen[m.MessageID] {
		s.dropped++
		return
	}
	s.seen[m.MessageID] = true
	s.mails = append(s.mails, m)
}

// session is one connection.
type session struct {
	sink *Sink
	conn net.Conn
	to   string
}

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if !strings.HasSuffix(to, ".example") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
	}
	s.to = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		return err
	}
	s.sink.keep(Mail{s.to, m.Header.Get("Message-ID"), m.Header.Get("Subject"), string(text)})
	if s.sink.lost != nil && s.sink.lost() {
		return s.conn.Close()
	}
	return nil
}

func (s *session) Reset() { s.to = "" }

func (s *session) Logout() error { return nil }
