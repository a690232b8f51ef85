"""What must never be in the repository: a registry's address, a path of somebody's machine, a large file."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, files, named, texts

LARGEST = 1_500_000
HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
A_MACHINE = re.compile(r"(?<![\w.-])/(?:work|home|root|Users)/[A-Za-z]")


@pytest.fixture(scope="module")
def registries() -> list[str]:
    """Names of the package registries, asked of the tools themselves so that none is written here."""
    ask = "from pip._internal.models.index import PyPI as p; print(p.netloc, p.file_storage_domain)"
    told = [
        subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True).stdout
        for arguments in (("-c", ask), ("-m", "pip", "config", "list"))
    ]
    apt = Path("/etc/apt")
    sources = [*apt.glob("sources.list"), *apt.glob("sources.list.d/*")]
    told += [path.read_text(encoding="utf-8", errors="replace") for path in sources]
    hosts = {host for text in told for host in HOST.findall(text)}
    return sorted(host for host in hosts if host.endswith((".org", ".com", ".io", ".net")))


def test_no_registry_is_named(registries: list[str]) -> None:
    assert registries, "pip names no registry: this test would find nothing"
    naming = [f"{path}: {host}" for path, text in texts() for host in registries if host in text]
    assert naming == []


def test_no_path_of_a_machine() -> None:
    here = str(ROOT)
    found = [
        f"{path}:{number}: {line.strip()[:80]}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if A_MACHINE.search(line) or (here.count("/") > 1 and here in line)
    ]
    assert found == []


def test_no_large_file() -> None:
    assert [named(path) for path in files() if path.stat().st_size > LARGEST] == []


def test_a_machine_path_is_noticed() -> None:
    assert A_MACHINE.search("see " + "/home" + "/anna/notes")
    assert not A_MACHINE.search("https://example.com/api/home/start")
