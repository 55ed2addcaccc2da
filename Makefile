# Every target depends on the stamp of what it needs, so a second call installs nothing.
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/.venv/bin:$(PATH)

ifdef PORT
export SITE_URL := http://localhost:$(PORT)
endif
PORT ?= 8000
export PORT

define WELCOME
from albany_site.settings import SITE_URL, STAFF_PATH
print(f"""
  The site:   {SITE_URL}/
  For staff:  {SITE_URL}/{STAFF_PATH}   (make staff makes an account)
  Ctrl-C ends it.
""")
endef
export WELCOME

help:  ## List these targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s '	'

run: .venv/.installed .env  ## Serve the real site at http://localhost:8000 (PORT=8123 moves it)
	@python manage.py migrate --verbosity 0
	@python manage.py collectstatic --no-input --verbosity 0
	@python manage.py prerender --skip-checks
	@python -c "$$WELCOME"
	@gunicorn albany_site.wsgi & web=$$!; \
	python manage.py deliver_notifications --loop --skip-checks & worker=$$!; \
	trap 'kill $$web $$worker 2>/dev/null; wait' EXIT; trap 'exit 0' INT TERM HUP; \
	wait $$web

dev: .venv/.installed .env  ## Django's autoreloading server, with DEBUG
	python manage.py migrate --verbosity 0
	DEBUG=True python manage.py runserver $(PORT)

staff: .venv/.installed .env  ## A staff account with its second factor (NAME=dana, GROUP="Front desk" or Manager)
	@python manage.py migrate --verbosity 0
	@python manage.py make_staff $(if $(NAME),--name '$(NAME)') $(if $(GROUP),--group '$(GROUP)')

# Its mails go nowhere: it has no one to tell.
demo: export DATABASE_URL := sqlite:///var/demo.sqlite3
demo: export EMAIL_URL := dummymail://
demo: .venv/.installed .env  ## The site with a desk full of plainly made-up requests, and a login to look at it
	@rm -f var/demo.sqlite3*
	@python manage.py migrate --verbosity 0
	@python manage.py make_demo
	@$(MAKE) --no-print-directory run

test: .venv/.browser  ## Every test that needs nothing else than a browser
	python -m pytest --numprocesses auto -m "not system and not faults" --ignore tests/system --ignore tests/faults

test-fast: .venv/.tests-installed  ## The part without a browser
	python -m pytest --numprocesses auto -p no:playwright -m "not system and not faults" --ignore tests/system --ignore tests/faults --ignore tests/browser

check: .venv/.browser  ## Formatters and linters in check mode, and every test
	ruff format --check .
	ruff check .
	git ls-files -z 'templates/*.html' | xargs -0 djade --target-version 5.2 --check
	$(MAKE) test
	$(MAKE) test-system

test-system: .venv/.browser .venv/.neighbours  ## With the real neighbours: Node, PostgreSQL, nginx, systemd
	python -m pytest -m system
	python -m tests.system.postgresql python -m pytest --numprocesses auto -m "not system and not faults and not looks"

faults: .venv/.browser .venv/.neighbours  ## What breaks, and what happens then: killed workers, lost answers, changed keys
	python -m pytest -m faults --capture=no

stack: .venv/.tests-installed .venv/.neighbours  ## Two web processes, PostgreSQL, nginx and the worker, as deploy/ has them
	@python -m tests.system.stack

deploy-check: .venv/.installed .env  ## What this machine lacks, and what only the clinic can say
	@python manage.py deploy_check

lock: var/tools/.installed  ## Write the lock files anew, after a change of a requirements.txt
	for folder in . tests tests/system; do (cd $$folder && $(CURDIR)/var/tools/bin/uv pip compile --quiet --universal \
		--python-version 3.11 --generate-hashes --custom-compile-command "make lock" requirements.txt \
		--output-file requirements.lock) || exit 1; done

audit: var/tools/.installed  ## Known weaknesses in what production runs; asks the advisory service of PyPI
	@var/tools/bin/pip-audit --require-hashes --disable-pip --requirement requirements.lock >var/audit.txt 2>&1; \
	found=$$?; cat var/audit.txt; \
	if grep -qE "could not be audited|Error|error" var/audit.txt; then \
	  echo; echo "Some packages could not be asked about: of these nothing is known, good or bad. Ask again"; \
	  echo "from a machine that reaches the advisory service at pypi.org."; exit 1; fi; exit $$found

bench: .venv/.browser .venv/.node  ## Speed beside peers, as ratios; needs wrk, and nginx to compare with (a quarter of an hour)
	python -m tests.bench

fix: .venv/.tests-installed  ## Format and mend what can be mended
	ruff format .
	ruff check --fix .
	-git ls-files -z 'templates/*.html' | xargs -0 djade --target-version 5.2

screenshots: .venv/.browser  ## Pictures of the main pages, at three widths, light and dark, into var/screenshots
	python -m tests.screenshots

icons: .venv/.browser  ## Draw the icons again when the mark, static/img/favicon.svg, has changed
	python -m tests.icons

.venv/.installed: requirements.lock
	python3 -m venv .venv
	pip install --quiet --require-hashes --requirement requirements.lock
	touch $@

.venv/.tests-installed: tests/requirements.lock .venv/.installed
	pip install --quiet --require-hashes --requirement tests/requirements.lock
	touch $@

# Apart from the site's own packages: what writes the lock files must not change what is in them.
var/tools/.installed:
	python3 -m venv var/tools
	var/tools/bin/pip install --quiet uv==0.13.9 pip-audit==2.10.1
	touch $@

.venv/.browser: .venv/.tests-installed
	python -m tests.browser_path
	touch $@

.venv/.node: tests/system/requirements.lock .venv/.tests-installed
	pip install --quiet --require-hashes --requirement tests/system/requirements.lock
	touch $@

.venv/.neighbours: tests/system/neighbours.py .venv/.node
	python -m tests.system.neighbours
	touch $@

# Fresh keys, and nobody's defaults: the example holds none.
define FRESH_ENV
import base64, re, secrets
key = lambda: "1:" + base64.b64encode(secrets.token_bytes(32)).decode()
fresh = {"SECRET_KEY": secrets.token_urlsafe(50), "FIELD_KEYS": key(), "LOOKUP_KEYS": key()}
print(re.sub(r"^(\w+)=$$", lambda line: line[0] + fresh.get(line[1], ""), open(".env.example").read(), flags=re.M), end="")
endef
export FRESH_ENV

.env:
	@umask 077; python3 -c "$$FRESH_ENV" > $@.new && mv $@.new $@

.PHONY: help screenshots icons run dev staff demo test test-fast test-system bench check faults stack deploy-check lock audit fix
