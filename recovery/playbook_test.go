package recovery_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
)

func standard(t *testing.T) *recovery.Playbooks {
	t.Helper()
	p, err := recovery.StandardPlaybooks()
	require.NoError(t, err)
	return p
}

func TestEightPlaybooksShip(t *testing.T) {
	p := standard(t)
	got := map[string][]string{}
	for _, b := range p.All() {
		got[b.Name] = b.Categories
	}
	assert.Equal(t, map[string][]string{
		"quality_or_delivery":    {"quality", "delivery"},
		"return_or_cancellation": {"return", "cancellation"},
		"wrong_information":      {"information"},
		"bad_past_experience":    {"past_experience"},
		"confrontation":          {"conduct"},
		"anger":                  nil,
		"explaining_policy":      {"policy"},
		"manager_demand":         nil,
	}, got)
	assert.Equal(t, "standard 1", p.Name()+" "+p.Version())
}

func TestEveryStandardPlaybookIsCompleteInThreeLanguages(t *testing.T) {
	builtIn := []policy.Kind{
		policy.Apology, policy.Explanation, policy.Correction, policy.Repair, policy.Replacement, policy.Upgrade, policy.Reperformance,
		policy.Refund, policy.PartialRefund, policy.Credit, policy.Voucher, policy.Discount, policy.FeeWaiver, policy.Compensation, policy.Gift,
		policy.Expedite, policy.Callback, policy.ContractRelease, policy.HonorPromise,
	}
	for _, b := range standard(t).All() {
		assert.NotEmpty(t, b.Goal, b.Name)
		assert.GreaterOrEqual(t, len(b.Remedies), 5, b.Name)
		for _, k := range b.Remedies {
			assert.Contains(t, builtIn, k, b.Name)
		}
		assert.Len(t, b.Questions, 3, b.Name)
		assert.Len(t, b.Phrases, 3, b.Name)
		for _, lang := range []string{"en", "tr", "ja"} {
			n := len(b.Questions[lang])
			assert.True(t, 3 <= n && n <= 5, "%s asks %d questions in %s", b.Name, n, lang)
			for _, o := range []recovery.Occasion{recovery.OnAcknowledge, recovery.OnClarify, recovery.OnCheckBack} {
				assert.GreaterOrEqual(t, len(b.Phrases[lang][o]), 3, "%s %s %s", b.Name, lang, o)
				assert.Equal(t, len(b.Phrases["en"][o]), len(b.Phrases[lang][o]), "%s %s %s", b.Name, lang, o)
			}
		}
	}
}

// sentences are all that a playbook has in the language.
func sentences(b recovery.Playbook, lang string) []string {
	all := slices.Clone(b.Questions[lang])
	for _, phrases := range b.Phrases[lang] {
		all = append(all, phrases...)
	}
	return all
}

func TestStandardPhrasesAreWellFormed(t *testing.T) {
	ends := map[string]string{"en": ".?", "tr": ".?", "ja": "。"}
	// No promise that might not be kept, no blame, no hiding behind a rule.
	never := map[string][]string{
		"en": {"unfortunately", "our policy", "never happen", "i promise", "guarantee", "calm down", "you should have", "you must", "but ", "i will "},
		"tr": {"maalesef", "politikamız", "söz veriyorum", "garanti", "sakin ol", "malısınız", "melisiniz"},
		"ja": {"必ず解決", "お約束", "保証", "絶対", "残念ながら", "落ち着いて"},
	}
	for _, b := range standard(t).All() {
		seen := map[string]bool{}
		for lang, end := range ends {
			for _, s := range sentences(b, lang) {
				assert.False(t, seen[s], s)
				seen[s] = true
				assert.True(t, strings.ContainsRune(end, []rune(s)[len([]rune(s))-1]), s)
				assert.Equal(t, strings.TrimSpace(s), s)
				for _, bad := range never[lang] {
					assert.NotContains(t, strings.ToLower(s), bad)
				}
				for _, r := range s {
					japanese := unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han)
					assert.False(t, japanese && lang != "ja" || unicode.IsLetter(r) && !japanese && r != 'ー' && lang == "ja", "%s in %s: %s", string(r), lang, s)
				}
			}
		}
	}
}

