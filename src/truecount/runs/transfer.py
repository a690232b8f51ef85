"""Export and import of an integration's whole configuration as one file: refused whole, or kept whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from truecount.core.errors import ErrorCode, Misused
from truecount.core.roles import Action
from truecount.runs import transfer_rows as rows
from truecount.runs.audit import record, require
from truecount.runs.transfer_check import check
from truecount.runs.transfer_document import Connection, Entry, json_of, text_of, tree_of
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
"""As the trail names the same act done by hand; four eyes look for `map_`."""
_SWITCHES = {"sync", "bill_anyway"}


def _require(changes: Iterable[Difference], by: User | None) -> None:
    for part in dict.fromkeys(change.part for change in changes):
        require(by, _ACTIONS[part])


def _act(change: Difference) -> str:
    """A customer that differs in its switches alone was switched, not mapped."""
    told = {key for tree in (change.before, change.after) if isinstance(tree, Mapping) for key in tree}
    return "switch_customer" if change.part is Part.CUSTOMER and told <= _SWITCHES else _ACTS[change.part]


def _record(integration: Integration, changes: list[Difference], file: str, by: User | None, now: datetime) -> None:
    """One act for every difference, and one for the file."""
    for change in changes:
        record(
            _act(change),
            change.what[:300],
            by=by,
            now=now,
            integration=integration,
            before=None if change.before is None else json_of(change.before),
            after=None if change.after is None else json_of(change.after),
        )
    record("import", file[:300], by=by, now=now, integration=integration, after={"changes": len(changes)})
