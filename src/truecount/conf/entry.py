"""The console command: reads the environment, opens the database when a command needs it, and calls the CLI."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from truecount.conf.database import EmbeddedDatabase
from truecount.conf.environment import Environment, WrongSetting, default_home, read_environment


class Installation:
    """What the commands know of the place they run in; keeps the embedded database open while one runs."""

    def __init__(self) -> None:
        self._database: EmbeddedDatabase | None = None
        self._environment: Environment | None = None

    @property
    def environment(self) -> Environment:
        if self._environment is None:
            self._environment = read_environment(os.environ)
        return self._environment

    def set_up(self) -> None:
        """Make Django ready; touches no database yet."""
        import django  # settings are read at this moment

        _ = self.environment
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truecount.conf.settings")
        django.setup()

    def open(self) -> None:
        """Start or attach to the embedded database, unless an address was given."""
        if self.environment.database_url is None and self._database is None:
            self._database = EmbeddedDatabase(self.environment.home)
            self._database.open()

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def forget(self, home: Path) -> None:
        """Stop and remove the embedded database of a home."""
        EmbeddedDatabase(home).remove()

    def default_demo_home(self) -> Path:
        home = default_home()
        return home.with_name(f"{home.name}-demo")

    def child_variables(self) -> Mapping[str, str]:
        """The environment of a child: the database's address, the key, and the clock where it stands now."""
        environment = self.environment
        address = environment.database_url
        if address is None:
            from truecount.conf.database import url_of

            address = url_of(environment.home)
        variables = os.environ | {"TRUECOUNT_DATABASE_URL": address, "TRUECOUNT_SECRET_KEY": environment.secret_key}
        if environment.clock_offset:
            now = datetime.now(UTC) + timedelta(seconds=environment.clock_offset)
            variables["TRUECOUNT_NOW"] = now.isoformat()
        return variables

    def spawn(self, arguments: Sequence[str], **options: object) -> subprocess.Popen[str]:
        """This same command as a child process."""
        command = [sys.executable, "-m", "truecount.conf.entry", *arguments]
        return subprocess.Popen(command, env=dict(self.child_variables()), text=True, **options)  # type: ignore[call-overload,no-any-return]  # options are Popen's own


def main() -> None:
    """The entry point `truecount`."""
    from truecount.cli.main import run  # commands are slow to import, bad settings should be quick

    installation = Installation()
    try:
        status = run(installation)
    except WrongSetting as wrong:
        print(wrong, file=sys.stderr)  # noqa: T201  # there is no logging yet
        status = 2
    finally:
        installation.close()
    sys.exit(status)


if __name__ == "__main__":
    main()
