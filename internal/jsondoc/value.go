package jsondoc

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Value is a JSON value and its place. A reader that does not fit the value reports a fault and returns the zero value;
// on an absent value it returns the zero value silently. So a caller reads everything and looks at Faults once.
// The zero Value is absent.
type Value struct {
	d     *Doc
	n     *node
	in    *node // of a field that is not there: its object
	field string
}

// Exists tells whether the value is there. A null is.
func (v Value) Exists() bool { return v.n != nil }

// IsText tells whether the value is a string.
func (v Value) IsText() bool { return v.is(kindString) }

// IsNumber tells whether the value is a number.
func (v Value) IsNumber() bool { return v.is(kindNumber) }

// IsArray tells whether the value is an array.
func (v Value) IsArray() bool { return v.is(kindArray) }

// IsObject tells whether the value is an object.
func (v Value) IsObject() bool { return v.is(kindObject) }

func (v Value) is(k kind) bool { return v.n != nil && v.n.kind == k }

func (v Value) place() place {
	switch {
	case v.n != nil:
		return v.n.place
	case v.in != nil:
		return v.in.place
	}
	return place{}
}

// Line is the line on which the value starts, from 1; of a field that is not there, its object's; else 0.
func (v Value) Line() int { return v.place().line }

// Column is the character of the line with which the value starts, from 1; of a field that is not there, its object's; else 0.
func (v Value) Column() int { return v.place().column }

// Path is where in the tree the value is, as in "rows[3].upTo"; empty for the root.
func (v Value) Path() string {
	switch {
	case v.n != nil:
		return v.n.path()
	case v.in != nil:
		return join(v.in.path(), v.field)
	}
	return ""
}

func (n *node) path() string {
	switch {
	case n.parent == nil:
		return ""
	case n.parent.kind == kindArray:
		return n.parent.path() + "[" + strconv.Itoa(n.index) + "]"
	}
	return join(n.parent.path(), n.key)
}

func join(path, key string) string {
	switch {
	case key == "" || strings.ContainsFunc(key, oddInPath):
		return path + "[" + quote(key) + "]"
	case path == "":
		return shorten(key)
	}
	return path + "." + shorten(key)
}

func oddInPath(r rune) bool { return r <= ' ' || strings.ContainsRune(`."[]`, r) }

// Faultf reports a fault of the caller's own at the value's place, or at its object's if it is a field that is not there. On a value
// that a reader has refused it is silent, since it could only repeat that.
func (v Value) Faultf(format string, args ...any) { v.report(fmt.Sprintf(format, args...), "") }

func (v Value) report(msg, meant string) {
	if v.place() == (place{}) || v.n != nil && v.n.refused {
		return
	}
	v.d.fault(v.place(), v.Path(), msg, meant)
}

// refuse reports what a reader did not accept.
func (v Value) refuse(msg, meant string) {
	v.report(msg, meant)
	if v.n != nil {
		v.n.refused = true
	}
}

// listed is up to how many known names a message lists.
const listed = 24

// Unknown reports that got is no known name of a what ("role"), with the nearest known one, or all if none is near.
func (v Value) Unknown(what, got string, known []string) {
	v.refuse(unknown(what, got, known))
}

func unknown(what, got string, known []string) (msg, meant string) {
	msg, meant = "unknown "+what+" "+quote(got), Nearest(got, known)
	if meant == "" && 0 < len(known) && len(known) <= listed {
		msg += " (known: " + strings.Join(known, ", ") + ")"
	}
	return msg, meant
}

// want tells whether the value is of the kind, and reports it if it is not.
func (v Value) want(k kind) bool {
	if v.n == nil {
		return false
	}
	if v.n.kind == k {
		return true
	}
	msg := fmt.Sprintf("want %s, got %s", k, v.n.kind)
	if v.n.kind == kindNull {
		msg += "; leave it out if there is none"
	}
	v.refuse(msg, "")
	return false
}

