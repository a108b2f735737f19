package jsondoc

// Literal is what stands in the document for a value that is neither text nor container.
func (v Value) Literal() string { return v.n.text }

// IsNull tells whether the value is null.
func (v Value) IsNull() bool { return v.is(kindNull) }
