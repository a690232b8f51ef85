"""The embedded PostgreSQL: starting, sharing, stopping, surviving, and leaving other people's folders alone."""

from __future__ import annotations

import os
import signal
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from truecount.conf.database import EmbeddedDatabase, url_of
from truecount.conf.environment import WrongSetting


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "home"
        yield path
        EmbeddedDatabase(path).remove()


def test_it_works(home: Path) -> None:
    database = EmbeddedDatabase(home)
    address = database.open()
    assert address == url_of(home)
    with psycopg.connect(address) as connection:
        version = connection.execute("SHOW server_version").fetchone()
    assert version is not None
    assert version[0].startswith("18.")
    database.close()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address)


def test_the_address_is_known_before_the_first_start(home: Path) -> None:
    before = url_of(home)
    database = EmbeddedDatabase(home)
    assert database.open() == before
    database.close()


def test_the_last_one_to_close_stops_it(home: Path) -> None:
    first, second = EmbeddedDatabase(home), EmbeddedDatabase(home)
    address = first.open()
    second.open()
    first.close()
    psycopg.connect(address).close()
    second.close()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address)


def test_a_server_left_by_a_killed_owner_is_attached_to(home: Path) -> None:
    child = os.fork()
    if child == 0:
        EmbeddedDatabase(home).open()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    psycopg.connect(url_of(home)).close()
    database = EmbeddedDatabase(home)
    database.open()
    database.close()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url_of(home))


def test_no_mode_of_any_folder_around_changes() -> None:
    """As root, PostgreSQL runs as another user; a private folder above the home must stay private."""
    with tempfile.TemporaryDirectory() as folder:
        private = Path(folder) / "private"
        private.mkdir(mode=0o700)
        home = private / "home"
        around = [private, *private.parents, Path.home(), Path(__file__).parent, Path(psycopg.__file__).parent]
        before = {path: stat.S_IMODE(path.stat().st_mode) for path in around}
        database = EmbeddedDatabase(home)
        psycopg.connect(database.open()).close()
        database.close()
        assert {path: stat.S_IMODE(path.stat().st_mode) for path in around} == before
        database.remove()


def test_data_of_another_major_version_is_refused(home: Path) -> None:
    database = EmbeddedDatabase(home)
    database.open()
    database.close()
    mark = (home / "pg" / "data").resolve() / "PG_VERSION"
    mark.write_text("17\n")
    with pytest.raises(WrongSetting, match="made by PostgreSQL 17"):
        EmbeddedDatabase(home).open()
    mark.write_text("18\n")
