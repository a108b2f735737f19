package cel

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/amends-go/amends/policy"
)

// The types of the environment.
//
//nolint:gochecknoglobals // a compiled table
var (
	actorType    = types.NewObjectType("Actor")
	caseType     = types.NewObjectType("Case")
	customerType = types.NewObjectType("Customer")
	orderType    = types.NewObjectType("Order")
	remedyType   = types.NewObjectType("Remedy")
	spentType    = types.NewObjectType("Spent")
	givenType    = types.NewObjectType("Given")
	factsType    = types.NewObjectType("Facts")
	moneyType    = types.NewObjectType("Money", traits.AdderType, traits.SubtractorType, traits.MultiplierType, traits.ComparerType)
	remediesType = types.NewListType(remedyType)
	givensType   = types.NewListType(givenType)
)

// variables are the names that a condition may use, in the order in which newView has them.
//
//nolint:gochecknoglobals // a compiled table
var variables = [...]struct {
	name string
	of   *types.Type
}{
	{"actor", actorType},
	{"approvers", types.NewListType(actorType)},
	{"case", caseType},
	{"customer", customerType},
	{"facts", factsType},
	{"now", types.TimestampType},
	{"offer", remediesType},
	{"order", orderType},
	{"spent", spentType},
}

// field is a field of a struct: its type, and its value, which is unknown where the fact is not known.
type field struct {
	of   *types.Type
	get  func(*object) ref.Val
	part func(money) ref.Val // in place of get, for amounts
}

// structs are the structs of the environment with their fields, as cel-go asks for them.
type structs struct {
	*types.Registry
	byName map[string]map[string]field
}

func environment(facts policy.Facts) (*structs, error) {
	samples := maps.Clone(facts)
	for name, sample := range samples {
		if typeOf(sample) == moneyType {
			samples[name] = policy.Money{Minor: 1, Currency: policy.EUR} // a sample need not be an amount, as a fact has to
		}
	}
	if err := samples.Check(); err != nil {
		return nil, fmt.Errorf("cel: Options.Facts: %w", err)
	}
	host := map[string]field{}
	spent := map[string]field{
		"case":     {of: givensType, get: (*object).spentOnCase},
		"order":    {of: givensType, get: (*object).spentOnOrder},
		"customer": {of: givensType, get: (*object).spentOnCustomer},
	}
	for name, sample := range facts {
		host[name] = hostFact(name, sample)
		if _, taken := spent[name]; !taken && typeOf(sample) == types.StringType {
			spent[name] = field{of: givensType, get: func(o *object) ref.Val { return o.spentOnFact(name) }}
		}
	}
	return &structs{types.NewEmptyRegistry(), map[string]map[string]field{
		"Actor": {
			"id":   text("actor.id", func(o *object) string { return o.actor().ID }),
			"role": text("actor.role", func(o *object) string { return string(o.actor().Role) }),
		},
		"Case": {
			"id":       text("case", func(o *object) string { return o.r.Case }),
			"category": text("category", func(o *object) string { return o.r.Category }),
			"channel":  text("channel", func(o *object) string { return o.r.Channel }),
			"severity": text("severity", func(o *object) string { return o.r.Severity }),
			"received": instant("received", func(o *object) time.Time { return o.r.Received }),
			"round":    {of: types.IntType, get: func(o *object) ref.Val { return types.Int(o.r.Round) }},
		},
		"Customer": {
			"id":   text("customer", func(o *object) string { return o.r.Customer }),
			"tier": text("tier", func(o *object) string { return o.r.Tier }),
		},
		"Order": {
			"id":        text("order.id", func(o *object) string { return o.r.Order.ID }),
			"paid":      amount("order.paid", func(o *object) policy.Money { return o.r.Order.Paid }),
			"purchased": instant("order.purchased", func(o *object) time.Time { return o.r.Order.Purchased }),
			"delivered": instant("order.delivered", func(o *object) time.Time { return o.r.Order.Delivered }),
		},
		"Remedy": {
			"kind":   text("offer.kind", func(o *object) string { return string(o.remedy().Kind) }),
			"amount": amount("offer.amount", func(o *object) policy.Money { return o.remedy().Amount }),
			"item":   text("offer.item", func(o *object) string { return o.remedy().Item }),
			"payee":  text("customer", (*object).payee),
			"by":     instant("offer.by", func(o *object) time.Time { return o.remedy().By }),
		},
		"Spent": spent,
		"Given": {
			"kind":   text("spent.kind", func(o *object) string { return string(o.given().Kind) }),
			"line":   text("spent.line", func(o *object) string { return o.given().Line }),
			"amount": amount("spent.amount", func(o *object) policy.Money { return o.given().Amount }),
			"count":  {of: types.IntType, get: func(o *object) ref.Val { return types.Int(max(1, o.given().Count)) }},
			"at":     instant("spent.at", func(o *object) time.Time { return o.given().At }),
		},
		"Facts": host,
		"Money": {
			"minor":    {of: types.IntType, part: func(m money) ref.Val { return types.Int(m.Minor) }},
			"currency": {of: types.StringType, part: func(m money) ref.Val { return types.String(m.Currency.String()) }},
		},
	}}, nil
}

