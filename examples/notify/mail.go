package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

// Mailer mails customers and staff what is news to them. A mail's Message-ID is made of the record's id, so that one
// that is sent again has the same. It is for the receiver to drop it; of mail servers few do by themselves (Dovecot
// can: RFC 7352), while mail providers with an HTTP interface usually take such an id as idempotency key.
type Mailer struct {
	Desk    *recovery.Desk
	Store   history.Store
	Server  string                      // host:port
	Domain  string                      // the house's own, to send from
	Address func(recovery.Actor) string // empty: has none, and gets no mail
	Log     *slog.Logger
}

// errRefused says that the server refuses one mail for good, because of whom it is for or what is in it. A server that
// refuses everything, since it wants a password for instance, is another matter: that is tried again.
var errRefused = errors.New("refused for good")

// Handle mails what a record is worth; package history calls it again if it fails. What the server refuses for good is
// logged, for somebody to look at, so that it does not hold up the others' mails.
func (m *Mailer) Handle(ctx context.Context, r history.Record) error {
	if !ofCase(r) {
		return nil
	}
	c, err := m.Desk.Case(ctx, r.Stream)
	if err != nil {
		return err
	}
	// The record was read a while ago, and its texts may have been erased since: as it stands now.
	now, err := m.Store.Records(ctx, r.Stream, r.Sequence-1, 1)
	switch {
	case err != nil:
		return err
	case len(now) == 0: // a backup was restored meanwhile
		return fmt.Errorf("record %d of case %s is not there any more", r.Sequence, r.Stream)
	}
	e, err := recovery.Decode(now[0])
	if err != nil {
		return err // recovery.ErrUnknownEvent: a newer program wrote it; it is mailed once this one is updated
	}
	to, subject, text := letter(e, &c)
	address := m.Address(to)
	if text == "" || address == "" {
		return nil
	}
	mail, err := m.write(r, address, subject, text)
	if err != nil {
		return err
	}
	err = m.send(ctx, address, mail)
	if errors.Is(err, errRefused) {
		m.Log.ErrorContext(ctx, "mail refused", "record", r.ID, "case", r.Stream, "error", err)
		return nil
	}
	return err
}

// judged tells what the server says to a mail for good. What the server itself says is not logged: it may have an address in it.
func judged(err error) error {
	if said, ok := errors.AsType[*textproto.Error](err); ok && said.Code >= 500 {
		return fmt.Errorf("%w: code %d", errRefused, said.Code)
	}
	return err
}

// letter says what is mailed about an event, and to whom: a customer, an agent, or whoever has a role. There is nothing
// to mail if the text is empty. Customers get an agent's own words where these are to reach them by email, unless they
// were erased. Mails to staff name the case, and hold no personal text, which could not be erased there.
func letter(e recovery.Event, c *recovery.Case) (to recovery.Actor, subject, text string) {
	customer := recovery.Actor{ID: c.Customer, Kind: recovery.Customer}
	look := fmt.Sprintf("Please look at case %s.", c.ID)
	switch e := e.(type) { //nolint:gochecksumtype // most of what happens is news to nobody outside
	case recovery.Opened:
		return customer, "We have your complaint", fmt.Sprintf("You will hear from us. It is number %s.", c.ID)
	case recovery.Acknowledged:
		if e.Channel == recovery.Email {
			return customer, "About your complaint", e.Text
		}
	case recovery.Presented:
		if e.Channel == recovery.Email {
			return customer, "What we offer you", e.Text
		}
	case recovery.Closed:
		return customer, "Your complaint is closed", "If you do not agree, please answer this mail."
	case recovery.Assigned:
		return recovery.Actor{ID: e.To}, "A case for you", look
	case recovery.Escalated:
		return recovery.Actor{Role: e.To}, "Somebody wants to speak with you", look
	case recovery.ClockWarned:
		if !e.Silent { // else a later threshold was passed at once, and is mailed
			return staff(e.Threshold.Notify, c), "At risk: " + e.Clock, look
		}
	case recovery.ClockBreached:
		if !strings.HasPrefix(e.Clock, "promise:") { // else the promise is broken with it, and that is mailed
			return staff(e.Notify, c), "Overdue: " + e.Clock, look
		}
	case recovery.PromiseFailed:
		return staff("", c), fmt.Sprintf("Promise %d was broken", e.Promise), look
	}
	return to, "", ""
}

// staff is who the agreement says is to hear of it, or else who has the case, or else any supervisor.
func staff(notify string, c *recovery.Case) recovery.Actor {
	switch {
	case notify != "":
		return recovery.Actor{Role: policy.Role(notify)}
	case c.Assignee != "":
		return recovery.Actor{ID: c.Assignee}
	}
	return recovery.Actor{Role: "supervisor"}
}

// write is the mail about a record.
func (m *Mailer) write(r history.Record, to, subject, text string) ([]byte, error) {
	var b bytes.Buffer
	for _, field := range [][2]string{
		{"From", "complaints@" + m.Domain},
		{"To", to},
		{"Subject", mime.QEncoding.Encode("utf-8", subject)},
		{"Date", r.Time.Format(time.RFC1123Z)},
		{"Message-ID", fmt.Sprintf("<%s@%s>", r.ID, m.Domain)}, // two mails about one record would need two
		{"Auto-Submitted", "auto-generated"},                   // so that nobody's holiday is answered
		{"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"},
		{"Content-Transfer-Encoding", "quoted-printable"},
	} {
		fmt.Fprintf(&b, "%s: %s\r\n", field[0], field[1])
	}
	b.WriteString("\r\n")
	body := quotedprintable.NewWriter(&b)
	_, err := body.Write([]byte(text))
	err = errors.Join(err, body.Close())
	return b.Bytes(), err
}

// send hands a mail to the server. After an error it may have it all the same: that is what the Message-ID is for.
func (m *Mailer) send(ctx context.Context, to string, mail []byte) error {
	host, _, err := net.SplitHostPort(m.Server)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", m.Server)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })() // ends all that waits for the server
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	defer func() { _ = c.Close() }()
	if ok, _ := c.Extension("STARTTLS"); ok {
		if err := c.StartTLS(&tls.Config{ServerName: host}); err != nil {
			return err
		}
	}
	if err := c.Mail("complaints@" + m.Domain); err != nil {
		return err
	}
	if err := c.Rcpt(to); err != nil {
		return judged(err)
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(mail); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return judged(err)
	}
	_ = c.Quit() // it is sent, whatever the server says to this
	return nil
}