func TestForPrefersTheSituation(t *testing.T) {
	p := standard(t)
	for _, c := range []struct{ situation, category, want string }{
		{"anger", "quality", "anger"},
		{"", "delivery", "quality_or_delivery"},
		{"unheard_of", "policy", "explaining_policy"},
		{"manager_demand", "", "manager_demand"},
		{"", "", ""},
		{"", "anger", ""},
		{"quality", "", ""},
	} {
		b, ok := p.For(c.situation, c.category)
		assert.Equal(t, c.want, b.Name, "%v", c)
		assert.Equal(t, c.want != "", ok, "%v", c)
	}
}

func TestLanguagesFallBack(t *testing.T) {
	p, err := recovery.LoadPlaybooks([]byte(`{"name":"n","version":"1","playbooks":[
		{"name":"b","goal":"g","questions":{"en":["en?"],"TR":["tr?"],"zh-Hant":["zh?"]},
		 "phrases":{"en":{"clarify":["en"],"acknowledge":["en!"]},"tr":{"clarify":["tr"]}}},
		{"name":"only","goal":"g","questions":{"ja":["ja?"]}}]}`))
	require.NoError(t, err)
	b, _ := p.For("b", "")
	for lang, want := range map[string]string{
		"tr": "tr?", "tr-TR": "tr?", "tr_TR": "tr?", "Tr-Latn-TR": "tr?", "zh-hant-TW": "zh?", "zh": "en?", "zh-Hans": "en?",
		"de": "en?", "": "en?", "en-GB": "en?", "-": "en?", "t": "en?", "trx": "en?",
	} {
		assert.Equal(t, []string{want}, b.Ask(lang), lang)
	}
	assert.Equal(t, []string{"tr"}, b.Say("tr-TR", recovery.OnClarify))
	assert.Equal(t, []string{"en!"}, b.Say("tr-TR", recovery.OnAcknowledge))
	assert.Nil(t, b.Say("tr", recovery.OnCheckBack))
	only, _ := p.For("only", "")
	assert.Nil(t, only.Ask("de"))
	assert.Equal(t, []string{"ja?"}, only.Ask("ja-JP"))
	assert.Nil(t, recovery.Playbook{}.Ask("en"))
}

func TestPlaybooksShareNothing(t *testing.T) {
	p := standard(t)
	spoil := func(b recovery.Playbook) {
		if len(b.Categories) > 0 {
			b.Categories[0] = "x"
		}
		b.Remedies[0] = "x"
		b.Ask("en")[0], b.Say("en", recovery.OnClarify)[0] = "x", "x"
		b.Questions["en"][0], b.Phrases["en"][recovery.OnClarify][0] = "x", "x"
		delete(b.Questions, "tr")
		delete(b.Phrases["ja"], recovery.OnClarify)
	}
	for _, b := range p.All() {
		spoil(b)
		again, _ := p.For(b.Name, "")
		spoil(again)
	}
	p.Document()[0] = 'x'
	assert.Equal(t, standard(t), p)
}

func TestNoPlaybooks(t *testing.T) {
	for _, p := range []*recovery.Playbooks{nil, {}} {
		_, ok := p.For("anger", "quality")
		assert.False(t, ok)
		assert.Empty(t, p.All())
		assert.Empty(t, p.Document())
		assert.Zero(t, p.Digest())
		assert.Empty(t, p.Name()+p.Version())
	}
}

func TestTheDocumentIsCanonical(t *testing.T) {
	p := standard(t)
	file, err := os.ReadFile("playbooks.json")
	require.NoError(t, err)
	var compact bytes.Buffer
	require.NoError(t, json.Compact(&compact, file))
	assert.Equal(t, compact.String(), string(p.Document()), "the file has its fields in the canonical order")
	assert.Equal(t, sha256.Sum256(p.Document()), p.Digest())

	again, err := recovery.LoadPlaybooks(p.Document())
	require.NoError(t, err)
	assert.Equal(t, p.All(), again.All())
	assert.Equal(t, p.Document(), again.Document())
	assert.Equal(t, p.Digest(), again.Digest())

	shuffled, err := recovery.LoadPlaybooks([]byte(`{"playbooks":[{"goal":"g","categories":[],"name":"a","phrases":{"tr":{"clarify":["\u00e7"]},"en":{}}}],
		"version":"2","name":"n"}`))
	require.NoError(t, err)
	assert.Equal(t, `{"name":"n","version":"2","playbooks":[{"name":"a","goal":"g","phrases":{"en":{},"tr":{"clarify":["ç"]}}}]}`, string(shuffled.Document()))
}

