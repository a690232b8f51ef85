"""What all commands share: choosing integration and user, answers as text or JSON, errors as sentences."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from django.db import OperationalError, ProgrammingError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from truecount.core.errors import ErrorCode, Misused, Trouble
from truecount.core.roles import Role
from truecount.runs import advice, clock
from truecount.runs.flow import Progress as Tell
from truecount.runs.flow import quiet, told_fields
from truecount.store.models import Integration, User
from truecount.store.seals import check_key

talk = Console(stderr=True, highlight=False)
"""Where people are spoken to; stdout is for answers."""
out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


def command(function: Callable[..., Any]) -> Callable[..., Any]:
    """Every command that uses the database: opens it, checks the key, and turns errors into sentences.

    Adds `--json`; the function gets `as_json` and returns an exit status or None for 0.
    """

    @click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, nothing else there.")
    @click.pass_obj
    @functools.wraps(function)
    def wrapped(installation: Any, /, *args: Any, as_json: bool, **kwargs: Any) -> None:
        status = 0
        try:
            installation.open()
            check_database()
            status = function(*args, as_json=as_json, **kwargs) or 0
        except Trouble as trouble:
            status = tell_trouble(trouble, as_json)
        sys.stdout.flush()
        raise click.exceptions.Exit(status)

    return wrapped


def check_database() -> None:
    """The database answers, has its tables, and knows our key."""
    try:
        check_key(clock.now())
    except ProgrammingError:
        raise Misused(ErrorCode.NO_DATABASE, why="migrate") from None
    except OperationalError as error:
        raise Misused(ErrorCode.NO_DATABASE, why=str(error).strip().splitlines()[0]) from None


def tell_trouble(trouble: Trouble, as_json: bool) -> int:
    """Say what went wrong and what to do; 2 for wrong use, else 1 (3 where a month is not ready yet)."""
    fields = told_fields(trouble)
    text = advice.error_text(str(trouble.code), fields)
    if as_json:
        print_json({"error": {"code": str(trouble.code), "message": text.sentence, "advice": text.advice}})
    else:
        talk.print(f"[bold red]{escape(text.sentence)}[/] {escape(text.advice)}", soft_wrap=True)
    if trouble.code is ErrorCode.NOT_READY:
        return 3
    return 2 if trouble.code in _WRONG_USE else 1


_WRONG_USE = frozenset(
    {
        ErrorCode.UNKNOWN_INTEGRATION,
        ErrorCode.INTEGRATION_NEEDED,
        ErrorCode.UNKNOWN_PARTNER,
        ErrorCode.UNKNOWN_USER,
        ErrorCode.UNKNOWN_PRODUCT,
        ErrorCode.UNKNOWN_ITEM,
        ErrorCode.UNKNOWN_CUSTOMER,
        ErrorCode.UNKNOWN_COMPANY,
        ErrorCode.UNKNOWN_AGREEMENT,
        ErrorCode.UNKNOWN_PLAN,
        ErrorCode.UNKNOWN_HOLD,
        ErrorCode.UNKNOWN_RUN,
        ErrorCode.BAD_PERIOD,
        ErrorCode.LIVE_IS_NOW,
        ErrorCode.BAD_SETTING,
        ErrorCode.BAD_VALUE,
        ErrorCode.BAD_FILE,
        ErrorCode.NAME_TAKEN,
        ErrorCode.REASON_NEEDED,
        ErrorCode.NO_CONNECTION,
    }
)


def print_json(told: Any) -> None:
    sys.stdout.write(json.dumps(told, ensure_ascii=False, default=str) + "\n")


def integration_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--integration", metavar="SLUG", help="Needed where there is more than one.")(function)


def user_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--as", "user", metavar="E-MAIL", help="Who acts; default: the oldest admin.")(function)


def the_integration(slug: str | None) -> Integration:
    rows = Integration.objects.select_related("partner")
    if slug is not None:
        found = rows.filter(slug=slug).first()
        if found is None:
            raise Misused(ErrorCode.UNKNOWN_INTEGRATION, integration=slug)
        return found
    several = list(rows[:2])
    if len(several) != 1:
        known = ", ".join(Integration.objects.values_list("slug", flat=True)) or "–"
        raise Misused(ErrorCode.INTEGRATION_NEEDED, integrations=known)
    return several[0]


def the_user(email: str | None, integration: Integration | None = None) -> User | None:
    """The acting user, of the integration's partner; without any admin yet, Truecount itself acts."""
    people = User.objects.filter(is_active=True)
    if integration is not None:
        people = people.filter(partner=integration.partner)
    if email is None:
        return people.filter(role=Role.ADMIN).order_by("made_at", "pk").first()
    found = people.filter(email__iexact=email).first()
    if found is None:
        raise Misused(ErrorCode.UNKNOWN_USER, user=email)
    return found


@contextmanager
def told_progress() -> Iterator[Tell]:
    """A bar on the terminal for what takes longer than a second; silent where nobody watches."""
    if not talk.is_terminal:
        yield quiet
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=talk, transient=True) as bars:
        task = bars.add_task("…", total=None)

        def tell(phase: str, step: int, steps: int) -> None:
            bars.update(task, description=phase, completed=step, total=steps or None)

        yield tell