// Object is the value as an object. Fields other than those given are faults, with the one that was probably meant; if no
// fields are given, any may be there.
func (v Value) Object(fields ...string) Object {
	if !v.want(kindObject) {
		return Object{}
	}
	if len(fields) > 0 {
		for _, kid := range v.n.kids {
			if !slices.Contains(fields, kid.key) {
				msg, meant := unknown("field", kid.key, fields)
				v.d.fault(kid.keyAt, kid.path(), msg, meant)
			}
		}
	}
	return Object{v}
}

// Items are the items of an array.
func (v Value) Items() []Value {
	if !v.want(kindArray) {
		return nil
	}
	items := make([]Value, len(v.n.kids))
	for i, kid := range v.n.kids {
		items[i] = Value{d: v.d, n: kid}
	}
	return items
}

// Text is the value as a string.
func (v Value) Text() string {
	if !v.want(kindString) {
		return ""
	}
	return v.n.text
}

// Texts are the strings of an array, each not empty. Items that do not fit are left out.
func (v Value) Texts() []string {
	var texts []string
	for _, item := range v.Items() {
		switch text := item.Text(); {
		case text != "":
			texts = append(texts, text)
		case item.is(kindString):
			item.refuse("an empty text", "")
		}
	}
	return texts
}

// Bool is the value as true or false.
func (v Value) Bool() bool { return v.want(kindBool) && v.n.text == "true" }

// Int is the value as a whole number from low to high, written without fraction or exponent.
func (v Value) Int(low, high int64) int64 {
	if !v.want(kindNumber) {
		return 0
	}
	if strings.ContainsAny(v.n.text, ".eE") {
		v.refuse("want a whole number, got "+shorten(v.n.text), "")
		return 0
	}
	n, err := strconv.ParseInt(v.n.text, 10, 64)
	if err != nil || n < low || n > high {
		v.refuse(fmt.Sprintf("want a whole number from %d to %d, got %s", low, high, shorten(v.n.text)), "")
		return 0
	}
	return n
}

// OneOf is the value as one of the known names of a what ("role").
func (v Value) OneOf(what string, known ...string) string {
	if !v.want(kindString) {
		return ""
	}
	if !slices.Contains(known, v.n.text) {
		v.Unknown(what, v.n.text, known)
		return ""
	}
	return v.n.text
}

// Object is a JSON object. The zero Object has no fields and reports nothing.
type Object struct{ v Value }

// Get is the field's value; absent if it is not there.
func (o Object) Get(field string) Value {
	if o.v.n == nil {
		return Value{}
	}
	if n := o.v.n.member(field); n != nil {
		return Value{d: o.v.d, n: n}
	}
	return Value{d: o.v.d, in: o.v.n, field: field}
}

// Need is the field's value; if it is not there, that is a fault, and the value is absent and silent.
func (o Object) Need(field string) Value {
	v := o.Get(field)
	if !v.Exists() {
		v.report("the field "+quote(field)+" is missing", "")
		return Value{}
	}
	return v
}

// Keys are the keys in the document's order, as string values with their places.
func (o Object) Keys() []Value {
	if o.v.n == nil {
		return nil
	}
	keys := make([]Value, len(o.v.n.kids))
	for i, kid := range o.v.n.kids {
		keys[i] = Value{d: o.v.d, n: &node{kind: kindString, place: kid.keyAt, parent: o.v.n, slot: kid.slot, text: kid.key}}
	}
	return keys
}

// Fields are the keys' texts in the document's order.
func (o Object) Fields() []string {
	if o.v.n == nil {
		return nil
	}
	fields := make([]string, len(o.v.n.kids))
	for i, kid := range o.v.n.kids {
		fields[i] = kid.key
	}
	return fields
}

// shown is how many characters of an outside text a message repeats.
const shown = 60

func shorten(s string) string {
	if len(s) <= shown {
		return s
	}
	if r := []rune(s[:min(len(s), 4*shown+4)]); len(r) > shown {
		return string(r[:shown]) + "…"
	}
	return s
}

func quote(s string) string { return strconv.Quote(shorten(s)) }
