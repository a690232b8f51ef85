"""A quantity rule on the last readings before it is saved; reads no remote system and keeps nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from truecount.core.model import Billing, ProductMapping, Rule, Usage
from truecount.core.plan import plain
from truecount.core.preview import Preview
from truecount.core.preview import preview as look
from truecount.core.roles import Action
from truecount.runs.audit import require
from truecount.runs.decisions import refuse, rule_fault
from truecount.runs.names import Names
from truecount.store.configurations import load_configuration
from truecount.store.documents import unpack
from truecount.store.models import Integration, Snapshot, User

MONTHS = 3


def preview(
    integration: Integration,
    item: int,
    rule: Rule,
    codes: Sequence[str] | None = None,
    *,
    months: int = MONTHS,
    by: User | None,
) -> list[Preview]:
    """The newest reading of each of the last months, the newest month first. `codes` are the vendor products that would
    feed the item, those that do today where none are given. A rule that makes no sense is refused."""
    require(by, Action.LOOK)
    refuse(rule_fault(rule))
    configuration = load_configuration(integration)
    if codes is None:
        codes = next((one.codes for one in configuration.product_mappings if one.item == item), ())
    wanted = ProductMapping(item=item, codes=tuple(sorted(codes)), rule=rule)
    return [
        look(unpack(row.usage, Usage), unpack(row.billing, Billing), configuration, wanted, row.taken_at.date())
        for row in _readings(integration, months)
    ]


def _readings(integration: Integration, months: int) -> list[Snapshot]:
    """Of the source that was read last; readings are large, so that they are named first and loaded then."""
    rows = Snapshot.objects.filter(integration=integration).order_by("-taken_at", "-pk")
    newest: dict[str, int] = {}
    sources: list[str] = []
    for ident, period, source in rows.values_list("pk", "period", "source"):
        sources.append(source)
        if source == sources[0]:
            newest.setdefault(period, ident)
    chosen = [newest[period] for period in sorted(newest, reverse=True)[:months]]
    found = Snapshot.objects.in_bulk(chosen)
    return [found[ident] for ident in chosen]


def told(one: Preview, names: Names) -> dict[str, Any]:
    """For programs; quantities and money as text."""
    return {
        "period": str(one.period),
        "source": str(one.source),
        "before": plain(one.before),
        "after": plain(one.after),
        "money": [
            {"currency": sums.currency, "before": plain(sums.before), "after": plain(sums.after)} for sums in one.money
        ],
        "customers": [
            {
                "customer": row.customer,
                "customer_name": names.customers.get(row.customer, row.customer),
                "used": {code: None if quantity is None else plain(quantity) for code, quantity in row.used},
                "before": None if row.before is None else plain(row.before),
                "after": None if row.after is None else plain(row.after),
                "skip": str(row.skip) if row.skip else None,
            }
            for row in one.rows
        ],
    }
