# The DeepSeek Shock.  `make` alone lists what there is.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
JOBS   ?= 2
# For BOOK=event: another file than event.toml, for instance EVENT=events/placebo-day.toml
EVENT  ?=
# For BOOK=ledger: the folder of a ledger
LEDGER ?= ledgers/friday
# Whether the book's chapters can run in their pages: 40 MB more on the site
LAB    ?= 1
# Where `make serve` answers
PORT   ?= 8000
EPUB   := $(BIN)/jupyter-book build . --builder custom --custom-builder epub --quiet && cp _build/epub/*.epub _build/
export TZ := UTC
export PYTHONHASHSEED := 0
export VOLUMES
# Without stored bytecode each of a test run's many processes compiles every module again
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help book test lab serve student slides notebooks check refresh bench soak pdf epub clean

help: ## list the commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(READY): requirements.lock pyproject.toml
	@echo "Setting up $(VENV) (some minutes the first time)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 book"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

book: $(READY) ## build the site into _build/html (BOOK=event or ledger: a small one; VOLUMES=1: with PDF and EPUB)
	@$(BIN)/python -m shockbook check --quick
ifeq ($(BOOK),ledger)
	@$(BIN)/python -m shockbook ledger-book $(LEDGER)
else ifeq ($(BOOK),event)
	@$(BIN)/python -m shockbook event-book $(EVENT)
else
ifdef VOLUMES
	@$(BIN)/python -m shockbook pdf
	@$(EPUB)
endif
	@LAB=$(LAB) $(BIN)/jupyter-book build . --warningiserror --nitpick --keep-going --quiet
	@echo "Open _build/html/index.html"
endif

test: $(READY) ## every test: library, data, notebooks, site, browser
	@$(BIN)/python -m shockbook check --quick
	@$(BIN)/ruff check --quiet .
	@$(BIN)/pytest -q -n $(JOBS)

pdf: $(READY) ## the whole book as one PDF (needs Chromium)
	@$(BIN)/python -m shockbook check --quick
	@$(BIN)/python -m shockbook pdf

epub: $(READY) ## the whole book as one EPUB
	@$(BIN)/python -m shockbook check --quick
	@$(EPUB)

lab: $(READY) ## open the chapters in JupyterLab (what is saved is tidied, so that git sees no noise)
	@$(BIN)/jupyter lab --notebook-dir chapters --FileContentsManager.pre_save_hook=shockbook.notebooks.before_save

serve: book ## build the site and serve it on this machine (PORT=8001: elsewhere)
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

notebooks: $(READY) ## run the chapters again and store their outputs
	@$(BIN)/python -m shockbook notebooks

student: $(READY) ## the chapters without solutions, with an autograder (REPO= and HUB= for links)
	@$(BIN)/python -m shockbook student $(if $(REPO),--repo "$(REPO)") $(if $(HUB),--hub "$(HUB)")

slides: $(READY) ## slides from the chapters, in _build/slides, to show without a network
	@$(BIN)/python -m shockbook slides

check: $(READY) ## validate every data file against its description
	@$(BIN)/python -m shockbook check

refresh: $(READY) ## fill another folder from the live sources, check it, replace the data whole
	@$(BIN)/python -m shockbook refresh

bench: $(READY) ## measure speed against named alternatives
	@$(BIN)/python benchmarks/run.py

soak: $(READY) ## the long campaigns (up to an hour)
	@$(BIN)/python benchmarks/soak.py

clean: ## remove what was built (not the environment)
	@rm -rf _build
