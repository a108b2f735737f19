package cel

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"github.com/amends-go/amends/policy"
)

// view is a request as a condition sees it. It is made for one judgment.
type view struct {
	*policy.Request
	words map[policy.Kind]bool // kinds that can have no amount
	whole [5]object            // the variables that are structs
	lists [2]ref.Val
}

func newView(r *policy.Request, words map[policy.Kind]bool) *view {
	v := &view{Request: r, words: words}
	for i, of := range [...]*types.Type{caseType, customerType, orderType, spentType, factsType} {
		v.whole[i] = object{of: of, r: v, at: -1}
	}
	return v
}

// ResolveName implements interpreter.Activation.
func (v *view) ResolveName(name string) (any, bool) {
	switch name {
	case "actor":
		return &object{actorType, v, -1}, true
	case "approvers":
		return v.list(0, actorType, len(v.Approvers)), true
	case "case":
		return &v.whole[0], true
	case "customer":
		return &v.whole[1], true
	case "order":
		return &v.whole[2], true
	case "spent":
		return &v.whole[3], true
	case "facts":
		return &v.whole[4], true
	case "now":
		return knownTime("now", v.Now), true
	case "offer":
		return v.list(1, remedyType, len(v.Offer)), true
	}
	return nil, false
}

// Parent implements interpreter.Activation.
func (v *view) Parent() interpreter.Activation { return nil }

// list is a list of the request, made when first asked for.
func (v *view) list(which int, of *types.Type, n int) ref.Val {
	if v.lists[which] == nil {
		v.lists[which] = list(of, v, n, func(int) bool { return true })
	}
	return v.lists[which]
}

// list has an object for each of the first n entries that are wanted.
func list(of *types.Type, r *view, n int, wanted func(i int) bool) ref.Val {
	objects, all := make([]object, n), make([]ref.Val, 0, n)
	for i := range objects {
		if wanted(i) {
			objects[i] = object{of, r, i}
			all = append(all, &objects[i])
		}
	}
	return types.NewRefValList(types.DefaultTypeAdapter, all)
}

// object is a struct of the environment: the request, or the entry of a list in it.
type object struct {
	of *types.Type
	r  *view
	at int // -1: the request's own
}

func (o *object) actor() *policy.Actor {
	if o.at < 0 {
		return &o.r.Actor
	}
	return &o.r.Approvers[o.at]
}

func (o *object) remedy() *policy.Remedy { return &o.r.Offer[o.at] }
func (o *object) given() *policy.Given   { return &o.r.Given[o.at] }

// payee is who gets the remedy: the customer, if the offer names nobody.
func (o *object) payee() string {
	if p := o.remedy().Payee; p != "" {
		return p
	}
	return o.r.Customer
}

func (o *object) spentOnCase() ref.Val { return o.spent("case") }

func (o *object) spentOnOrder() ref.Val {
	if o.r.Order.ID == "" {
		return unknown("order.id")
	}
	return o.spent("order:" + o.r.Order.ID)
}

func (o *object) spentOnCustomer() ref.Val {
	if o.r.Customer == "" {
		return unknown("customer")
	}
	return o.spent("customer:" + o.r.Customer)
}

// spentOnFact is what was given in the ledger that the host names by one of its facts: household "17" is "household:17".
func (o *object) spentOnFact(name string) ref.Val {
	value, known := o.r.Facts[name]
	text, ok := value.(string)
	switch {
	case known && !ok:
		return types.NewErr("the fact %q is of the type %T, not a string", name, value)
	case text == "":
		return unknown(name)
	}
	return o.spent(name + ":" + text)
}

func (o *object) spent(ledger string) ref.Val {
	return list(givenType, o.r, len(o.r.Given), func(i int) bool { return o.r.Given[i].Ledger == ledger })
}

// ConvertToNative implements ref.Val.
func (o *object) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("a %s cannot be made a %s", o.of, t)
}

// ConvertToType implements ref.Val.
func (o *object) ConvertToType(t ref.Type) ref.Val {
	return types.NewErr("a %s cannot be made a %s", o.of, t.TypeName())
}

// Equal implements ref.Val: an entry is equal to itself alone.
func (o *object) Equal(other ref.Val) ref.Val {
	x, ok := other.(*object)
	return types.Bool(ok && x.of == o.of && x.at == o.at)
}

// Type implements ref.Val.
func (o *object) Type() ref.Type { return o.of }

// Value implements ref.Val.
func (o *object) Value() any { return o }

// unknown stands for a fact that is not known.
func unknown(fact string) ref.Val { return types.NewUnknown(0, types.NewAttributeTrail(fact)) }

// missing names the facts that an answer lacks, sorted.
func missing(u *types.Unknown) []string {
	var facts []string
	for _, id := range u.IDs() {
		trails, _ := u.GetAttributeTrails(id)
		for _, t := range trails {
			facts = append(facts, strings.Clone(t.Variable()))
		}
	}
	slices.Sort(facts)
	return slices.Compact(facts)
}