func text(fact string, get func(*object) string) field {
	return field{of: types.StringType, get: func(o *object) ref.Val {
		if s := get(o); s != "" {
			return types.String(s)
		}
		return unknown(fact)
	}}
}

func instant(fact string, get func(*object) time.Time) field {
	return field{of: types.TimestampType, get: func(o *object) ref.Val { return knownTime(fact, get(o)) }}
}

func knownTime(fact string, t time.Time) ref.Val {
	if t.IsZero() {
		return unknown(fact)
	}
	return types.Timestamp{Time: t.UTC()}
}

func amount(fact string, get func(*object) policy.Money) field {
	return field{of: moneyType, get: func(o *object) ref.Val { return knownMoney(fact, get(o)) }}
}

func knownMoney(fact string, m policy.Money) ref.Val {
	if m.IsZero() {
		return unknown(fact)
	}
	return money(m)
}

// hostFact is a fact of the host's, of the type of the sample. One of another type is an error.
func hostFact(name string, sample any) field {
	f := field{of: typeOf(sample)}
	f.get = func(o *object) ref.Val {
		value, known := o.r.Facts[name]
		if !known {
			return unknown(name)
		}
		if typeOf(value) != f.of {
			return types.NewErr("the fact %q is of the type %T, not %s", name, value, f.of)
		}
		switch v := value.(type) {
		case string:
			return types.String(v)
		case bool:
			return types.Bool(v)
		case int:
			return types.Int(v)
		case int64:
			return types.Int(v)
		case policy.Money:
			return knownMoney(name, v)
		case time.Time:
			return knownTime(name, v)
		}
		return types.NewErr("the fact %q is of the type %T", name, value)
	}
	return f
}

// typeOf is the type of a fact, or nil if facts are of no such type.
func typeOf(fact any) *types.Type {
	switch fact.(type) {
	case string:
		return types.StringType
	case bool:
		return types.BoolType
	case int, int64:
		return types.IntType
	case policy.Money:
		return moneyType
	case time.Time:
		return types.TimestampType
	}
	return nil
}

// fieldsOf are the fields of a variable, sorted.
func (s *structs) fieldsOf(variable string) []string {
	for _, v := range variables {
		if v.name == variable {
			return slices.Sorted(maps.Keys(s.byName[v.of.TypeName()]))
		}
	}
	return nil
}

// FindStructType implements types.Provider.
func (s *structs) FindStructType(name string) (*types.Type, bool) {
	if _, found := s.byName[name]; !found {
		return nil, false
	}
	return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
}

// FindStructFieldNames implements types.Provider.
func (s *structs) FindStructFieldNames(name string) ([]string, bool) {
	fields, found := s.byName[name]
	return slices.Sorted(maps.Keys(fields)), found
}

// FindStructFieldType implements types.Provider.
func (s *structs) FindStructFieldType(name, fieldName string) (*types.FieldType, bool) {
	f, found := s.byName[name][fieldName]
	if !found {
		return nil, false
	}
	return &types.FieldType{
		Type:  f.of,
		IsSet: func(target any) bool { return !types.IsUnknown(f.read(target)) },
		GetFrom: func(target any) (any, error) {
			v := f.read(target)
			if err, failed := v.(*types.Err); failed {
				return nil, err
			}
			return v, nil
		},
	}, true
}

// read reads the field. That of something unknown is unknown.
func (f *field) read(target any) ref.Val {
	switch v := target.(type) {
	case *object:
		return f.get(v)
	case money:
		return f.part(v)
	case *types.Unknown:
		return v
	}
	return types.NewErr("no such field")
}

// NewValue implements types.Provider: a condition makes no structs.
func (s *structs) NewValue(name string, _ map[string]ref.Val) ref.Val {
	return types.NewErr("a condition cannot make a %s", name)
}
