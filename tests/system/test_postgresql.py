import urllib.request

import psycopg
import pytest

from tests.helpers.live_site import RunningSite
from tools.postgresql import PostgreSQL

pytestmark = pytest.mark.system


def status(url: str) -> int:
    with urllib.request.urlopen(url, timeout=15) as response:
        return response.status


def test_database_url_alone_moves_the_site_to_postgresql(tmp_path, database_url):
    with RunningSite(tmp_path, DATABASE_URL=database_url) as site:
        assert status(site.url + "/staff/login/") == 200
        assert "[X] 0001_initial" in site.manage("showmigrations", "consultations")
    assert not (tmp_path / "db.sqlite3").exists()


def test_a_stopped_cluster_leaves_no_server_and_no_folder():
    with PostgreSQL() as cluster:
        url = cluster.url("postgres")
        psycopg.connect(url).close()
    assert not cluster.folder.exists()
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(url)
