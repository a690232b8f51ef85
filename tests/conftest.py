"""What all tests stand on: a home of their own with a real PostgreSQL, started once per test process."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import django
from hypothesis import settings as hypothesis

if TYPE_CHECKING:
    from truecount.conf.database import EmbeddedDatabase

HOME = Path(tempfile.mkdtemp(prefix="truecount-tests-"))
os.environ.update(TRUECOUNT_HOME=str(HOME), DJANGO_SETTINGS_MODULE="truecount.conf.settings")
for name in ("TRUECOUNT_DATABASE_URL", "TRUECOUNT_SECRET_KEY", "TRUECOUNT_SECRET_KEY_FILE", "TRUECOUNT_NOW"):
    os.environ.pop(name, None)


# A machine that is busy with other things is no reason to fail.
hypothesis.register_profile("truecount", deadline=None)
hypothesis.load_profile("truecount")

# Here and not in a hook: the conftests of the folders below import models.
django.setup()


def pytest_configure() -> None:
    """Start the database; it goes away with the process."""
    from truecount.conf.database import EmbeddedDatabase

    database = EmbeddedDatabase(HOME)
    database.open()
    atexit.register(_remove, database)


def _remove(database: EmbeddedDatabase) -> None:
    database.close()
    database.remove()
    shutil.rmtree(HOME, ignore_errors=True)
