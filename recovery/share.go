package recovery

import (
	"hash/crc32"
	"math/rand/v2"

	"github.com/google/uuid"

	"github.com/amends-go/amends/history"
)

// share is a part of all cases: those whose ids have a checksum that begins with
// some bits. Ids are not taken as they are, since hosts may choose them. The zero
// share is all cases.
type share struct {
	bits  int
	begin uint32
}

// pageBits is how many bits the shares of a full page have: of its five hundred
// cases each has some sixty, about a commit.
const pageBits = 3

// mostTogether is how many cases a tick settles in one commit at most: one more, and
// they are written in two.
const mostTogether = tickTogether * 3 / 2

// shareOf is the share of so many bits that a case is in.
func shareOf(id uuid.UUID, bits int) share {
	return share{bits, crc32.ChecksumIEEE(id[:]) >> (32 - bits)}
}

// of are those cases that are in the share.
func (s share) of(cases []history.Head) []history.Head {
	var of []history.Head
	for _, h := range cases {
		if shareOf(h.Stream, s.bits) == s {
			of = append(of, h)
		}
	}
	return of
}

// anyShare is one that has some of the cases of a page, the first of a walk. Where
// another is at work, few of its share are left on that page: so of two shares it is
// the fuller one. If the page is all there is, no share is more than a commit.
func anyShare(page []history.Head, full bool) share {
	var best share
	most := 0
	for range 2 {
		id := page[rand.IntN(len(page))].Stream
		s := share{}
		if full {
			s = shareOf(id, pageBits)
		}
		n := len(s.of(page))
		for !full && n > mostTogether && s.bits < 32 {
			s = shareOf(id, s.bits+1)
			n = len(s.of(page))
		}
		if n > most {
			best, most = s, n
		}
	}
	return best
}
