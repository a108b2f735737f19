package jsondoc

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

type kind uint8

const (
	kindObject kind = iota + 1
	kindArray
	kindString
	kindNumber
	kindBool
	kindNull
)

func (k kind) String() string {
	return [...]string{"nothing", "an object", "an array", "a string", "a number", "true or false", "null"}[k]
}

// node is one value of the tree.
type node struct {
	kind    kind
	refused bool // a reader did not accept it: what else is said of it would only repeat that
	place   place
	parent  *node
	slot
	text  string // of a string, the literal of anything else that is not a container
	kids  []*node
	byKey map[string]*node // of an object with many members
}

// place is a 1-based line and column; the column counts characters.
type place struct{ line, column int }

// slot is a value's place in its container.
type slot struct {
	index int    // in an array
	key   string // in an object
	keyAt place
}

// few is how many members an object may have before it is searched by a map.
const few = 8

func (n *node) member(key string) *node {
	if n.byKey != nil {
		return n.byKey[key]
	}
	for _, k := range n.kids {
		if k.key == key {
			return k
		}
	}
	return nil
}

// parser goes over the text once. What can be read despite a fault is read on, so that one look shows all;
// where that would be guessing, fail stops it.
type parser struct {
	d      *Doc
	s      string
	i      int // next byte
	limits Limits
	values int
	dead   bool

	seen place // of the byte at seenAt
	at   int

	slot  slot // where the next value goes
	slab  []node
	stack []*node // the children of the containers that are open
}

func (p *parser) document() *node {
	if strings.HasPrefix(p.s, "\uFEFF") {
		p.faultAt(0, "a byte order mark; save the document as UTF-8 without one")
		p.i = len("\uFEFF")
		p.at = p.i
	}
	p.space()
	if p.i == len(p.s) {
		p.fail("the document is empty")
		return nil
	}
	root := p.value(nil, 1)
	if p.dead {
		return nil
	}
	p.space()
	if p.i < len(p.s) && !p.dead {
		p.faultAt(p.i, "more text after the end of the document, starting with "+p.next())
	}
	return root
}

// where is the place of the byte at pos, which is on the current line.
func (p *parser) where(pos int) place {
	if pos < p.at {
		return place{p.seen.line, p.seen.column - utf8.RuneCountInString(p.s[pos:p.at])}
	}
	p.seen.column += utf8.RuneCountInString(p.s[p.at:pos])
	p.at = pos
	return p.seen
}

// enough is after how many faults a text is given up: it is no document that somebody wrote.
const enough = 10 * maxFaults

func (p *parser) faultAt(pos int, msg string) { p.fault(p.where(pos), "", msg) }

func (p *parser) fault(at place, path, msg string) {
	p.d.fault(at, path, msg, "")
	p.dead = p.dead || len(p.d.faults) >= enough
}

// fail reports a fault at the next byte that ends the reading.
func (p *parser) fail(msg string) {
	if !p.dead {
		p.faultAt(p.i, msg)
	}
	p.dead = true
}

// next describes what stands at the next byte.
func (p *parser) next() string {
	if p.i >= len(p.s) {
		return "the end of the document"
	}
	rest := p.s[p.i:min(len(p.s), p.i+80)]
	if n := wordLen(rest); n > 0 {
		return quote(rest[:n])
	}
	_, n := utf8.DecodeRuneInString(rest)
	return fmt.Sprintf("%q", rest[:n])
}

func wordLen(s string) int {
	for i := range len(s) {
		c := s[i]
		if (c|0x20 < 'a' || c|0x20 > 'z') && c != '_' && (c < '0' || c > '9') {
			return i
		}
	}
	return len(s)
}

func (p *parser) space() {
	for ; p.i < len(p.s); p.i++ {
		switch p.s[p.i] {
		case '\n':
			p.seen = place{p.seen.line + 1, 1}
			p.at = p.i + 1
		case ' ', '\t', '\r':
		case '/', '#':
			p.fail("JSON has no comments")
			return
		default:
			return
		}
	}
}

func (p *parser) newNode(k kind, parent *node, at place) *node {
	if len(p.slab) == 0 {
		p.slab = make([]node, min(max(len(p.s)/32, 16), 1024))
	}
	n := &p.slab[0]
	p.slab = p.slab[1:]
	n.kind, n.parent, n.place, n.slot = k, parent, at, p.slot
	return n
}

