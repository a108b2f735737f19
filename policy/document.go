package policy

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"
)

// The canonical document: fields in this order, rules by id, lists sorted, nothing that is not set.
type canonSet struct {
	Name     string      `json:"name"`
	Version  string      `json:"version"`
	Roles    []Role      `json:"roles"`
	Remedies []canonKind `json:"remedies,omitempty"`
	Ledgers  []string    `json:"ledgers,omitempty"`
	Rules    []canonCode `json:"rules,omitempty"`
	Rows     []canonRow  `json:"rows,omitempty"`
}

type canonKind struct {
	Kind  Kind `json:"kind"`
	Goods bool `json:"goods,omitempty"`
	Money bool `json:"money,omitempty"`
}

type canonCode struct {
	ID       string `json:"id"`
	Effect   Effect `json:"effect"`
	Remedies []Kind `json:"remedies,omitempty"`
}

type canonRow struct {
	canonCode
	Role       Role         `json:"role,omitempty"`
	By         Role         `json:"by,omitempty"`
	UpTo       bound        `json:"upTo,omitzero"`
	Over       bound        `json:"over,omitzero"`
	Within     *canonWithin `json:"within,omitempty"`
	Beyond     *canonBeyond `json:"beyond,omitempty"`
	Excludes   *canonExcl   `json:"excludes,omitempty"`
	Earliest   *canonWait   `json:"earliest,omitempty"`
	Self       bool         `json:"self,omitempty"`
	Unfit      bool         `json:"unfit,omitempty"`
	Categories []string     `json:"categories,omitempty"`
	Severities []string     `json:"severities,omitempty"`
	Channels   []string     `json:"channels,omitempty"`
	Tiers      []string     `json:"tiers,omitempty"`
	From       string       `json:"from,omitempty"`
	To         string       `json:"to,omitempty"`
	When       string       `json:"when,omitempty"`
	Reason     string       `json:"reason,omitempty"`
	Explain    Texts        `json:"explain,omitzero"`
	Basis      Basis        `json:"basis,omitempty"`
}

type canonWithin struct {
	Days int    `json:"days"`
	Of   string `json:"of"`
}

type canonBeyond struct {
	Amount bound  `json:"amount,omitzero"`
	Count  int    `json:"count,omitempty"`
	Per    string `json:"per"`
	Days   int    `json:"days,omitempty"`
}

type canonExcl struct {
	Remedies []Kind `json:"remedies"`
	Per      string `json:"per"`
}

type canonWait struct {
	Days  int `json:"days,omitempty"`
	Hours int `json:"hours,omitempty"`
}

// canonical is the document of the set. Its rules are sorted already.
func (s *Set) canonical() ([]byte, error) {
	c := canonSet{Name: s.name, Version: s.version, Roles: s.roles, Ledgers: s.declared}
	for _, k := range s.kinds[len(builtIn):] {
		c.Remedies = append(c.Remedies, canonKind{k.kind, k.nature == Goods, k.nature == Cash})
	}
	for i := range s.rules {
		u := &s.rules[i]
		code := canonCode{u.id, u.effect, slices.Sorted(slices.Values(u.kinds))}
		if u.row == nil {
			c.Rules = append(c.Rules, code)
		} else {
			c.Rows = append(c.Rows, u.canonical(code))
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(c); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

func (u *rule) canonical(code canonCode) canonRow {
	w := u.row
	c := canonRow{
		canonCode: code, UpTo: w.upTo, Over: w.over,
		Categories: w.categories, Severities: w.severities, Channels: w.channels, Tiers: w.tiers,
		Self: w.self, Unfit: w.unfit, When: w.whenText, Reason: u.reason, Explain: u.explain, Basis: u.basis,
	}
	if u.effect == Approve {
		c.By = u.role
	} else {
		c.Role = u.role
	}
	if w.within.of != "" {
		c.Within = &canonWithin{w.within.days, w.within.of}
	}
	if b := w.beyond; b.per != "" {
		c.Beyond = &canonBeyond{b.amount, b.count, b.per, b.days}
	}
	if x := &w.excludes; x.per != "" {
		c.Remedies = x.own
		c.Excludes = &canonExcl{x.others, x.per}
	}
	if w.earliest != (earliest{}) {
		c.Earliest = &canonWait{w.earliest.days, w.earliest.hours}
	}
	if !w.from.IsZero() {
		c.From = w.from.Format(time.DateOnly)
	}
	if !w.until.IsZero() {
		c.To = w.until.AddDate(0, 0, -1).Format(time.DateOnly)
	}
	return c
}
