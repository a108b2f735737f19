package historytest_test

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

// broken is a store with one fault.
type broken struct {
	fault string
	// meant is the subtest that is there to find the fault, also those that meet it on their way.
	meant string
	also  []string
	open  func() history.Store
}

// hooked is a Memory some of whose methods are replaced. A replacement gets the Memory to do the rest.
type hooked struct {
	*history.Memory

	append  appendFunc
	head    func(ctx context.Context, m *history.Memory, stream uuid.UUID) (history.Head, error)
	heads   func(ctx context.Context, m *history.Memory, q history.Query) ([]history.Head, error)
	records func(ctx context.Context, m *history.Memory, stream uuid.UUID, after uint64, limit int) ([]history.Record, error)
	feed    func(ctx context.Context, m *history.Memory, after uint64, limit int) ([]history.Record, error)
	erase   appendFunc
	wake    func(ctx context.Context, m *history.Memory) (<-chan struct{}, error)
}

func (h hooked) Append(ctx context.Context, c history.Commit) (history.Receipt, error) {
	if h.append == nil {
		return h.Memory.Append(ctx, c)
	}
	return h.append(ctx, h.Memory, c)
}

func (h hooked) Head(ctx context.Context, stream uuid.UUID) (history.Head, error) {
	if h.head == nil {
		return h.Memory.Head(ctx, stream)
	}
	return h.head(ctx, h.Memory, stream)
}

func (h hooked) Heads(ctx context.Context, q history.Query) ([]history.Head, error) {
	if h.heads == nil {
		return h.Memory.Heads(ctx, q)
	}
	return h.heads(ctx, h.Memory, q)
}

func (h hooked) Records(ctx context.Context, stream uuid.UUID, after uint64, limit int) ([]history.Record, error) {
	if h.records == nil {
		return h.Memory.Records(ctx, stream, after, limit)
	}
	return h.records(ctx, h.Memory, stream, after, limit)
}

func (h hooked) Feed(ctx context.Context, after uint64, limit int) ([]history.Record, error) {
	if h.feed == nil {
		return h.Memory.Feed(ctx, after, limit)
	}
	return h.feed(ctx, h.Memory, after, limit)
}

func (h hooked) Erase(ctx context.Context, c history.Commit) (history.Receipt, error) {
	if h.erase == nil {
		return h.Memory.Erase(ctx, c)
	}
	return h.erase(ctx, h.Memory, c)
}

func (h hooked) Wake(ctx context.Context) (<-chan struct{}, error) {
	if h.wake == nil {
		return h.Memory.Wake(ctx)
	}
	return h.wake(ctx, h.Memory)
}

type appendFunc func(ctx context.Context, m *history.Memory, c history.Commit) (history.Receipt, error)

// appending is a Memory with another Append.
func appending(own appendFunc) func() history.Store {
	return func() history.Store { return hooked{Memory: new(history.Memory), append: own} }
}

type withClock struct {
	*history.Memory

	now func() time.Time
}

func (c withClock) Now(context.Context) (time.Time, error) { return c.now(), nil }

func utcClock() time.Time { return time.Now().UTC() }

func brokenStores() []broken {
	return slices.Concat(
		brokenReads(), brokenAppends(), brokenPasts(), brokenKeys(), brokenRaces(), brokenHeads(), brokenBytes(), brokenSharing(), brokenExtras(), brokenBookmarks(),
	)
}
