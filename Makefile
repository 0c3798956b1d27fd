# Every command of the project. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
BIN := .venv/bin
export PYTHON ?=

.PHONY: help
help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 18

.PHONY: install
install: ## install what the product needs to run
	@scripts/bootstrap
	scripts/npm
	$(BIN)/python scripts/messages compile

.PHONY: install-dev
install-dev: ## install what its developers need besides
	@scripts/bootstrap dev
	scripts/npm
	$(BIN)/python scripts/messages compile

.PHONY: demo
demo: install ## serve the demo at http://127.0.0.1:8000 (BIHUAN_PORT=…, FRESH=1 makes it anew)
	@exec $(BIN)/bihuan demo --port $${BIHUAN_PORT:-8000} $(if $(FRESH),--fresh)

.PHONY: test
test: install-dev ## run every test: SQLite, PostgreSQL, browser
	@exec $(BIN)/python scripts/test $(ARGS)

.PHONY: check
check: install-dev ## lint, form, walls, types, system checks, migrations
	@exec scripts/check

.PHONY: assets
assets: ## copy what pages are served with, and draw the icons they name
	@scripts/bootstrap
	scripts/npm

.PHONY: pictures
pictures: install-dev ## take the README's pictures from the demo
	@exec $(BIN)/python scripts/pictures

.PHONY: messages
messages: ## bring the catalogues up to date with the sources
	@scripts/bootstrap dev
	$(BIN)/python scripts/messages update

.PHONY: format
format: ## put Python and templates into form
	@scripts/bootstrap dev
	$(BIN)/ruff check --quiet --fix . || true
	$(BIN)/ruff format .
	$(BIN)/djlint --quiet --reformat src || $(BIN)/djlint --quiet --reformat src || true

.PHONY: lock
lock: ## write the lock files again (ARGS=--upgrade takes newer versions)
	@scripts/bootstrap dev
	scripts/lock $(ARGS)

.PHONY: bench
bench: install-dev ## measure pages, import and ledger, and print ratios
	@exec $(BIN)/python -m benchmarks $(ARGS)

.PHONY: bench-engines
bench-engines: install-dev ## measure the engines against their peers, and print ratios
	@exec $(BIN)/python -m benchmarks.engines $(ARGS)

.PHONY: clean
clean: ## remove what was installed and built; the data in var/ stays
	@rm -rf .venv node_modules src/bihuan/ui/static/vendor .pytest_cache .mypy_cache .ruff_cache
	find src -name '*.mo' -delete
