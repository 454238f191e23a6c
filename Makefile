# Each target is the one line that the README shows; nothing else happens here.
PYTHON ?= python3
UV = .uv/bin/uv
LAN ?= 0

.PHONY: run test setup lock clean

run: .venv/.run
	.venv/bin/sipas run $(if $(filter 1,$(LAN)),--lan)

test: .venv/.dev
	.venv/bin/python -m pytest

setup: .venv/.dev

$(UV):
	$(PYTHON) -m venv .uv && .uv/bin/pip install --quiet --disable-pip-version-check uv==0.13.9

# A development environment also serves: `make run` after `make test` installs nothing anew.
.venv/.run: requirements.lock pyproject.toml | $(UV)
	test -e .venv/.dev || ( $(UV) venv --quiet --allow-existing --python $(PYTHON) .venv && VIRTUAL_ENV=.venv $(UV) pip sync --quiet --compile-bytecode --require-hashes requirements.lock && VIRTUAL_ENV=.venv $(UV) pip install --quiet --no-deps --no-build-isolation -e . )
	touch $@

.venv/.dev: requirements-dev.lock pyproject.toml | $(UV)
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	VIRTUAL_ENV=.venv $(UV) pip sync --quiet --compile-bytecode --require-hashes requirements-dev.lock
	VIRTUAL_ENV=.venv $(UV) pip install --quiet --no-deps --no-build-isolation -e .
	touch $@ .venv/.run

lock: | $(UV)
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra build pyproject.toml -o requirements.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra build --extra dev pyproject.toml -o requirements-dev.lock

clean:
	rm -rf .venv .uv var
