"""Published clients of others, unmodified, in an environment of their own inside this one's folder; no run-time part.

Python clients come with hashes (requirements.txt), the one of npm with its integrity sums (node/package-lock.json).
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.conftest import CLIENT_ID, Simulator, running

HERE = Path(__file__).parent
LOCKS = (HERE / "requirements.txt", HERE / "node" / "package-lock.json")

Run = Callable[..., dict[str, Any]]


def _run(*command: str | Path, cwd: Path | None = None) -> None:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def _making(folder: Path) -> Iterator[bool]:
    """Whether the folder is still to be made; other test processes wait for the one that makes it."""
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        missing = not (folder / "ready").exists()
        if missing:
            shutil.rmtree(folder, ignore_errors=True)
        yield missing
        (folder / "ready").touch()


@pytest.fixture(scope="session")
def environment() -> Path:
    """Made once for what is locked; a half-made one is made again."""
    digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in LOCKS)).hexdigest()[:12]
    folder = Path(sys.prefix) / f"clients-{digest}"
    with _making(folder) as missing:
        if missing:
            _make(folder)
    return folder


def _make(folder: Path) -> None:
    venv.create(folder, with_pip=True)
    pip: list[str | Path] = [
        folder / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    _run(*pip, "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", LOCKS[0])


@pytest.fixture(scope="session")
def node(environment: Path) -> Path:
    """The folder of the npm client."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = environment / "node"
    with _making(folder) as missing:
        if missing:
            shutil.copytree(HERE / "node", folder)
            _run("npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", cwd=folder)
    return folder


@pytest.fixture(scope="session")
def _server() -> Iterator[Simulator]:
    with running("--customers", "30") as simulator:
        yield simulator


@pytest.fixture
def simulator(_server: Simulator) -> Simulator:
    assert _server.control("POST", "reset").status_code == 204
    return _server


@pytest.fixture
def run(simulator: Simulator, environment: Path) -> Run:
    """Runs a script of scripts/ with one of the clients; it prints what it saw as JSON."""

    def start(script: str, *, node: Path | None = None, **given: object) -> dict[str, Any]:
        variables = {
            "CONNECTWISE": simulator.connectwise,
            "TLS": simulator.tls,
            "SOPHOS": simulator.sophos,
            "CLIENT_ID": CLIENT_ID,
            "REQUESTS_CA_BUNDLE": str(simulator.certificate),
            "NODE_EXTRA_CA_CERTS": str(simulator.certificate),
            "PATH": os.environ["PATH"],
            "GIVEN": json.dumps(given),
        }
        file = HERE / "scripts" / script
        program: list[str | Path] = [environment / "bin" / "python", file]
        if node is not None:
            shutil.copy(file, node / script)
            program = ["node", node / script]
        done = subprocess.run(
            [str(part) for part in program], env=variables, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return seen

    return start
