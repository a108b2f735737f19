package recovery_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
	"github.com/amends-go/amends/recovery"
	"github.com/amends-go/amends/recovery/recoverytest"
)

// scramble overwrites everything that can be reached from v through slices, maps
// and pointers, and changes nothing of the value itself.
func scramble(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			overwrite(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			overwrite(v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			v.SetMapIndex(k, reflect.Value{})
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				scramble(v.Field(i))
			}
		}
	case reflect.Interface:
		if !v.IsNil() {
			scramble(v.Elem())
		}
	}
}

// overwrite scrambles what v refers to, and then zeroes v.
func overwrite(v reflect.Value) {
	scramble(v)
	if v.CanSet() {
		v.SetZero()
	}
}

// TestCasesShareNothing: what the caller does to a case that it got, or to
// what it handed over, nobody else sees.
func TestCasesShareNothing(t *testing.T) {
	for _, step := range []recovery.Step{
		recovery.StepStrategized, recovery.StepClarified, recovery.StepApproval, recovery.StepPresented, recovery.StepFulfilling,
		recovery.StepDelivered, recovery.StepClosed, recovery.StepReferred,
	} {
		t.Run(string(step), func(t *testing.T) {
			d := recoverytest.New(t, options(t))
			d.Complaint.Received = d.Now().Add(-time.Hour)
			d.Complaint.About, d.Complaint.Facts = []string{"eve"}, policy.Facts{"points": "many"}
			d.Complaint.Concerns = []recovery.Concern{{Category: "quality", Text: "scratched"}}
			d.Complaint.Order = policy.Order{ID: "A-17", Paid: policy.Money{Minor: 999_00, Currency: policy.EUR}, Delivered: d.Now()}
			d.Offer.Remedies = []policy.Remedy{{Kind: policy.Voucher, Amount: policy.Money{Minor: 10_00, Currency: policy.EUR}}}
			d.Offer.Alternatives = []recovery.Option{{Remedies: []policy.Remedy{{Kind: policy.Apology}}, Promises: d.Offer.Promises}}
			c := d.At(step)
			if c.Open() {
				_, err := d.Do(t.Context(), c.ID, d.Agent, recovery.Wait{}, recovery.FlagAbuse{Level: 1, Review: d.Now().Add(time.Hour)},
					recovery.Escalate{}, recovery.Respond{Kind: recovery.Progress}, recovery.Link{As: recovery.KnownIssue, Reference: "K-1"})
				require.NoError(t, err)
			}
			scramble(reflect.ValueOf(&d.Complaint).Elem())
			scramble(reflect.ValueOf(&d.Offer).Elem())

			first, err := d.Case(t.Context(), c.ID)
			require.NoError(t, err)
			want := text(t, first)
			fresh := text(t, onlyCase(t, deskOn(t, d.Store), c.ID))
			require.Equal(t, fresh, want, "what the caller handed over was shared")
			for name, get := range map[string]func() recovery.Case{
				"Case": func() recovery.Case { return onlyCase(t, d.Desk, c.ID) },
				"Cases": func() recovery.Case {
					page, err := d.Cases(t.Context(), recovery.Query{})
					require.NoError(t, err)
					return page.Cases[0]
				},
				"Do": func() recovery.Case {
					got, err := d.Do(t.Context(), c.ID, d.Agent, recovery.Note{Text: "x"})
					require.NoError(t, err)
					want = text(t, got)
					return got
				},
			} {
				got := get()
				scramble(reflect.ValueOf(&got).Elem())
				require.Equal(t, want, text(t, onlyCase(t, d.Desk, c.ID)), "what %s returned is shared", name)
			}
			after, err := d.Do(t.Context(), c.ID, d.Agent, recovery.Note{Text: "y"})
			require.NoError(t, err)
			folded, err := d.Replay(t.Context(), c.ID)
			require.NoError(t, err)
			require.Equal(t, text(t, folded), text(t, after))
		})
	}
}

// TestOptionsAreCopied: what the caller does to them after New changes no desk.
func TestOptionsAreCopied(t *testing.T) {
	o := &recovery.Options{Names: recovery.Names{
		Channels: []recovery.Channel{"fax"}, Severities: []recovery.Severity{"bad", "worse"}, Categories: []recovery.Category{"odors"},
		Tiers: []string{"gold"}, Waits: []string{"supplier"},
	}}
	d := recoverytest.New(t, o)
	scramble(reflect.ValueOf(o).Elem())
	_, err := d.Open(t.Context(), d.Agent, recovery.Complaint{Channel: "fax", Severity: "worse", Category: "odors", Tier: "gold"}, recovery.Wait{On: "supplier"})
	require.NoError(t, err)
}

// TestPlaybooksAreCopied: what a playbook hands out is the caller's own.
func TestPlaybooksAreCopied(t *testing.T) {
	books, err := recovery.StandardPlaybooks()
	require.NoError(t, err)
	want := text(t, books.All())
	all, document := books.All(), books.Document()
	one, _ := books.For("anger", "")
	for _, v := range []any{&all, &document, &one} {
		scramble(reflect.ValueOf(v).Elem())
	}
	require.Equal(t, want, text(t, books.All()))
}