func TestAllFaultsOfPlaybooksAtOnce(t *testing.T) {
	_, err := recovery.LoadPlaybooks([]byte(`{"name": "my books", "playbooks": [
  {"name": "anger", "gaol": "g", "categories": ["quality", "", "no se"], "remedies": ["refund", 7, "refund"]},
  {"name": "anger", "goal": " ", "categories": ["quality"], "questions": {"english": [], "e": ["?", "?"], "tr": {}}},
  {"name": "x", "goal": "g", "phrases": {"en": {"checkback": ["a"], "clarify": "b"}, "EN": {}}},
  null
]}`))
	var doc *recovery.DocumentError
	require.ErrorAs(t, err, &doc)
	assert.Equal(t, `recovery: 19 faults:
1:1: version: the field "version" is missing
1:10: name: a name has letters, digits, '_', '-' and '.', and at least one of them
2:3: playbooks[0].goal: the field "goal" is missing
2:21: playbooks[0].gaol: unknown field "gaol" (did you mean "goal"?)
2:60: playbooks[0].categories[1]: a name has letters, digits, '_', '-' and '.', and at least one of them
2:64: playbooks[0].categories[2]: a name has letters, digits, '_', '-' and '.', and at least one of them
2:97: playbooks[0].remedies[1]: want a string, got a number
2:100: playbooks[0].remedies[2]: the remedy "refund" is there already, on line 2
3:12: playbooks[1].name: a playbook "anger" is there already, on line 2
3:29: playbooks[1].goal: the text is empty
3:49: playbooks[1].categories[0]: a playbook for the category "quality" is there already, on line 2
3:86: playbooks[1].questions.english: the list is empty; leave it out if there is none
3:90: playbooks[1].questions.e: "e" is not a language tag; one is "en" or "pt-BR"
3:101: playbooks[1].questions.e[1]: the text "?" is there already, on line 3
3:113: playbooks[1].questions.tr: want an array, got an object
4:49: playbooks[2].phrases.en.checkback: unknown field "checkback" (did you mean "check_back"?)
4:80: playbooks[2].phrases.en.clarify: want an array, got a string
4:86: playbooks[2].phrases.EN: the language "en" is there already, on line 4
5:3: playbooks[3]: want an object, got null; leave it out if there is none`, err.Error())
}

func TestPlaybooksThatAreNone(t *testing.T) {
	for doc, want := range map[string]string{
		``:   "recovery: 1:1: the document is empty",
		`[]`: "recovery: 1:1: want an object, got an array",
		`{"name":"n","version":"1","playbooks":[]}`: "recovery: 1:39: playbooks: at least one playbook is needed",
	} {
		p, err := recovery.LoadPlaybooks([]byte(doc))
		assert.Nil(t, p)
		assert.EqualError(t, err, want)
	}
}

func FuzzLoadPlaybooks(f *testing.F) {
	for _, s := range []string{
		``, `{}`, `{"name":"n","version":"1","playbooks":[{"name":"a","goal":"g"}]}`,
		`{"name":"n","version":"1","playbooks":[{"name":"a","goal":"g","categories":["c"],"remedies":["refund"],"questions":{"tr-TR":["?"]},"phrases":{"en":{"clarify":["<&>\u2028"]}}}]}`,
		`{"name":"n","version":"1","playbooks":[{"name":"a","goal":"g"},{"name":"a","goal":"g"}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		p, err := recovery.LoadPlaybooks(doc)
		if err != nil {
			var faults *recovery.DocumentError
			if p != nil || !errors.As(err, &faults) || len(faults.Faults) == 0 {
				t.Fatalf("got %v, %v; want no playbooks and a *DocumentError", p, err)
			}
			return
		}
		again, err := recovery.LoadPlaybooks(p.Document())
		require.NoError(t, err, "of %s", p.Document())
		require.Equal(t, p, again)
		require.NotEmpty(t, p.All())
		for _, b := range p.All() {
			found, ok := p.For(b.Name, "")
			require.True(t, ok)
			require.Equal(t, b, found)
			for lang := range b.Questions {
				require.Equal(t, b.Questions[lang], b.Ask(lang))
			}
		}
	})
}
