package recovery_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/history"
	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/recoverytest"
)

//nolint:gochecknoglobals // flags are parsed before the tests run
var update = flag.Bool("update", false, "write golden files that are missing; those that exist are never changed")

// golden returns what a golden file holds, which -update writes if there is none.
// One that exists is never changed: it is what databases hold.
func golden(t *testing.T, path string, want []byte) []byte {
	t.Helper()
	got, err := os.ReadFile(path)
	if os.IsNotExist(err) && *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, want, 0o644))
		return want
	}
	require.NoError(t, err, "run the test with -update to write a golden file that is missing")
	return got
}

// goldenPath is where the stored form of an event is kept.
func goldenPath(eventType, sample string) string {
	return filepath.Join("testdata", "events", strings.ReplaceAll(eventType, "/", "_")+sample+".json")
}

// zeroOf is the event of the same type with nothing in it.
func zeroOf(tb testing.TB, e recovery.Event) recovery.Event {
	tb.Helper()
	zero, ok := reflect.TypeAssert[recovery.Event](reflect.Zero(reflect.TypeOf(e)))
	require.True(tb, ok)
	return zero
}

// TestEventsAreStoredAsEver: every type has a golden file of a full and of an empty
// event; it decodes to that event, which encodes to the same bytes.
func TestEventsAreStoredAsEver(t *testing.T) {
	seen := map[string]bool{}
	for _, full := range sampleEvents() {
		for sample, e := range map[string]recovery.Event{"": full, ".minimal": zeroOf(t, full)} {
			r, err := recovery.Encode(e)
			require.NoError(t, err)
			seen[r.Type] = true
			t.Run(r.Type+sample, func(t *testing.T) {
				if sample == ".minimal" {
					assert.Empty(t, r.Private)
				} else {
					assertFull(t, reflect.ValueOf(e), r.Type)
				}
				file := fmt.Sprintf("{\n\"type\": %q,\n\"data\": %s", r.Type, r.Data)
				if r.Private != nil {
					file += fmt.Sprintf(",\n\"private\": %s", r.Private)
				}
				stored := golden(t, goldenPath(r.Type, sample), []byte(file+"\n}\n"))
				assert.Equal(t, file+"\n}\n", string(stored))

				var g struct {
					Type          string
					Data, Private json.RawMessage
				}
				require.NoError(t, json.Unmarshal(stored, &g))
				got, err := recovery.Decode(history.Record{Type: g.Type, Data: g.Data, Private: g.Private})
				require.NoError(t, err)
				assert.True(t, reflect.DeepEqual(e, got), "want %+v\ngot  %+v", e, got)
				assert.True(t, reflect.DeepEqual(e, sampleAgain(t, r.Type, sample)), "encoding changed the event")
			})
		}
	}
	for _, known := range recovery.EventTypes() {
		assert.True(t, seen[known], "%s has no sample, and so no golden file", known)
	}
	files, err := filepath.Glob(filepath.Join("testdata", "events", "*.json"))
	require.NoError(t, err)
	assert.Len(t, files, 2*len(seen), "a golden file that no test reads")
}

// sampleAgain makes a sample anew.
func sampleAgain(t *testing.T, eventType, sample string) recovery.Event {
	t.Helper()
	for _, e := range sampleEvents() {
		if r, err := recovery.Encode(e); err == nil && r.Type == eventType {
			if sample == ".minimal" {
				return zeroOf(t, e)
			}
			return e
		}
	}
	return nil
}

// assertFull checks that no field of a sample is empty, so that each has a place
// in the golden files.
func assertFull(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	if v.Type() == reflect.TypeFor[recovery.Actor]() {
		return // staff have no kind, others no role
	}
	switch v.Kind() {
	case reflect.Pointer:
		if assert.False(t, v.IsNil(), path) {
			assertFull(t, v.Elem(), path)
		}
	case reflect.Slice:
		if assert.NotZero(t, v.Len(), path) {
			assertFull(t, v.Index(0), path+"[0]")
		}
	case reflect.Struct:
		exported := 0
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && path != "" && !optionalInSample(v.Type(), f.Name) {
				exported++
				assertFull(t, v.Field(i), path+"."+f.Name)
			}
		}
		if exported == 0 {
			assert.False(t, v.IsZero(), path)
		}
	default:
		assert.False(t, v.IsZero(), path)
	}
}

