package policy_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

// severity orders verdicts, mildest first; within NeedsApproval by role.
func severity(t *testing.T, s *policy.Set, d policy.Decision) int {
	t.Helper()
	switch d.Verdict {
	case policy.Allowed, policy.Mandated:
		return 0
	case policy.NeedsApproval:
		rank, ok := s.Rank(d.By)
		require.True(t, ok, "the role that may approve is on the ladder")
		return 1 + rank
	case policy.Denied:
		return 100
	case policy.Blocked:
		return 101
	}
	t.Fatalf("no verdict: %v", d.Verdict)
	return 0
}

func retailRows(t *testing.T) (rows []string, rest map[string]json.RawMessage) {
	t.Helper()
	require.NoError(t, json.Unmarshal(retail(t).Document(), &rest))
	var raw []json.RawMessage
	require.NoError(t, json.Unmarshal(rest["rows"], &raw))
	for _, r := range raw {
		rows = append(rows, string(r))
	}
	return rows, rest
}

func withRows(t *testing.T, rest map[string]json.RawMessage, rows []string) (*policy.Set, error) {
	t.Helper()
	raw := make([]json.RawMessage, len(rows))
	for i, r := range rows {
		raw[i] = json.RawMessage(r)
	}
	all := map[string]any{"rows": raw}
	for k, v := range rest {
		if k != "rows" {
			all[k] = v
		}
	}
	doc, err := json.Marshal(all)
	require.NoError(t, err)
	return policy.Load(doc, nil)
}

func TestOrderOfRowsNeverChangesADecision(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	s := retail(t)
	rows, rest := retailRows(t)
	kinds := s.Kinds()
	for range 20 {
		rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		other, err := withRows(t, rest, rows)
		require.NoError(t, err)
		require.Equal(t, s.Digest(), other.Digest())
		for range 200 {
			r := randomRequest(rng, kinds)
			require.Equal(t, s.Judge(r), other.Judge(r))
		}
	}
}

func TestOrderOfTheRequestNeverChangesTheVerdict(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	s := retail(t)
	for range 3000 {
		r := randomRequest(rng, s.Kinds())
		d := s.Judge(r)
		slices.Reverse(r.Offer)
		slices.Reverse(r.Given)
		e := s.Judge(r)
		require.Equal(t, d.Verdict, e.Verdict)
		require.Equal(t, d.By, e.By)
		require.Equal(t, fired(d), fired(e))
	}
}

// Adding an allow never makes an answer stricter; adding any other rule but a mandate never makes it milder, and a mandate never stricter.
func TestAddingARowIsMonotone(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	rows, rest := retailRows(t)
	for range 600 {
		all := slices.Clone(rows)
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		all = all[:1+rng.IntN(len(all))]
		fewer, err := withRows(t, rest, append(slices.Clone(all[1:]), never))
		require.NoError(t, err)
		more, err := withRows(t, rest, append(slices.Clone(all), never))
		require.NoError(t, err)
		var added struct{ Effect policy.Effect }
		require.NoError(t, json.Unmarshal([]byte(all[0]), &added))
		for range 20 {
			r := randomRequest(rng, more.Kinds())
			before, after := severity(t, fewer, fewer.Judge(r)), severity(t, more, more.Judge(r))
			switch added.Effect {
			case policy.Allow, policy.Mandate:
				require.LessOrEqual(t, after, before, "%s\n%+v", all[0], r)
			case policy.Approve, policy.Deny, policy.Block:
				require.GreaterOrEqual(t, after, before, "%s\n%+v", all[0], r)
			}
		}
	}
}

// Offering a bundle piece by piece, each piece once the ones before were given, never yields what the bundle would not.
func TestSplittingGainsNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	s := retail(t)
	kinds := []policy.Kind{policy.Refund, policy.PartialRefund, policy.Voucher, policy.Credit, policy.Gift, policy.Discount, policy.Compensation}
	compared := 0
	for range 20_000 {
		r := randomRequest(rng, kinds)
		for range rng.IntN(3) {
			r.Offer = append(r.Offer, policy.Remedy{Kind: kinds[rng.IntN(len(kinds))], Amount: eur(1 + rng.Int64N(200_00))})
		}
		whole := severity(t, s, s.Judge(r))
		pieces, worst := r.Offer, 0
		for i := range pieces {
			r.Offer = pieces[i : i+1]
			d := s.Judge(r)
			worst = max(worst, severity(t, s, d))
			r.Given = append(append(slices.Clone(r.Given), d.Reserves...), given("case", pieces[i], noon()))
		}
		require.GreaterOrEqual(t, worst, whole, "%+v", r)
		if whole > 0 && whole < 100 {
			compared++
		}
	}
	assert.Greater(t, compared, 1000, "the property is worth little if it compares nothing")
}

// of is what the decision says of a rule.
func of(d policy.Decision, rule string) *policy.Finding {
	for i := range d.Findings {
		if d.Findings[i].Rule == rule {
			return &d.Findings[i]
		}
	}
	return nil
}

func TestARuleFindsTheSameAloneAndAmongOthers(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	rows, rest := retailRows(t)
	s := retail(t)
	alone := map[string]*policy.Set{}
	for _, row := range rows {
		var id struct{ ID string }
		require.NoError(t, json.Unmarshal([]byte(row), &id))
		one, err := withRows(t, rest, []string{row, never})
		require.NoError(t, err)
		alone[id.ID] = one
	}
	for range 5000 {
		r := randomRequest(rng, s.Kinds())
		d := s.Judge(r)
		for id, one := range alone {
			require.Equal(t, of(one.Judge(r), id), of(d, id), "what a rule finds does not depend on the others")
		}
	}
}
