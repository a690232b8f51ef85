"""Export and import of an integration's whole configuration as one file: refused whole, or kept whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from truecount.core.errors import ErrorCode, Misused
from truecount.core.roles import Action
from truecount.runs import transfer_rows as rows
from truecount.runs.audit import record, require
from truecount.runs.transfer_check import check
from truecount.runs.transfer_document import Connection, Entry, Tree, json_of, text_of, tree_of
from truecount.runs.transfer_read import Read, read_file
from truecount.runs.transfer_settle import Difference, Part, differences, settle
from truecount.store.models import Integration, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """`without_secret` are the file's connections that were left as they are: their secret is not known here."""

    changes: tuple[Difference, ...]
    without_secret: tuple[Connection, ...]
    applied: bool


def export(integration: Integration, *, by: User | None) -> tuple[str, Entry]:
    """The configuration as YAML, and as what the YAML says. Secrets are in neither."""
    require(by, Action.LOOK)
    tree = tree_of(rows.document_of(integration), rows.labels_of(integration))
    return text_of(tree), tree


def import_(
    integration: Integration, content: bytes, file: str, *, dry_run: bool, by: User | None, now: datetime
) -> Imported:
    """Replace the configuration by the file's, unless it is a dry run; what is wrong is told with its line.

    A secret that is not known here can't come with a file: its connection is left as it is, the rest goes on.
    """
    require(by, Action.LOOK)
    try:
        return _import(integration, read_file(content), file, dry_run=dry_run, by=by, now=now)
    except Misused as wrong:
        if wrong.code is not ErrorCode.BAD_FILE:
            raise
        raise Misused(ErrorCode.BAD_FILE, file=file, **wrong.fields) from None


@transaction.atomic
def _import(
    integration: Integration, read: Read, file: str, *, dry_run: bool, by: User | None, now: datetime
) -> Imported:
    integration = Integration.objects.select_for_update().get(pk=integration.pk)
    here = rows.document_of(integration)
    check(read, here, rows.known_of(integration))
    sealed = rows.sealed_for(integration, read.document.connections)
    settled = settle(read.document, here, {side: rows.connection_from(row) for side, row in sealed.items()})
    changes = differences(here, settled.document, rows.labels_of(integration))
    if changes and not dry_run:
        _require(changes, by)
        rows.keep(integration, settled.document, changes, sealed, now)
        _record(integration, changes, file, by, now)
    return Imported(
        changes=tuple(changes), without_secret=settled.without_secret, applied=bool(changes) and not dry_run
    )


_ACTIONS = {
    Part.CONNECTION: Action.CONNECT,
    Part.SETTING: Action.SET_POLICY,
    Part.PRODUCT: Action.SWITCH,
    Part.MAPPING: Action.MAP,
    Part.CUSTOMER: Action.MAP,
    Part.OVERRIDE: Action.MAP,
}
_ACTS = {
    Part.CONNECTION: "connect",
    Part.SETTING: "set_policy",
    Part.PRODUCT: "switch_product",
    Part.MAPPING: "map_product",
    Part.CUSTOMER: "map_customer",
    Part.OVERRIDE: "map_override",
}
"""As the trail names the same act done by hand."""


def _require(changes: Iterable[Difference], by: User | None) -> None:
    for part in dict.fromkeys(change.part for change in changes):
        require(by, _ACTIONS[part])


def _acts(change: Difference) -> Iterator[tuple[str, Tree | None, Tree | None]]:
    """A customer that differs in its switch alone was switched, not mapped; billing it anyway is an act of its own."""
    if change.part is not Part.CUSTOMER:
        yield _ACTS[change.part], change.before, change.after
        return
    before, after = (dict(tree) if isinstance(tree, Mapping) else {} for tree in (change.before, change.after))
    anyway_before, anyway_after = (tree.pop("bill_anyway", False) for tree in (before, after))
    if told := before.keys() | after.keys():
        act = "switch_customer" if told == {"sync"} else _ACTS[change.part]
        yield act, None if change.before is None else before, None if change.after is None else after
    if anyway_before != anyway_after:
        yield "bill_anyway", {"bill_anyway": anyway_before}, {"bill_anyway": anyway_after}


def _record(integration: Integration, changes: list[Difference], file: str, by: User | None, now: datetime) -> None:
    """What every difference stands for, and one act for the file."""
    for change in changes:
        for act, *told in _acts(change):
            before, after = (None if tree is None else json_of(tree) for tree in told)
            record(act, change.what[:300], by=by, now=now, integration=integration, before=before, after=after)
    record("import", file[:300], by=by, now=now, integration=integration, after={"changes": len(changes)})
