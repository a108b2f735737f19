.DEFAULT_GOAL := help
.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: test
test: ## run all tests of all modules
	go test work

.PHONY: race
race: ## run them with the race detector, in random order
	.ci/run test

.PHONY: lint
lint: ## vet and lint every module
	.ci/run vet lint

.PHONY: fmt
fmt: ## format every file
	"$$(.ci/tools)"/gofumpt -w $$(git ls-files --cached --others --exclude-standard -- '*.go')

.PHONY: tidy
tidy: ## tidy every go.mod
	for mod in $$(git ls-files --cached --others --exclude-standard -- go.mod '*/go.mod'); do \
		(cd "$$(dirname "$$mod")" && GOWORK=off go mod tidy) || exit; done

.PHONY: bench
bench: ## measure every benchmark of the workspace
	go test -run='^$$' -bench=. -benchmem work

.PHONY: examples
examples: ## run every example program
	.ci/run examples

.PHONY: fuzz
fuzz: ## fuzz every decoder for FUZZTIME each (10000x: so many inputs)
	.ci/run fuzz

.PHONY: ci
ci: ## all that must hold before a change goes in
	.ci/run
