"""Installs are locked: exact versions with hashes, no addresses, and all that the project asks for."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.architecture.tree import ROOT

LOCKS = ("requirements.txt", "requirements-dev.txt")
PINNED = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)


def locked(name: str) -> dict[str, str]:
    return dict(PINNED.findall((ROOT / name).read_text(encoding="utf-8")))


def asked(*, dev: bool) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = list(project["project"]["dependencies"]) + list(project["build-system"]["requires"])
    wanted += project["project"]["optional-dependencies"]["dev"] if dev else []
    return {re.split(r"[^a-z0-9._-]", line.lower())[0] for line in wanted}


@pytest.mark.parametrize("name", LOCKS)
def test_only_versions_and_hashes(name: str) -> None:
    """One requirement per paragraph of continued lines: a pin, perhaps a marker, and at least one hash."""
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = [line for line in text.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
    form = re.compile(r"[a-z0-9._-]+==\S+( ; .+?)?(\s+--hash=sha256:[0-9a-f]{64})+")
    assert [entry[:60] for entry in entries if not form.fullmatch(entry.strip())] == []
    assert "://" not in text


@pytest.mark.parametrize(("name", "dev"), [("requirements.txt", False), ("requirements-dev.txt", True)])
def test_all_that_is_asked_for_is_locked(name: str, dev: bool) -> None:
    assert asked(dev=dev) - set(locked(name)) == set()


def test_development_runs_what_is_shipped() -> None:
    shipped, developed = (locked(name) for name in LOCKS)
    assert {name: version for name, version in shipped.items() if developed.get(name) != version} == {}
