# vidbuild: `make demo` and `make test` do all the set-up themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# more than there are cores, since tests wait for the commands that they start
JOBS ?= 4

.PHONY: help setup demo check test e2e slow sdk comfy golden language bench peers schedule thousand fonts clean

help: ## list the targets
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(VENV)/.installed ## make the virtual environment and install vidbuild into it

$(VENV)/bin/python:
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); \
	  $(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip --python $(VENV)/bin/python install -q pip; }

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	@echo "installing vidbuild into $(VENV)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e .
	@touch $@

$(VENV)/.tested: pyproject.toml | $(VENV)/bin/python
	@echo "installing vidbuild and its test tools into $(VENV)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev]'
	@touch $(VENV)/.installed $@

demo: setup ## build projects/espresso to finished videos, without a key
	$(BIN)/vidbuild build --draft projects/espresso
	@echo "the finished videos are in projects/espresso/build/draft:"
	@ls projects/espresso/build/draft/*.mp4

check: $(VENV)/.tested ## format, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

test: $(VENV)/.tested ## run the tests, but for the few slow ones
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile -m "not slow"

e2e: $(VENV)/.tested ## run every test of the real command, the slow ones too
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile tests/e2e

slow: $(VENV)/.tested ## run only the slow tests
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile -m slow

sdk: $(VENV)/.tested ## compare our requests with those of the vendors' own packages
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev,sdk]'
	$(BIN)/python -m pytest tests/wire/test_sdk_*.py

comfy: $(VENV)/.tested ## drive a real ComfyUI server: make comfy URL=http://127.0.0.1:8188
	VIDBUILD_REAL_COMFYUI=$(or $(URL),http://127.0.0.1:8188) $(BIN)/python -m pytest -rs tests/contract/test_real_comfyui.py

golden: $(VENV)/.tested ## write goldens anew; read the diff before you commit it
	$(BIN)/python -m pytest --golden tests

language: ## write docs/language.md anew, out of the schema
	$(PYTHON) tools/write_language.py

commands: $(VENV)/.installed ## write docs/commands.md anew, out of the commands
	$(BIN)/python tools/write_commands.py

bench: $(VENV)/.tested ## measure speed, side by side with hand-written ffmpeg
	$(BIN)/python tests/bench/bench.py

peers: ## install the tools that the bench compares with, as far as package indexes have them
	@test -x $(VENV)/peers/bin/python || $(PYTHON) -m venv $(VENV)/peers
	$(VENV)/peers/bin/python -m pip install -q --disable-pip-version-check moviepy==2.1.2
	cd $(VENV)/peers && npm install --no-save --no-audit --no-fund --silent editly@0.14.2

schedule: $(VENV)/.tested ## simulate a build at vendors that take their time, side by side with perfect polling
	$(BIN)/python tests/bench/schedule.py

thousand: $(VENV)/.tested ## memory and CPU of a build that waits for a thousand jobs at a loopback vendor
	$(BIN)/python tests/bench/thousand.py

fonts: setup ## merge the packaged fonts anew: make fonts SOURCES=FOLDER (tools/merge_fonts.py says of what)
	@$(BIN)/python -m pip install -q --disable-pip-version-check fonttools==4.68.0
	$(BIN)/python tools/merge_fonts.py $(SOURCES) vidbuild/fonts

clean: ## remove the virtual environment and everything built
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -rf projects/*/build projects/*/.vidbuild
