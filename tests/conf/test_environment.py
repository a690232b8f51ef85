"""Every variable of the environment, right and wrong: a wrong one names itself."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from truecount.conf.environment import WrongSetting, read_environment


def test_it_works(tmp_path: Path) -> None:
    found = read_environment({"TRUECOUNT_HOME": str(tmp_path)})
    assert found.home == tmp_path
    assert found.database_url is None
    assert found.clock_offset == 0
    assert found.log == "text"


def test_the_secret_key_is_made_once_and_private(tmp_path: Path) -> None:
    first = read_environment({"TRUECOUNT_HOME": str(tmp_path)}).secret_key
    assert len(first) >= 32
    assert read_environment({"TRUECOUNT_HOME": str(tmp_path)}).secret_key == first
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"TRUECOUNT_DATABASE_URL": "mysql://host/name"}, "TRUECOUNT_DATABASE_URL"),
        ({"TRUECOUNT_DATABASE_URL": "postgresql://host/name"}, "TRUECOUNT_SECRET_KEY"),
        ({"TRUECOUNT_BASE_URL": "truecount.example"}, "TRUECOUNT_BASE_URL"),
        ({"TRUECOUNT_LOG": "xml"}, "TRUECOUNT_LOG"),
        ({"TRUECOUNT_NOW": "tomorrow"}, "TRUECOUNT_NOW"),
        ({"TRUECOUNT_SECRET_KEY": "short"}, "TRUECOUNT_SECRET_KEY"),
        ({"TRUECOUNT_SECRET_KEY_FILE": "no/such/file"}, "TRUECOUNT_SECRET_KEY_FILE"),
    ],
)
def test_a_wrong_value_names_itself(tmp_path: Path, variables: dict[str, str], told: str) -> None:
    with pytest.raises(WrongSetting, match=told):
        read_environment({"TRUECOUNT_HOME": str(tmp_path), **variables})


def test_now_moves_the_clock(tmp_path: Path) -> None:
    then = datetime.now(UTC) + timedelta(days=40)
    found = read_environment({"TRUECOUNT_HOME": str(tmp_path), "TRUECOUNT_NOW": then.isoformat()})
    assert found.clock_offset == pytest.approx(40 * 86400, abs=5)


def test_the_home_of_a_demonstration_has_its_own_clock(tmp_path: Path) -> None:
    (tmp_path / "clock.json").write_text(json.dumps({"offset": 345600.0}))
    assert read_environment({"TRUECOUNT_HOME": str(tmp_path)}).clock_offset == 345600.0
