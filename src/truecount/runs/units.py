"""How much of each vendor product was counted: by the newest complete invoice reading, for pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from truecount.core import months
from truecount.core.model import ZERO, QuantityField, Source, Usage
from truecount.store.documents import unpack
from truecount.store.models import Integration, Snapshot
from truecount.store.settings import policy_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """`of` has the products that were counted, by code; `period` is empty where nothing was read yet."""

    period: str = ""
    of: Mapping[str, Decimal] = field(default_factory=dict)


def last_units(integration: Integration) -> Units:
    rows = Snapshot.objects.filter(integration=integration, source=str(Source.INVOICE), complete=True)
    newest = rows.order_by("-period", "-taken_at", "-pk").only("period", "usage").first()
    if newest is None:
        return Units()
    quantity = policy_of(integration.policy).quantity
    return Units(period=newest.period, of=_counted(bytes(newest.usage), quantity))


@lru_cache(maxsize=8)
def _counted(usage: bytes, quantity: QuantityField) -> Mapping[str, Decimal]:
    """The same document is asked for by every view of a page. What is unknown is left out: it is not 0."""
    counted: dict[str, Decimal] = {}
    for (_customer, code), amount in months.units(unpack(usage, Usage).lines, quantity).items():
        counted[code] = counted.get(code, ZERO) + amount
    return counted
