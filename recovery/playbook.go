package recovery

import (
	"crypto/sha256"
	_ "embed" // the standard playbooks
	"maps"
	"slices"
	"strings"

	"github.com/amends-go/amends/policy"
)

// Occasion is a step at which a playbook has phrases to say.
type Occasion string

// The occasions.
const (
	OnAcknowledge Occasion = "acknowledge" // step 2: heard, understood, an apology, respect
	OnClarify     Occasion = "clarify"     // step 3: restate and confirm
	OnCheckBack   Occasion = "check_back"  // step 5: satisfied? heard, well cared for, valued?
)

// Playbook prepares for one kind of difficult situation: step 1's common
// problems and their solutions. It advises people; the policy decides.
type Playbook struct {
	Name       string        `json:"name"`                 // the situation, as in "anger"
	Categories []string      `json:"categories,omitempty"` // of complaints that it serves; none: it is chosen by situation alone
	Goal       string        `json:"goal"`                 // of the interaction
	Remedies   []policy.Kind `json:"remedies,omitempty"`   // in order of preference
	// Questions to ask while clarifying, by language (BCP 47, as in "tr").
	Questions map[string][]string `json:"questions,omitempty"`
	// Phrases to say, by language and occasion.
	Phrases map[string]map[Occasion][]string `json:"phrases,omitempty"`
}

// Ask returns the questions in the language, or in the nearest one that the
// playbook has: "tr-TR" falls back to "tr", and that to "en". It returns nil if
// there are none in any of these.
func (b Playbook) Ask(lang string) []string {
	return inLanguage(b.Questions, lang, func(questions []string) []string { return questions })
}

// Say returns the phrases for the occasion in the language, or in the nearest
// one that has some, as Ask does.
func (b Playbook) Say(lang string, o Occasion) []string {
	return inLanguage(b.Phrases, lang, func(phrases map[Occasion][]string) []string { return phrases[o] })
}

// inLanguage looks texts up by the tag, then by ever shorter ones, then by "en".
// Tags are compared without regard to case.
func inLanguage[T any](texts map[string]T, lang string, of func(T) []string) []string {
	var tags []string
	parts := strings.Split(strings.ReplaceAll(lang, "_", "-"), "-")
	for n := len(parts); n > 0; n-- {
		tags = append(tags, strings.Join(parts[:n], "-"))
	}
	for _, tag := range append(tags, "en") {
		for known, t := range texts {
			if found := of(t); strings.EqualFold(known, tag) && len(found) > 0 {
				return slices.Clone(found)
			}
		}
	}
	return nil
}

func (b Playbook) clone() Playbook {
	b.Categories, b.Remedies = slices.Clone(b.Categories), slices.Clone(b.Remedies)
	b.Questions, b.Phrases = maps.Clone(b.Questions), maps.Clone(b.Phrases)
	for lang, texts := range b.Questions {
		b.Questions[lang] = slices.Clone(texts)
	}
	for lang, occasions := range b.Phrases {
		occasions = maps.Clone(occasions)
		for o, texts := range occasions {
			occasions[o] = slices.Clone(texts)
		}
		b.Phrases[lang] = occasions
	}
	return b
}

// Playbooks are a named version of playbooks, immutable and safe for concurrent
// use. The zero value and nil have none.
type Playbooks struct {
	name, version string
	books         []Playbook
	uses          []remedyUse
	document      []byte
	digest        [sha256.Size]byte
}

// remedyUse is a remedy that a playbook names, and where in the document.
type remedyUse struct {
	kind         policy.Kind
	line, column int
}

//go:embed playbooks.json
var standardPlaybooks string

// StandardPlaybooks returns those that come with the library, one for each
// difficult situation: quality_or_delivery, return_or_cancellation,
// wrong_information, bad_past_experience, confrontation, anger, explaining_policy
// and manager_demand, with questions and phrases in English, Turkish and Japanese.
func StandardPlaybooks() (*Playbooks, error) { return LoadPlaybooks([]byte(standardPlaybooks)) }

// Name is the document's name.
func (p *Playbooks) Name() string { return p.orNone().name }

// Version is the document's version.
func (p *Playbooks) Version() string { return p.orNone().version }

// Digest is the SHA-256 of Document.
func (p *Playbooks) Digest() [sha256.Size]byte { return p.orNone().digest }

// Document is the document in the one way that equal playbooks are written, so
// that they have equal digests. LoadPlaybooks reads it.
func (p *Playbooks) Document() []byte { return slices.Clone(p.orNone().document) }

// All returns every playbook, in the document's order.
func (p *Playbooks) All() []Playbook {
	all := slices.Clone(p.orNone().books)
	for i, b := range all {
		all[i] = b.clone()
	}
	return all
}

// For returns the playbook of the situation or, if none has that name, the one that
// serves the category. It reports whether there is one.
func (p *Playbooks) For(situation, category string) (Playbook, bool) {
	b := p.find(situation, category)
	if b == nil {
		return Playbook{}, false
	}
	return b.clone(), true
}

// find is For without a copy: what it returns is not to be changed.
func (p *Playbooks) find(situation, category string) *Playbook {
	books := p.orNone().books
	i := slices.IndexFunc(books, func(b Playbook) bool { return b.Name == situation })
	if i < 0 && category != "" {
		i = slices.IndexFunc(books, func(b Playbook) bool { return slices.Contains(b.Categories, category) })
	}
	if i < 0 {
		return nil
	}
	return &books[i]
}

// inUse is the playbook that a case names or, if it names none that is known, the
// one that fits it; nil if none does.
func (p *Playbooks) inUse(c *Case) *Playbook {
	if c.Playbook != "" {
		if b := p.find(c.Playbook, ""); b != nil {
			return b
		}
	}
	return p.find(c.Situation, string(c.Category))
}

func (p *Playbooks) orNone() *Playbooks {
	if p == nil {
		return &Playbooks{}
	}
	return p
}
