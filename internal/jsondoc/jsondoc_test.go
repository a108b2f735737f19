package jsondoc_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/internal/jsondoc"
)

func list(faults []jsondoc.Fault) []string {
	var out []string
	for _, f := range faults {
		s := fmt.Sprintf("%d:%d: %s: %s", f.Line, f.Column, f.Path, f.Msg)
		if f.DidYouMean != "" {
			s += " → " + f.DidYouMean
		}
		out = append(out, s)
	}
	return out
}

func TestTextThatIsNotJSON(t *testing.T) {
	for _, c := range []struct {
		doc  string
		want []string
		root bool // what follows the fault could be read
	}{
		{``, []string{`1:1: : the document is empty`}, false},
		{" \n ", []string{`2:2: : the document is empty`}, false},
		{"\uFEFF{}", []string{`1:1: : a byte order mark; save the document as UTF-8 without one`}, true},
		{`{} {}`, []string{`1:4: : more text after the end of the document, starting with "{"`}, true},
		{`{"a":1,"b":2,"a":3}`, []string{`1:14: a: the field "a" is there twice, first on line 1`}, true},
		{"{\"x\":[1,{\"a\":1,\n\"a\":3}]}", []string{`2:1: x[1].a: the field "a" is there twice, first on line 1`}, true},
		{"[\"ş\xff\"]", []string{`1:4: : bytes that are not UTF-8`}, true},
		{"[\"\\t\xc3\"]", []string{`1:5: : bytes that are not UTF-8`}, true},
		{"[\"\uFFFD\"]", nil, true},
		{`["\ud83d"]`, []string{`1:3: : half of a surrogate pair`}, true},
		{`["\ud83d\u0041\udc00"]`, []string{`1:3: : half of a surrogate pair`, `1:15: : half of a surrogate pair`}, true},
		{"[\"a\tb\"]", []string{`1:4: : the control character U+0009 in a string; it is written \u0009`}, true},
		{"[\"a\x00\"]", []string{`1:4: : the control character U+0000 in a string; it is written \u0000`}, true},
		{`["\d"]`, []string{`1:3: : a backslash that starts no escape; a backslash itself is written \\`}, true},
		{`["\u12"]`, []string{`1:3: : \u takes four hexadecimal digits`}, true},
		{"[\"open\n\"]", []string{`1:2: : a string is not closed on its line; a line break in it is written \n`}, false},
		{`["open`, []string{`1:2: : a string is not closed on its line; a line break in it is written \n`}, false},
		{`["open\`, []string{`1:2: : a string is not closed on its line; a line break in it is written \n`}, false},
		{"[1,\n 2,\n]", []string{`2:3: : a comma after the last one; JSON has none there`}, true},
		{`{"a":1,}`, []string{`1:7: : a comma after the last one; JSON has none there`}, true},
		{`[01, -007]`, []string{`1:2: : a number does not start with 0`, `1:7: : a number does not start with 0`}, true},
		{`[,]`, []string{`1:2: : a value is expected here, not ","`}, false},
		{`[1 2]`, []string{`1:4: : a comma or ']' is expected here, not "2"`}, false},
		{`[1`, []string{`1:3: : a comma or ']' is expected here, not the end of the document`}, false},
		{`[1}`, []string{`1:3: : a comma or ']' is expected here, not "}"`}, false},
		{`{"a":1]`, []string{`1:7: : a comma or '}' is expected here, not "]"`}, false},
		{`{"a" 1}`, []string{`1:6: : a colon is expected after the field name, not "1"`}, false},
		{`{a:1}`, []string{`1:2: : a field name in double quotes is expected here, not "a"`}, false},
		{`{`, []string{`1:2: : a field name in double quotes is expected here, not the end of the document`}, false},
		{`{"a":`, []string{`1:6: : the document ends where a value is expected`}, false},
		{`{"a":True}`, []string{`1:6: : a value is expected here, not "True" (did you mean true?)`}, false},
		{`['a']`, []string{`1:2: : a value is expected here, not "'"; strings stand in double quotes`}, false},
		{`[-]`, []string{`1:3: : a digit is expected here, not "]"`}, false},
		{`[1.]`, []string{`1:4: : a digit is expected here, not "]"`}, false},
		{`[1e+]`, []string{`1:5: : a digit is expected here, not "]"`}, false},
		{"[1, // one\n2]", []string{`1:5: : JSON has no comments`}, false},
	} {
		d := jsondoc.Parse([]byte(c.doc), jsondoc.Limits{})
		assert.Equal(t, c.want, list(d.Faults()), "%q", c.doc)
		assert.Equal(t, c.root, d.Root().Exists(), "%q", c.doc)
	}
}

func TestLimits(t *testing.T) {
	l := jsondoc.Limits{Bytes: 30, Depth: 3, Values: 5}
	for doc, want := range map[string]string{
		`[[[]]]`:                "",
		`[[[[]]]]`:              "1:4: : nested more than 3 deep",
		`[1,2,3,4]`:             "",
		`[1,2,3,4,5]`:           "1:10: : more than 5 values",
		strings.Repeat(" ", 31): "1:1: : the document has 31 bytes; at most 30 are read",
	} {
		assert.Equal(t, want, strings.Join(list(jsondoc.Parse([]byte(doc), l).Faults()), "|"), doc)
	}
	deep := bytes.Repeat([]byte("["), 10<<20)
	assert.Equal(t, []string{"1:65: : nested more than 64 deep"}, list(jsondoc.Parse(deep, jsondoc.Limits{}).Faults()))
}

func TestReadersReportWhatDoesNotFit(t *testing.T) {
	d := jsondoc.Parse([]byte(`{
  "nmae": "x",
  "role": "supervizor", "color": "red",
  "rows": [{"upTo": "5"}, {"upTo": 1.5}, {"upTo": 99}, {"upTo": 7}, {"upTo": 9223372036854775808}],
  "tags": ["a", "", 3], "on": "yes", "odd key": [null],
  "deep": {"a": 1}
}`), jsondoc.Limits{})
	o := d.Root().Object("name", "role", "color", "rows", "tags", "on", "odd key", "deep")
	assert.Empty(t, o.Need("name").Text())
	assert.Empty(t, o.Get("role").OneOf("role", "agent", "supervisor"))
	assert.Empty(t, o.Get("color").OneOf("color", "blue", "green"))
	var sum int64
	for _, row := range o.Get("rows").Items() {
		sum += row.Object("upTo").Need("upTo").Int(0, 10)
	}
	assert.EqualValues(t, 7, sum)
	assert.Equal(t, []string{"a"}, o.Get("tags").Texts())
	assert.False(t, o.Get("on").Bool())
	o.Get("on").Faultf("must be true")                    // refused above: would only repeat that
	o.Get("odd key").Items()[0].Object()                  // null
	o.Get("deep").Object().Get("b").Faultf("b or c: one") // a field that is not there
	o.Get("deep").Text()
	assert.Empty(t, o.Get("gone").Text())
	assert.Nil(t, o.Get("gone").Object().Fields())

	assert.Equal(t, []string{
		`1:1: name: the field "name" is missing`,
		`2:3: nmae: unknown field "nmae" → name`,
		`3:11: role: unknown role "supervizor" → supervisor`,
		`3:34: color: unknown color "red" (known: blue, green)`,
		`4:21: rows[0].upTo: want a number, got a string`,
		`4:36: rows[1].upTo: want a whole number, got 1.5`,
		`4:51: rows[2].upTo: want a whole number from 0 to 10, got 99`,
		`4:78: rows[4].upTo: want a whole number from 0 to 10, got 9223372036854775808`,
		`5:17: tags[1]: an empty text`,
		`5:21: tags[2]: want a string, got a number`,
		`5:31: on: want true or false, got a string`,
		`5:50: ["odd key"][0]: want an object, got null; leave it out if there is none`,
		`6:11: deep.b: b or c: one`,
		`6:11: deep: want a string, got an object`,
	}, list(d.Faults()))
}

func TestValuesAndPlaces(t *testing.T) {
	d := jsondoc.Parse([]byte("{\"ad\": \"İş\", \"😀\": [\r\n  true, {\"日本\": \"\\ud83d\\ude00\\n\\u00e7\"}]}"), jsondoc.Limits{})
	require.Empty(t, d.Faults())
	o := d.Root().Object()
	assert.Equal(t, []string{"ad", "😀"}, o.Fields())
	assert.Equal(t, "İş", o.Get("ad").Text())
	items := o.Get("😀").Items()
	assert.True(t, items[0].Bool())
	key := items[1].Object("日本").Keys()[0]
	assert.Equal(t, "日本 2:10 😀[1].日本", fmt.Sprint(key.Text(), " ", key.Line(), ":", key.Column(), " ", key.Path()))
	value := items[1].Object().Get("日本")
	assert.Equal(t, "😀\nç 2:16", fmt.Sprint(value.Text(), " ", value.Line(), ":", value.Column()))
	assert.True(t, value.IsText() && items[1].IsObject() && o.Get("😀").IsArray() && !value.IsNumber())
}

func TestTheZeroValueIsSilent(t *testing.T) {
	var v jsondoc.Value
	v.Faultf("x")
	v.Unknown("role", "x", nil)
	assert.Zero(t, fmt.Sprint(v.Text(), v.Path(), v.OneOf("x", "y"))+strconv.FormatInt(v.Int(1, 2), 10)[1:])
	assert.False(t, v.Exists() || v.Bool() || v.Object("a").Need("a").Exists() || v.Object().Get("a").Exists())
	assert.Zero(t, v.Line()+v.Column()+len(v.Items())+len(v.Texts())+len(v.Object().Keys()))
}

func TestAHundredFaultsAreNamedAndTheRestCounted(t *testing.T) {
	d := jsondoc.Parse([]byte("["+strings.Repeat("\n1,", 249)+"\n1]"), jsondoc.Limits{})
	items := d.Root().Items()
	for i := range items {
		items[len(items)-1-i].Text() // whatever the order of reading
	}
	got := d.Faults()
	require.Len(t, got, 101)
	assert.Equal(t, "2:1: [0]: want a string, got a number", list(got)[0])
	assert.Equal(t, "102:1: : and 150 more faults from here on", list(got)[100])
	assert.Equal(t, got, d.Faults())
}

func TestATextFullOfFaultsIsGivenUp(t *testing.T) {
	d := jsondoc.Parse([]byte(`["`+strings.Repeat(`\q`, 5<<20-10)+`"]`), jsondoc.Limits{})
	got := d.Faults()
	assert.False(t, d.Root().Exists())
	assert.Equal(t, "1:203: : and 900 more faults from here on", list(got)[100])
}

func TestTheSameFaultCountsOnce(t *testing.T) {
	d := jsondoc.Parse([]byte(`{"b":1}`), jsondoc.Limits{})
	d.Root().Object("a")
	d.Root().Object("a")
	assert.Len(t, d.Faults(), 1)
}

func TestManyMembers(t *testing.T) {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, `,"f%d":%d`, i, i)
	}
	d := jsondoc.Parse([]byte("{"+b.String()[1:]+`,"f7":0}`), jsondoc.Limits{})
	assert.Equal(t, []string{`1:10782: f7: the field "f7" is there twice, first on line 1`}, list(d.Faults()))
	o := d.Root().Object()
	require.Len(t, o.Fields(), 1000)
	for i := range 1000 {
		assert.EqualValues(t, i, o.Get(fmt.Sprintf("f%d", i)).Int(0, 1000))
	}
	assert.False(t, o.Get("f1000").Exists())
}

func TestNearest(t *testing.T) {
	known := []string{"refund", "partial_refund", "replacement", "upgrade", "repair", "e_mail", "a", "ürün"}
	for got, want := range map[string]string{
		"refnud": "refund", "Refund": "refund", "refunds": "refund", "partial-refund": "partial_refund", "replacment": "replacement",
		"email": "e_mail", "repar": "repair", "urun": "", "ürnü": "ürün", "gift": "", "": "", "b": "", "A": "a", "x": "",
		strings.Repeat("refund", 20): "",
	} {
		assert.Equal(t, want, jsondoc.Nearest(got, known), got)
	}
	assert.Empty(t, jsondoc.Nearest("refund", nil))
}

// same tells whether the tree holds what encoding/json read.
func same(v jsondoc.Value, want any) bool {
	switch w := want.(type) {
	case map[string]any:
		o := v.Object()
		for k, item := range w {
			if !same(o.Get(k), item) {
				return false
			}
		}
		return v.IsObject() && len(o.Fields()) == len(w)
	case []any:
		items := v.Items()
		for i, item := range w {
			if i >= len(items) || !same(items[i], item) {
				return false
			}
		}
		return v.IsArray() && len(items) == len(w)
	case string:
		return v.IsText() && v.Text() == w
	case json.Number:
		return v.IsNumber() && v.Literal() == w.String()
	case bool:
		return v.Bool() == w && v.Literal() == strconv.FormatBool(w)
	}
	return v.IsNull()
}

func FuzzAgainstEncodingJSON(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,-2.5e+3,true,null,"x\ud83d\ude00\u00e7\n"],"b":{"c":{}}}`, `[01]`, `{"a":1,"a":2}`, "\uFEFF[]", "[\"\xff\"]",
		`["\ud83d"]`, `[1,]`, `{"a"`, "\"a\tb\"", `-0`, `1e`, strings.Repeat("[", 70) + strings.Repeat("]", 70), `"\q"`, `[] x`, "/", `""""`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		kept := bytes.Clone(b)
		d := jsondoc.Parse(b, jsondoc.Limits{})
		require.Equal(t, kept, b)
		lines := strings.Split(string(b), "\n")
		for _, fault := range d.Faults() {
			require.LessOrEqual(t, fault.Line, len(lines))
			require.LessOrEqual(t, fault.Column, len([]rune(lines[fault.Line-1]))+1)
			require.Positive(t, fault.Line)
			require.Positive(t, fault.Column)
		}
		if len(d.Faults()) > 0 {
			return
		}
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.UseNumber()
		var want any
		require.NoError(t, dec.Decode(&want), "%q", b)
		require.False(t, dec.More())
		require.True(t, same(d.Root(), want), "%q", b)
		require.Empty(t, d.Faults())
	})
}

// What encoding/json accepts and jsondoc does not is only what its contract names.
func FuzzAcceptsWhatIsPlain(f *testing.F) {
	f.Add("name", "text", int64(5), true)
	f.Add("日本", "\x00\u2028<>&\"\\", int64(-1), false)
	f.Fuzz(func(t *testing.T, key, text string, n int64, yes bool) {
		in := map[string]any{key: []any{text, n, yes, nil, map[string]any{}}}
		b, err := json.MarshalIndent(in, "", "\t")
		require.NoError(t, err)
		d := jsondoc.Parse(b, jsondoc.Limits{})
		require.Empty(t, d.Faults())
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.UseNumber()
		var want any
		require.NoError(t, dec.Decode(&want))
		require.True(t, same(d.Root(), want))
	})
}

func BenchmarkParse10MB(b *testing.B) {
	row := []byte(`{"name":"Müşteri temsilcisi","upTo":"50.00","categories":["quality","delivery"],"text":"` + strings.Repeat("söz ", 100) + `"},`)
	doc := append([]byte("["), bytes.Repeat(row, (10<<20-1000)/len(row))...)
	doc[len(doc)-1] = ']'
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		if d := jsondoc.Parse(doc, jsondoc.Limits{}); len(d.Faults()) > 0 {
			b.Fatal(d.Faults())
		}
	}
}
