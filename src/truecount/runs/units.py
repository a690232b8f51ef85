"""How much of each vendor product was counted last: by the newest complete invoice reading, for pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from truecount.core.model import Source
from truecount.store.models import Integration
from truecount.store.settings import policy_of
from truecount.store.snapshots import load_units


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """`of` has the products that were counted, by code; `period` is empty where nothing was read yet."""

    period: str = ""
    of: Mapping[str, Decimal] = field(default_factory=dict)


def last_units(integration: Integration) -> Units:
    units = load_units(integration, Source.INVOICE, policy_of(integration.policy).quantity)
    period = max(units, default="")
    return Units(period=period, of=units.get(period, {}))
