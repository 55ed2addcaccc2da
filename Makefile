# Stamp files in .venv and var/tools record what is installed, so a second run installs nothing.
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/.venv/bin:$(PATH)

ifdef PORT
export SITE_URL := http://localhost:$(PORT)
endif
PORT ?= 8000
export PORT


help:  ## List these targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s '	'

run: free-port .venv/.installed .env  ## Serve the site at http://localhost:8000 (for another port: PORT=8123 make run)
	@python -m tools.run_alone $(MAKE) --no-print-directory serve

serve:
	@python manage.py migrate --verbosity 0
	@python manage.py collectstatic --no-input --verbosity 0
	@python manage.py prerender --skip-checks
	@python -m tools.welcome $(DEMO)
	@gunicorn albany_site.wsgi & web=$$!; \
	python manage.py worker --skip-checks & worker=$$!; \
	trap 'kill $$web $$worker 2>/dev/null; wait' EXIT; trap 'exit 0' INT TERM HUP; \
	wait $$web

dev: free-port .venv/.installed .env  ## Serve the site with Django's development server, DEBUG and autoreload
	python manage.py migrate --verbosity 0
	DEBUG=True python manage.py runserver $(PORT)

staff: .venv/.installed .env  ## Create a staff account and show its password (NAME=dana GROUP="Front desk" or Manager)
	@python manage.py migrate --verbosity 0
	@python -m tools.run_beside python manage.py make_staff $(if $(NAME),"--name=$$NAME") $(if $(GROUP),"--group=$$GROUP")

# Discard email, because the made-up people have no real addresses.
demo: export DATABASE_URL := sqlite:///var/demo.sqlite3
demo: export EMAIL_URL := dummymail://
demo: export BUILD_DIR := var/demo-build
demo: export DEMO := demo
demo: free-port .venv/.installed .env  ## Serve the site with a desk full of made-up requests, and show a login for it
	@python -m tools.run_alone $(MAKE) --no-print-directory serve-demo

serve-demo:
	@rm -f var/demo.sqlite3*
	@python manage.py migrate --verbosity 0
	@python manage.py make_demo
	@$(MAKE) --no-print-directory serve

test: .venv/.browser  ## Run every test that needs only Python and a browser
	python -m pytest --numprocesses auto -m "not system and not faults" --ignore tests/system --ignore tests/faults

test-fast: .venv/.tests-installed  ## Run the tests that need no browser
	python -m pytest --numprocesses auto -p no:playwright -m "not system and not faults" --ignore tests/system --ignore tests/faults --ignore tests/browser

check: .venv/.browser  ## Check formatting and lint, and run every test except faults
	ruff format --check .
	ruff check .
	git ls-files -z 'templates/*.html' | xargs -0 djade --target-version 5.2 --check
	$(MAKE) test
	$(MAKE) test-system

test-system: .venv/.browser .venv/.neighbours  ## Run the tests that need Node, PostgreSQL, nginx or systemd
	python -m pytest -m system
	python -m tools.postgresql python -m pytest -m "not system and not faults and not looks"

faults: .venv/.browser .venv/.neighbours  ## Break the site on purpose (killed workers, full disk, rotated keys), and write what happened to tools/bench/FAULTS.md
	FAULTS_TABLE=tools/bench/FAULTS.md python -m pytest -m faults --capture=no

stack: .venv/.tests-installed .venv/.neighbours  ## Run what deploy/ describes: nginx, two web processes, PostgreSQL and the worker
	@python -m tools.stack

deploy-check: .venv/.installed .env  ## List what to fix before going live, and facts that only the clinic can supply
	@python -m tools.run_beside python manage.py deploy_check

lock: var/tools/.installed  ## Update the lock files after you change a requirements.txt
	for folder in . tests tests/system; do (cd $$folder && $(CURDIR)/var/tools/bin/uv pip compile --quiet --universal \
		--python-version 3.11 --generate-hashes --custom-compile-command "make lock" requirements.txt \
		--output-file requirements.lock) || exit 1; done

audit: var/tools/.installed  ## Check our packages for known vulnerabilities, using PyPI's database
	@var/tools/bin/pip-audit --require-hashes --disable-pip --requirement requirements.lock >var/audit.txt 2>&1; \
	found=$$?; cat var/audit.txt; \
	if grep -qE "could not be audited|Error|error" var/audit.txt; then \
	  echo; echo "Some packages could not be checked, so their vulnerabilities are unknown."; \
	  echo "Run this again on a machine that can reach pypi.org."; exit 1; fi; exit $$found

bench: .venv/.browser .venv/.node  ## Measure speed against peers, and with BEFORE=revision against an older form (needs wrk and nginx)
	python -m tools.bench $(if $(BEFORE),--before $(BEFORE))

fix: .venv/.tests-installed  ## Format the code and fix lint errors that can be fixed automatically
	ruff format .
	ruff check --fix .
	-git ls-files -z 'templates/*.html' | xargs -0 djade --target-version 5.2

screenshots: .venv/.browser  ## Take screenshots of the main pages (var/screenshots) and for the README (docs)
	python -m tools.screenshots

icons: .venv/.browser  ## Redraw the icons and social cards after you change static/img/favicon.svg or a drawing
	python -m tools.icons

.venv/.installed: requirements.lock
	python3 -m venv .venv
	pip install --quiet --require-hashes --requirement requirements.lock
	touch $@

.venv/.tests-installed: tests/requirements.lock .venv/.installed
	pip install --quiet --require-hashes --requirement tests/requirements.lock
	touch $@

# In a separate environment, so that these tools don't affect the packages they lock.
var/tools/.installed:
	python3 -m venv var/tools
	var/tools/bin/pip install --quiet uv==0.13.9 pip-audit==2.10.1
	touch $@

.venv/.browser: .venv/.tests-installed
	python -m tools.browser_path
	touch $@

.venv/.node: tests/system/requirements.lock .venv/.tests-installed
	pip install --quiet --require-hashes --requirement tests/system/requirements.lock
	touch $@

.venv/.neighbours: tools/neighbours.py .venv/.node
	python -m tools.neighbours
	touch $@

# Targets that serve the site list free-port first, so that a port in use is reported before anything is installed.
free-port:
	@python3 -m tools.check_port

.env:
	@umask 077; python3 -m tools.new_env > $@.new && mv $@.new $@ || { rm -f $@.new; exit 1; }

.PHONY: help free-port screenshots icons run serve dev staff demo serve-demo test test-fast test-system bench check faults stack deploy-check lock audit fix