// optionalInSample are fields of other packages' types that exclude one another.
func optionalInSample(of reflect.Type, field string) bool {
	switch of.Name() {
	case "Target":
		return field == "Days" || field == "Edge"
	case "Given": // younger than the golden files, as those below; policy tests how they are stored
		return field == "Line"
	case "Finding", "Decision":
		return field == "Unfit"
	case "Compared":
		return slices.Contains([]string{"Kind", "With", "Item", "Earliest"}, field)
	case "Clock": // younger than the golden files, which never change; sla tests how they are stored
		return field == "DroppedAt"
	case "Pause":
		return field == "Until"
	}
	return false
}

// notPersonal are the plain strings that are stored where they can't be erased, by
// type and field: ids, names and references of the host's, targets, and what the
// documents in force say. Whatever is not listed here has to be personal.
func notPersonal() []string {
	return []string{
		"Actor.ID",
		"Assign.To", "Waiting.On", "Wait.On",
		"ClockBreached.Clock", "ClockBreached.Notify", "ClockWarned.Clock", "BreachWithdrawn.Clock",
		"Clock.ID", "Clock.Objective", "Threshold.Name", "Threshold.Notify",
		"Complaint.About", "Complaint.Customer", "Complaint.Facts", "Complaint.Language", "Complaint.Reference", "Complaint.Situation", "Complaint.Tier",
		"Contact.Reference", "Link.Reference", "Refer.Reference", "Refer.To",
		"Decision.Missing", "Decision.Policy", "Decision.Version",
		"DocumentKept.Kind", "DocumentKept.Name", "DocumentKept.Version", "DocumentKept.Digest", "DocumentKept.Document",
		"Erased.Reason", // why texts were removed outlives them
		"Finding.Cause", // a root cause of the host's own naming
		"Finding.Rule", "Finding.Explain", "Finding.Error", "Compared.Of", "Compared.Item",
		"policy.Finding.Reason", // what the policy says; that of a recovery.Finding is personal
		"Given.Ledger", "Given.Line", "Order.ID", "Remedy.Item", "Remedy.Payee",
		"Learn.About", "Learn.Customer", "Learn.Facts", "Learn.Language", "Learn.Tier",
		"Pledge.Owner", "Promise.Owner", "Promise.Within",
		"Reclassify.Situation", "Released.Ledger", "Returned.Ledger", "Reserved.Ledger", "LedgerAt.Ledger", "Approved.Freed", "Presented.Freed", "Accepted.Freed", "Spent.Ledger",
		"Strategize.Playbook", "Strategized.Playbooks",
	}
}

// marked fills every plain string that v holds with a mark of its type and field,
// and calls seen with each.
func marked(v reflect.Value, name string, seen func(string)) {
	mark := func() string { seen(name); return "@" + name + "@" }
	switch {
	case v.Type() == reflect.TypeFor[string]():
		v.SetString(mark())
	case v.Type() == reflect.TypeFor[policy.Texts]():
		v.Set(reflect.ValueOf(policy.MakeTexts(map[string]string{"en": mark()})))
	case v.Type() == reflect.TypeFor[policy.Facts]():
		v.Set(reflect.ValueOf(policy.Facts{"fact": mark()}))
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		marked(v.Elem(), name, seen)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		marked(v.Index(0), name, seen)
	case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]():
		owner := v.Type().Name()
		for i := range v.NumField() {
			f := v.Type().Field(i)
			field := owner + "." + f.Name
			if v.Type() == reflect.TypeFor[policy.Finding]() && f.Name == "Reason" {
				field = "policy." + field
			}
			if f.IsExported() {
				marked(v.Field(i), field, seen)
			}
		}
	case v.Type() == reflect.TypeFor[policy.Effect]():
		v.SetUint(uint64(policy.Allow))
	}
}

