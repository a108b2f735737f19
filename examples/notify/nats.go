package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strings"
)

// ErrNoNATS says that there is no program nats-server on this machine.
var ErrNoNATS = errors.New("no nats-server")

// NATS is a server that was started by this program.
type NATS struct {
	URL string

	stop func()
}

// Stop ends the server, and returns when it has ended. It also ends with the context that it was started with.
func (n *NATS) Stop() { n.stop() }

// StartNATS starts nats-server with JetStream on a free port of this machine; it keeps its data in the directory.
func StartNATS(ctx context.Context, dir string) (*NATS, error) {
	program, err := exec.LookPath("nats-server")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/nats-server") // Debian's, which is not in everybody's path
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoNATS, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	server := exec.CommandContext(ctx, program, "--addr", "127.0.0.1", "--port", "-1", "--jetstream", "--store_dir", dir)
	output, err := server.StderrPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		cancel()
		return nil, err
	}
	n := &NATS{stop: func() {
		cancel()
		_ = server.Wait() // it was killed
	}}
	if n.URL, err = listening(output); err != nil {
		n.Stop()
		return nil, err
	}
	go func() { _, _ = io.Copy(io.Discard, output) }() // until it ends: else it would wait for a reader
	return n, nil
}

// listening reads what the server says until it is ready, and returns where it listens.
func listening(output io.Reader) (url string, err error) {
	address := regexp.MustCompile(`Listening for client connections on (\S+)`)
	var said []string
	for lines := bufio.NewScanner(output); lines.Scan(); {
		said = append(said, lines.Text())
		if found := address.FindStringSubmatch(lines.Text()); found != nil {
			url = "nats://" + found[1]
		}
		if url != "" && strings.Contains(lines.Text(), "Server is ready") {
			return url, nil
		}
	}
	return "", fmt.Errorf("nats-server did not start:\n%s", strings.Join(said, "\n"))
}
