package policy

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schema []byte

// Schema is the JSON Schema (draft 2020-12) of policy documents, for editors and for checks before a document comes to Go. Load accepts
// nothing that it refuses, and refuses more: a schema does not know that a role is on no ladder. A document may say where its schema is
// ("$schema"), so that editors find it; Load ignores that, and Set.Document leaves it out.
func Schema() []byte { return slices.Clone(schema) }
