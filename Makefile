# Every target is a few words for a command; what takes more is in scripts/.

.DEFAULT_GOAL := help
.PHONY: help run build check test bench torture

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## Build the server and run it, with its data in ./openkitty-data
	bin/openkitty serve

# The program tells the commit it was built from, where git can be asked.
vcs := $(shell git rev-parse -q --verify HEAD >/dev/null 2>&1 && echo true || echo false)

build: ## Build bin/openkitty
	CGO_ENABLED=0 go build -trimpath -buildvcs=$(vcs) -o bin/openkitty ./cmd/openkitty

check: ## Format, vet and layout, in seconds
	scripts/check

test: ## Everything that must pass; installs what it needs and is missing
	scripts/test

bench: build ## Measure this machine, and the server on it
	bin/openkitty bench all

torture: build ## Kill the server while it works, break its connections, and look for lost messages
	scripts/torture
	scripts/torture resume
