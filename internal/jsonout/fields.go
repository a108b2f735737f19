package jsonout

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
)

// field is a member of the JSON object that a struct is written as.
type field struct {
	name   string // as written: with quotes and colon
	index  []int
	tagged bool
	omit   func(reflect.Value) bool // nil: never left out
	write  appender
}

func structPlan(t reflect.Type, inside []reflect.Type) appender {
	if slices.Contains(inside, t) {
		return asEncodingJSON // a type within itself
	}
	inside = append(slices.Clip(inside), t)
	fields, ok := fieldsOf(t)
	if !ok {
		return asEncodingJSON
	}
	for i, f := range fields {
		fields[i].write = planOf(t.FieldByIndex(f.index).Type, inside)
		fields[i].name = `"` + f.name + `":`
	}
	return func(b []byte, v reflect.Value) ([]byte, error) {
		var err error
		b = append(b, '{')
		start := len(b)
		for i := range fields {
			f := &fields[i]
			member := v
			for _, n := range f.index {
				member = member.Field(n)
			}
			if f.omit != nil && f.omit(member) {
				continue
			}
			if len(b) > start {
				b = append(b, ',')
			}
			if b, err = f.write(append(b, f.name...), member); err != nil {
				return b, err
			}
		}
		return append(b, '}'), nil
	}
}

// fieldsOf are the members of a struct in the order in which they are written. It is not ok where a struct uses what
// only encoding/json knows.
func fieldsOf(t reflect.Type) (all []field, ok bool) {
	if all, ok = collect(nil, t, nil); !ok {
		return nil, false
	}
	return slices.DeleteFunc(slices.Clone(all), func(f field) bool { return !dominant(f, all) }), true
}

// dominant reports whether a field is the one that is written of those with its name: the outermost; of several there,
// the one that is named by its tag; of several again, none.
func dominant(f field, all []field) bool {
	for _, other := range all {
		if other.name != f.name || slices.Equal(other.index, f.index) {
			continue
		}
		depth := cmp.Compare(len(other.index), len(f.index))
		if depth < 0 || depth == 0 && (other.tagged || !f.tagged) {
			return false
		}
	}
	return true
}

// collect adds the fields of a struct that is found under an index, and those of the structs embedded in it.
func collect(all []field, t reflect.Type, under []int) (_ []field, ok bool) {
	for i := range t.NumField() {
		sf := t.Field(i)
		tag := sf.Tag.Get("json")
		if tag == "-" || !sf.IsExported() && !sf.Anonymous {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		index := append(slices.Clip(under), i)
		switch {
		case sf.Anonymous && name == "" && sf.Type.Kind() == reflect.Struct:
			if all, ok = collect(all, sf.Type, index); !ok {
				return nil, false
			}
			continue
		case sf.Anonymous && !sf.IsExported(), sf.Anonymous && name == "" && sf.Type.Kind() == reflect.Pointer, !plain(cmp.Or(name, sf.Name)):
			return nil, false
		}
		f := field{name: cmp.Or(name, sf.Name), index: index, tagged: name != ""}
		for option := range strings.SplitSeq(options, ",") {
			switch option {
			case "":
			case "omitempty":
				if empty := emptiness(sf.Type); empty != nil {
					f.omit = either(f.omit, empty)
				}
			case "omitzero":
				f.omit = either(f.omit, zeroness(sf.Type))
			default:
				return nil, false
			}
		}
		all = append(all, f)
	}
	return all, true
}

func either(a, b func(reflect.Value) bool) func(reflect.Value) bool {
	if a == nil {
		return b
	}
	return func(v reflect.Value) bool { return a(v) || b(v) }
}

// emptiness is what omitempty leaves out; nil: nothing, as of structs.
func emptiness(t reflect.Type) func(reflect.Value) bool {
	switch t.Kind() {
	case reflect.Struct:
		return nil
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return func(v reflect.Value) bool { return v.Len() == 0 }
	default:
		return reflect.Value.IsZero
	}
}

// zeroer says of itself whether it is zero.
type zeroer interface{ IsZero() bool }

// zeroness is what omitzero leaves out.
func zeroness(t reflect.Type) func(reflect.Value) bool {
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface || !reflect.PointerTo(t).Implements(reflect.TypeFor[zeroer]()) {
		return reflect.Value.IsZero
	}
	return func(v reflect.Value) bool {
		z, ok := reflect.TypeAssert[zeroer](v.Addr())
		return ok && z.IsZero()
	}
}
