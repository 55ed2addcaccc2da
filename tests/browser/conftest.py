"""A browser of this machine, against gunicorn serving the built site."""

import os

import pytest

from tests.browser.face import write_font_configuration
from tests.browser_path import HELP, find_browser
from tests.running_site import RunningSite, share_template

# pytest-playwright runs its own event loop, and Django takes that for an async view.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session", autouse=True)
def template(tmp_path_factory, request):
    """One empty database and one set of static files, for the sites of all workers."""
    base = tmp_path_factory.getbasetemp()
    share_template((base.parent if hasattr(request.config, "workerinput") else base) / "template")


@pytest.fixture(scope="session")
def site(tmp_path_factory, template):
    with RunningSite(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="session")
def base_url(site):
    return site.url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args, tmp_path_factory):
    path = find_browser()
    assert path, HELP
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    fonts = {"FONTCONFIG_FILE": str(write_font_configuration(tmp_path_factory.mktemp("face")))}
    return browser_type_launch_args | {"executable_path": path, "args": arguments, "env": os.environ | fonts}
