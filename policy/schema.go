package policy

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schema []byte

// Schema is the JSON Schema (draft 2020-12) of policy documents, for editors and for checks before a document comes to Go. Load accepts
// nothing that it refuses, and refuses more: a schema does not know that a role is on no ladder. A document cannot name its schema
// ("$schema" is an unknown field); editors have settings for that.
func Schema() []byte { return slices.Clone(schema) }