// value reads the value at the next byte. It returns nil exactly when the reading has ended.
func (p *parser) value(parent *node, depth int) *node {
	p.values++
	if p.values > p.limits.Values {
		p.fail(fmt.Sprintf("more than %d values", p.limits.Values))
	} else if depth > p.limits.Depth {
		p.fail(fmt.Sprintf("nested more than %d deep", p.limits.Depth))
	} else if p.i == len(p.s) {
		p.fail("the document ends where a value is expected")
	}
	if p.dead {
		return nil
	}
	at := p.where(p.i)
	switch c := p.s[p.i]; {
	case c == '{':
		return p.container(p.newNode(kindObject, parent, at), depth)
	case c == '[':
		return p.container(p.newNode(kindArray, parent, at), depth)
	case c == '"':
		n := p.newNode(kindString, parent, at)
		n.text = p.text()
		return p.alive(n)
	case c == '-' || '0' <= c && c <= '9':
		n := p.newNode(kindNumber, parent, at)
		n.text = p.number()
		return p.alive(n)
	}
	return p.word(parent, at)
}

func (p *parser) alive(n *node) *node {
	if p.dead {
		return nil
	}
	return n
}

func (p *parser) word(parent *node, at place) *node {
	w := p.s[p.i : p.i+wordLen(p.s[p.i:])]
	k := kindBool
	switch w {
	case "true", "false":
	case "null":
		k = kindNull
	default:
		msg := "a value is expected here, not " + p.next()
		if near := Nearest(strings.ToLower(w), []string{"true", "false", "null"}); near != "" {
			msg += " (did you mean " + near + "?)"
		} else if p.s[p.i] == '\'' || w != "" {
			msg += "; strings stand in double quotes"
		}
		p.fail(msg)
		return nil
	}
	p.i += len(w)
	n := p.newNode(k, parent, at)
	n.text = w
	return n
}

// container reads the array or object whose opening bracket is the next byte.
func (p *parser) container(n *node, depth int) *node {
	closing := byte(']')
	if n.kind == kindObject {
		closing = '}'
	}
	base := len(p.stack)
	p.i++
	p.space()
	for !p.dead && (p.i == len(p.s) || p.s[p.i] != closing) {
		p.child(n, depth, base)
		p.space()
		if p.dead || p.i < len(p.s) && p.s[p.i] == closing {
			break
		}
		if p.i == len(p.s) || p.s[p.i] != ',' {
			p.fail(fmt.Sprintf("a comma or %q is expected here, not %s", closing, p.next()))
			break
		}
		comma := p.where(p.i)
		p.i++
		p.space()
		if !p.dead && p.i < len(p.s) && p.s[p.i] == closing {
			p.fault(comma, "", "a comma after the last one; JSON has none there")
		}
	}
	n.kids = slices.Clone(p.stack[base:])
	clear(p.stack[base:])
	p.stack = p.stack[:base]
	if p.dead {
		return nil
	}
	p.i++
	return n
}

func (p *parser) child(parent *node, depth, base int) {
	if parent.kind == kindObject {
		p.member(parent, depth, base)
		return
	}
	p.slot = slot{index: len(p.stack) - base}
	if v := p.value(parent, depth+1); v != nil {
		p.stack = append(p.stack, v)
	}
}

func (p *parser) member(parent *node, depth, base int) {
	if p.i == len(p.s) || p.s[p.i] != '"' {
		p.fail("a field name in double quotes is expected here, not " + p.next())
		return
	}
	at := p.where(p.i)
	key := p.text()
	p.space()
	if p.dead {
		return
	}
	if p.i == len(p.s) || p.s[p.i] != ':' {
		p.fail("a colon is expected after the field name, not " + p.next())
		return
	}
	p.i++
	p.space()
	p.slot = slot{key: key, keyAt: at}
	v := p.value(parent, depth+1)
	if v == nil {
		return
	}
	if first := p.sibling(parent, key, base); first != nil {
		p.fault(at, v.path(), fmt.Sprintf("the field %s is there twice, first on line %d", quote(key), first.keyAt.line))
		return
	}
	p.stack = append(p.stack, v)
	if parent.byKey != nil {
		parent.byKey[key] = v
	}
}