// marks are the marks that stand in a text.
func marks(b []byte) []string {
	var out []string
	for _, m := range regexp.MustCompile(`@([^@]+)@`).FindAllSubmatch(b, -1) {
		out = append(out, string(m[1]))
	}
	return out
}

// TestPersonalTextsAreKeptApart: every text that is not named above is in Private
// and nowhere in Data; so is every text of every command. A new field has to be
// decided on.
func TestPersonalTextsAreKeptApart(t *testing.T) {
	private, data := map[string]bool{}, map[string]bool{}
	for _, sample := range sampleEvents() {
		v := reflect.New(reflect.TypeOf(sample))
		var all []string
		marked(v.Elem(), "", func(name string) { all = append(all, name) })
		e, ok := reflect.TypeAssert[recovery.Event](v.Elem())
		require.True(t, ok)
		r, err := recovery.Encode(e)
		require.NoError(t, err)
		open, closed := marks(r.Data), marks(r.Private)
		for _, name := range all {
			switch {
			case slices.Contains(open, name):
				data[name] = true
				assert.Contains(t, notPersonal(), name, "%s is in Data of %s: is it personal?", name, r.Type)
				assert.NotContains(t, closed, name, "%s is in Data and in Private of %s", name, r.Type)
			default:
				private[name] = true
				assert.Contains(t, closed, name, "%s is lost by %s", name, r.Type)
				assert.NotContains(t, notPersonal(), name, r.Type)
			}
		}
	}
	for _, name := range notPersonal() {
		if name != "Waiting.On" { // of the case alone
			assert.True(t, data[name], "%s is listed, and stored nowhere", name)
		}
	}
	for _, cmd := range allCommands() {
		v := reflect.New(reflect.TypeOf(cmd)).Elem()
		marked(v, "", func(name string) {
			assert.True(t, private[name] || data[name], "%s is recorded nowhere", name)
			assert.NotEqual(t, private[name], data[name], "%s is personal here and not there", name)
		})
	}
}

// allCommands are all commands, with nothing in them.
func allCommands() []recovery.Command {
	return []recovery.Command{
		recovery.Strategize{},
		recovery.Acknowledge{},
		recovery.Clarify{},
		recovery.Promise{},
		recovery.Propose{},
		recovery.Approve{},
		recovery.Refuse{},
		recovery.Present{},
		recovery.Retract{},
		recovery.Accept{},
		recovery.Decline{},
		recovery.Fulfil{},
		recovery.Release{},
		recovery.CheckBack{},
		recovery.Respond{},
		recovery.Close{},
		recovery.Reopen{},
		recovery.Refer{},
		recovery.Decide{},
		recovery.Contact{},
		recovery.Wait{},
		recovery.Resume{},
		recovery.Assign{},
		recovery.Escalate{},
		recovery.Reclassify{},
		recovery.Learn{},
		recovery.FlagAbuse{},
		recovery.Link{},
		recovery.Note{},
	}
}

