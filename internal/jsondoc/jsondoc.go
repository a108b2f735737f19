// Package jsondoc reads JSON documents that people write: strictly, whole, and with the place of every fault.
package jsondoc

// Fault is one thing wrong with a document.
type Fault struct {
	Line, Column int    // 1-based; the column counts characters
	Path         string // "rows[3].upTo"
	Msg          string
	DidYouMean   string
}

// Limits bound a document; zero fields mean the defaults (10 MiB, depth 64, 200,000 values).
type Limits struct{ Bytes, Depth, Values int }

// Doc is a parsed document and the faults found in it so far.
type Doc struct{ _ int }

// Parse reads a document. Duplicate keys, trailing data, a byte order mark, invalid UTF-8, unpaired surrogates and exceeded limits are faults.
func Parse(b []byte, l Limits) *Doc { panic("skeleton") }

// Root is the document's value; absent if it did not parse.
func (d *Doc) Root() Value { panic("skeleton") }

// Faults are those found so far, in the order of their places (at most 100, then one that counts the rest).
func (d *Doc) Faults() []Fault { panic("skeleton") }

// Value is a JSON value and its place. A reader that does not fit the value reports a fault and returns the zero value;
// on an absent value it returns the zero value silently. So a caller reads everything and looks at Faults once.
type Value struct{ _ int }

func (v Value) Exists() bool                              { panic("skeleton") }
func (v Value) Line() int                                 { panic("skeleton") }
func (v Value) Column() int                               { panic("skeleton") }
func (v Value) Path() string                              { panic("skeleton") }
func (v Value) Faultf(format string, args ...any)         { panic("skeleton") }
func (v Value) Unknown(what, got string, known []string)  { panic("skeleton") } // "unknown role "supervizor"", did you mean
func (v Value) Object(fields ...string) Object            { panic("skeleton") } // unknown fields are faults with did-you-mean; no fields given: any
func (v Value) Items() []Value                            { panic("skeleton") } // of an array
func (v Value) Text() string                              { panic("skeleton") } // of a string
func (v Value) Texts() []string                           { panic("skeleton") } // of an array of strings, each not empty
func (v Value) Bool() bool                                { panic("skeleton") }
func (v Value) Int(min, max int64) int64                  { panic("skeleton") } // a whole number within bounds
func (v Value) OneOf(what string, known ...string) string { panic("skeleton") }

// Object is a JSON object.
type Object struct{ _ int }

func (o Object) Get(field string) Value  { panic("skeleton") } // absent if it is not there
func (o Object) Need(field string) Value { panic("skeleton") } // a fault if it is not there
func (o Object) Keys() []Value           { panic("skeleton") } // the keys, as string values with their places
func (o Object) Fields() []string        { panic("skeleton") } // the keys' texts in order

// Nearest is the known name that got was probably meant to be, or "".
func Nearest(got string, known []string) string { panic("skeleton") }