// sibling is the member of the open object parent that has the key already. It goes over to a map when there are many.
func (p *parser) sibling(parent *node, key string, base int) *node {
	open := p.stack[base:]
	if parent.byKey == nil && len(open) > few {
		parent.byKey = make(map[string]*node, 4*few)
		for _, v := range open {
			parent.byKey[v.key] = v
		}
	}
	if parent.byKey != nil {
		return parent.byKey[key]
	}
	for _, v := range open {
		if v.key == key {
			return v
		}
	}
	return nil
}

func (p *parser) digits() bool {
	from := p.i
	for p.i < len(p.s) && '0' <= p.s[p.i] && p.s[p.i] <= '9' {
		p.i++
	}
	if p.i == from {
		p.fail("a digit is expected here, not " + p.next())
		return false
	}
	return true
}

func (p *parser) skip(set string) bool {
	if p.i < len(p.s) && strings.IndexByte(set, p.s[p.i]) >= 0 {
		p.i++
		return true
	}
	return false
}

func (p *parser) number() string {
	from := p.i
	p.skip("-")
	first := p.i
	if !p.digits() {
		return ""
	}
	if p.s[first] == '0' && p.i > first+1 {
		p.faultAt(first, "a number does not start with 0")
	}
	if p.skip(".") && !p.digits() {
		return ""
	}
	if p.skip("eE") {
		p.skip("+-")
		p.digits()
	}
	return p.s[from:p.i]
}

// text reads the string whose opening quote is the next byte.
func (p *parser) text() string {
	open, from := p.i, p.i+1
	end := from
	for end < len(p.s) && p.s[end] != '"' && p.s[end] != '\\' && p.s[end] >= 0x20 {
		end++
	}
	out := p.s[from:end]
	p.i = end
	if p.i == len(p.s) || p.s[p.i] != '"' {
		out = p.mixed(out)
	}
	if p.i == len(p.s) || p.s[p.i] != '"' {
		if !p.dead {
			p.i = open
			p.fail("a string is not closed on its line; a line break in it is written \\n")
		}
		return ""
	}
	raw := p.s[from:p.i]
	p.i++
	if !utf8.ValidString(raw) {
		p.faultAt(from+invalid(raw), "bytes that are not UTF-8")
		out = strings.ToValidUTF8(out, "\uFFFD")
	}
	return out
}

// invalid is where the first byte is that is not UTF-8.
func invalid(s string) int {
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return i
		}
	}
	return len(s)
}

// mixed reads the rest of a string that has escapes or control characters, up to the closing quote or the line's end.
func (p *parser) mixed(start string) string {
	var b strings.Builder
	b.WriteString(start)
	for p.i < len(p.s) && !p.dead {
		switch c := p.s[p.i]; {
		case c == '"' || c == '\n':
			return b.String()
		case c == '\\':
			p.escape(&b)
		case c < 0x20:
			p.faultAt(p.i, fmt.Sprintf("the control character U+%04X in a string; it is written \\u%04x", c, c))
			b.WriteByte(c)
			p.i++
		default:
			b.WriteByte(c)
			p.i++
		}
	}
	return b.String()
}

func (p *parser) escape(b *strings.Builder) {
	if p.i+1 >= len(p.s) {
		p.i = len(p.s)
		return
	}
	c := p.s[p.i+1]
	if c == 'u' {
		p.unicode(b)
		return
	}
	const from, to = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	if i := strings.IndexByte(from, c); i >= 0 {
		b.WriteByte(to[i])
		p.i += 2
		return
	}
	p.faultAt(p.i, "a backslash that starts no escape; a backslash itself is written \\\\")
	b.WriteByte('\\')
	p.i++
}

func (p *parser) unicode(b *strings.Builder) {
	r, ok := p.hex(p.i)
	if !ok {
		p.faultAt(p.i, "\\u takes four hexadecimal digits")
		b.WriteString(`\u`)
		p.i += 2
		return
	}
	at := p.i
	p.i += 6
	if !utf16.IsSurrogate(r) {
		b.WriteRune(r)
		return
	}
	if low, ok := p.hex(p.i); ok {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			b.WriteRune(pair)
			p.i += 6
			return
		}
	}
	p.faultAt(at, "half of a surrogate pair")
	b.WriteRune(utf8.RuneError)
}

// hex is the code unit of a \uXXXX that stands at i.
func (p *parser) hex(i int) (rune, bool) {
	if i+6 > len(p.s) || p.s[i] != '\\' || p.s[i+1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range []byte(p.s[i+2 : i+6]) {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
