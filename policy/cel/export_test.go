package cel

import "cel.dev/cel-go/cel"

// NewWith is New with more for cel-go: a function that panics, say.
func NewWith(o *Options, extra ...cel.EnvOption) (*Compiler, error) { return newCompiler(o, extra...) }