// TestHeadsAreStoredAsEver: the state that heads hold of a case and of a ledger is
// read by programs with the same schema number.
func TestHeadsAreStoredAsEver(t *testing.T) {
	t.Run("case", func(t *testing.T) {
		c := sampleCase()
		assertFull(t, reflect.ValueOf(c), "Case")
		state, err := recovery.EncodeState(c)
		require.NoError(t, err)
		stored := golden(t, filepath.Join("testdata", "heads", "case_1.json"), append(state, '\n'))
		stored = bytes.TrimSuffix(stored, []byte("\n"))
		assert.Equal(t, string(state), string(stored))

		d := recoverytest.New(t, nil)
		opened := c.Complaint
		opened.Tier, opened.Category, opened.Received = "", "", time.Time{}
		_, err = d.Open(t.Context(), d.Agent, opened)
		require.NoError(t, err)
		replaceState(t, d.Store, c.ID, string(stored))
		sameCase(t, c, onlyCase(t, deskOn(t, d.Store), c.ID))
	})
	t.Run("ledger", func(t *testing.T) {
		d := recoverytest.New(t, options(t))
		d.Complaint.ID = uuid.MustParse("0190a5d0-0000-7000-8000-000000000042")
		voucher := []policy.Remedy{{Kind: policy.Voucher, Amount: euros(20)}}
		c, err := d.Open(t.Context(), d.Agent, d.Complaint, recovery.Acknowledge{}, recovery.Clarify{Restated: "it is late", Basis: recovery.Confirmed},
			recovery.Propose{Remedies: voucher}, recovery.Present{}, recovery.Accept{}, recovery.CheckBack{},
			recovery.Acknowledge{}, recovery.Clarify{Restated: "it is late", Basis: recovery.Confirmed},
			recovery.Propose{Remedies: voucher, Alternatives: []recovery.Option{{Remedies: voucher}}})
		require.NoError(t, err)
		require.Len(t, c.Offer.Reserved, 2)
		heads, err := d.Store.Heads(t.Context(), history.Query{Kind: "ledger"})
		require.NoError(t, err)
		require.Len(t, heads, 1)
		stored := golden(t, filepath.Join("testdata", "heads", "ledger_1.json"), append(heads[0].State, '\n'))
		assert.Equal(t, string(heads[0].State), strings.TrimSuffix(string(stored), "\n"))

		heads[0].State = stored
		name, held, spent, err := recovery.Held(heads[0])
		require.NoError(t, err)
		assert.Equal(t, "customer:42", name)
		assert.Equal(t, map[uuid.UUID]int{c.ID: 2}, held)
		assert.Equal(t, 1, spent)
	})
}

// TestLedgersOfANewerProgram are refused: nobody spends from what they can't read.
func TestLedgersOfANewerProgram(t *testing.T) {
	for name, state := range map[string]string{"schema": `{"schema":2}`, "no JSON": `{`} {
		t.Run(name, func(t *testing.T) {
			d := recoverytest.New(t, options(t))
			d.Offer.Remedies = []policy.Remedy{{Kind: policy.Voucher, Amount: euros(20)}}
			c := d.At(recovery.StepPresented)
			heads, err := d.Store.Heads(t.Context(), history.Query{Kind: "ledger"})
			require.NoError(t, err)
			replaceState(t, d.Store, heads[0].Stream, state)
			was := recordCount(t, d.Store)
			_, err = d.Do(t.Context(), c.ID, d.Agent, recovery.Accept{})
			require.ErrorContains(t, err, "ledger customer:42")
			assert.Equal(t, was, recordCount(t, d.Store))
		})
	}
}

// FuzzDecode: whatever a record holds, decoding it does not panic, and what could
// be decoded is encoded and decoded to the same.
func FuzzDecode(f *testing.F) {
	for _, full := range sampleEvents() {
		for _, e := range []recovery.Event{full, zeroOf(f, full)} {
			r, err := recovery.Encode(e)
			require.NoError(f, err)
			f.Add(r.Type, r.Data, r.Private)
		}
	}
	f.Add("case.noted/1", []byte(`{"text":"in the wrong place"}`), []byte(nil))
	f.Add("case.noted/1", []byte(`null`), []byte(`null`))
	f.Add("case.noted/9", []byte(`{}`), []byte(`{}`))
	f.Add("case.learned/1", []byte(`{"facts":{"a":1.5}}`), []byte(nil))
	f.Fuzz(func(t *testing.T, eventType string, data, private []byte) {
		e, err := recovery.Decode(history.Record{Type: eventType, Data: data, Private: private})
		if err != nil {
			require.ErrorIs(t, err, recovery.ErrUnknownEvent)
			return
		}
		first, err := recovery.Encode(e)
		require.NoError(t, err)
		again, err := recovery.Decode(first)
		require.NoError(t, err)
		second, err := recovery.Encode(again)
		require.NoError(t, err)
		require.Equal(t, string(first.Data), string(second.Data))
		require.Equal(t, string(first.Private), string(second.Private))
	})
}
