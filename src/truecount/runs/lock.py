"""One run per integration at a time, whoever starts it and on whichever machine: an advisory lock of PostgreSQL.

A lock lives as long as its own database connection, so a process that dies lets go of it at once, and no transaction is
open while a remote system is waited for.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from truecount.core.errors import Busy, ErrorCode
from truecount.store.models import Integration, Run

_LOCK, _TURN = 0x7C0, 0x17E


def place() -> str:
    """This machine and process, for the one who is told that the integration is busy."""
    return f"{socket.gethostname()}:{os.getpid()}"


@contextmanager
def held(run: Run, now: datetime) -> Iterator[None]:
    """Hold the run's integration, or raise `Busy` naming the run that does."""
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, run.integration_id])
            if not cursor.fetchone()[0]:
                raise _busy(run.integration)
        try:
            _take(run, now)
            yield
            Integration.objects.filter(pk=run.integration_id, holder=run).update(holder=None)
        finally:
            _let_go(own)
    finally:
        own.close()


@contextmanager
def turn(integration: Integration, name: str) -> Iterator[None]:
    """Wait until nobody else does the thing of that name; two clicks on one button go one after the other."""
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [_TURN, f"{integration.pk}/{name}"])
        try:
            yield
        finally:
            _let_go(own)
    finally:
        own.close()


def _let_go(own: BaseDatabaseWrapper) -> None:
    """Said outright: the server notices a closed connection a moment later, and the next one would find it busy."""
    with suppress(DatabaseError), own.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock_all()")


def _take(run: Run, now: datetime) -> None:
    """Name the new holder. Whoever was named before is dead, for it lost the lock: its run was interrupted."""
    last = Integration.objects.select_related("holder").get(pk=run.integration_id).holder
    if last is not None and last.state == "running" and last.pk != run.pk:
        error = {"code": str(ErrorCode.INTERRUPTED), "fields": {"place": last.place}}
        Run.objects.filter(pk=last.pk, state="running").update(state="failed", error=error, finished_at=now)
    Integration.objects.filter(pk=run.integration_id).update(holder=run)


def _busy(integration: Integration) -> Busy:
    holder = Integration.objects.select_related("holder__by").get(pk=integration.pk).holder
    if holder is None:
        return Busy(ErrorCode.BUSY, integration=integration.slug, run="?", who="?", since="?", where="?")
    return Busy(
        ErrorCode.BUSY,
        integration=integration.slug,
        run=holder.pk,
        who=holder.by.email if holder.by else holder.trigger,
        since=holder.started_at.isoformat(timespec="seconds"),
        where=holder.place,
    )
