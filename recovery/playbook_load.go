package recovery

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"strings"
	"unicode"

	"github.com/amends-go/amends/internal/jsondoc"
	"github.com/amends-go/amends/policy"
)

// LoadPlaybooks reads a document of the form
//
//	{"name": "…", "version": "…", "playbooks": [
//	  {"name": "anger", "categories": ["…"], "goal": "…", "remedies": ["apology", "refund"],
//	   "questions": {"en": ["…"]},
//	   "phrases": {"en": {"acknowledge": ["…"], "clarify": ["…"], "check_back": ["…"]}}}]}
//
// of which name, version, playbooks and each one's name and goal are needed. No
// two playbooks have a name or a category in common. The error is a
// [*DocumentError] with all that is wrong. A remedy may be one of the host's own,
// so that its name is checked by [New], against the policy.
func LoadPlaybooks(doc []byte) (*Playbooks, error) {
	d := jsondoc.Parse(doc, jsondoc.Limits{})
	r := playbookReader{names: map[string]int{}, categories: map[string]int{}}
	p := r.playbooks(d.Root())
	if err := documentError(d.Faults()); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(playbooksDocument{p.name, p.version, p.books}); err != nil {
		return nil, err
	}
	p.document = bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	p.digest = sha256.Sum256(p.document)
	return p, nil
}

type playbooksDocument struct {
	Name      string     `json:"name"`
	Version   string     `json:"version"`
	Playbooks []Playbook `json:"playbooks"`
}

// playbookReader reads the document. It knows on which line a name or category
// was first used.
type playbookReader struct {
	names, categories map[string]int
	uses              []remedyUse
}

func (r *playbookReader) playbooks(v jsondoc.Value) *Playbooks {
	o := v.Object("name", "version", "playbooks")
	p := &Playbooks{name: readName(o.Need("name")), version: readText(o.Need("version"))}
	books := o.Need("playbooks")
	items := books.Items()
	if books.IsArray() && len(items) == 0 {
		books.Faultf("at least one playbook is needed")
	}
	for _, item := range items {
		p.books = append(p.books, r.playbook(item))
	}
	p.uses = r.uses
	return p
}

func (r *playbookReader) playbook(v jsondoc.Value) Playbook {
	o := v.Object("name", "categories", "goal", "remedies", "questions", "phrases")
	b := Playbook{Name: readName(o.Need("name")), Goal: readText(o.Need("goal"))}
	once(r.names, o.Get("name"), "a playbook", b.Name)
	for _, item := range o.Get("categories").Items() {
		name := readName(item)
		once(r.categories, item, "a playbook for the category", name)
		b.Categories = append(b.Categories, name)
	}
	kinds := map[string]int{}
	for _, item := range o.Get("remedies").Items() {
		name := readName(item)
		once(kinds, item, "the remedy", name)
		b.Remedies = append(b.Remedies, policy.Kind(name))
		r.uses = append(r.uses, remedyUse{policy.Kind(name), item.Line(), item.Column()})
	}
	b.Questions = byLanguage(o.Get("questions"), readTexts)
	b.Phrases = byLanguage(o.Get("phrases"), readOccasions)
	return b
}

func readOccasions(v jsondoc.Value) map[Occasion][]string {
	o := v.Object(string(OnAcknowledge), string(OnClarify), string(OnCheckBack))
	phrases := map[Occasion][]string{}
	for _, field := range o.Fields() {
		phrases[Occasion(field)] = readTexts(o.Get(field))
	}
	return phrases
}

// byLanguage reads an object whose keys are language tags.
func byLanguage[T any](v jsondoc.Value, read func(jsondoc.Value) T) map[string]T {
	o := v.Object()
	if len(o.Fields()) == 0 {
		return nil
	}
	texts, seen := make(map[string]T), map[string]int{}
	for _, key := range o.Keys() {
		tag := key.Text()
		if !isLanguage(tag) {
			key.Faultf("%q is not a language tag; one is \"en\" or \"pt-BR\"", tag)
		}
		once(seen, key, "the language", strings.ToLower(tag))
		texts[tag] = read(o.Get(tag))
	}
	return texts
}

// isLanguage tells whether the text has the form of a BCP 47 tag: a language of
// two to eight letters and parts of up to eight letters and digits.
func isLanguage(tag string) bool {
	for i, part := range strings.Split(tag, "-") {
		if len(part) == 0 || len(part) > 8 || i == 0 && len(part) < 2 {
			return false
		}
		for _, c := range part {
			letter := 'a' <= c|0x20 && c|0x20 <= 'z'
			if !letter && (i == 0 || c < '0' || c > '9') {
				return false
			}
		}
	}
	return true
}

// once reports a name that was used before.
func once(seen map[string]int, v jsondoc.Value, what, name string) {
	if name == "" {
		return
	}
	if line, ok := seen[name]; ok {
		v.Faultf("%s %q is there already, on line %d", what, name, line)
		return
	}
	seen[name] = v.Line()
}

func readName(v jsondoc.Value) string {
	name := v.Text()
	if v.IsText() && (name == "" || strings.ContainsFunc(name, oddInName)) {
		v.Faultf("a name has letters, digits, '_', '-' and '.', and at least one of them")
		return ""
	}
	return name
}

func oddInName(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-.", r)
}

func readText(v jsondoc.Value) string {
	text := v.Text()
	if v.IsText() && strings.TrimSpace(text) == "" {
		v.Faultf("the text is empty")
	}
	return text
}

func readTexts(v jsondoc.Value) []string {
	var texts []string
	seen := map[string]int{}
	for _, item := range v.Items() {
		text := readText(item)
		once(seen, item, "the text", text)
		texts = append(texts, text)
	}
	if v.IsArray() && len(texts) == 0 {
		v.Faultf("the list is empty; leave it out if there is none")
	}
	return texts
}
