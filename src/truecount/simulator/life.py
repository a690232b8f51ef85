"""What the months after the start bring to the vendor, by seed and clock: customers, names, withdrawn products."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING

from truecount.simulator.clock import period_later, period_of
from truecount.simulator.world import MANY, newcomer
from truecount.simulator.world_products import VENDOR_ITEMS

if TYPE_CHECKING:
    from truecount.simulator.vendor import Vendor

STILL_MONTHS = 3
"""Months after the start for which the world was made; what comes later happens as the clock gets there."""
ASSIGNMENT_DAY = 10
WITHDRAWN: Mapping[str, int] = {"CW7-SUP-MSP": 5, "CMS-MSP": 11}
"""Product → months after the first report in which it is not sold any more."""


class Life:
    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.world = vendor.world
        start = period_of(self.world.start.date())
        self._lived_until = period_later(start, STILL_MONTHS)
        self._assigned_until = period_later(start, 1)
        self._joined = 0

    def catch_up(self) -> None:
        """Lets happen what the months up to the next one bring, and what today brings."""
        vendor = self.vendor
        self.until(period_later(vendor.now_period(), 1))
        today = vendor.clock.today()
        due = period_of(today) if today.day >= ASSIGNMENT_DAY else period_later(period_of(today), -1)
        while self._assigned_until < due:
            self._assigned_until = period_later(self._assigned_until, 1)
            if len(self.world.customers) >= MANY:
                self._assign_a_firewall(self._assigned_until)

    def until(self, period: str) -> None:
        """Month by month, always the same for a seed."""
        while self._lived_until < period:
            self._lived_until = period_later(self._lived_until, 1)
            if len(self.world.customers) >= MANY:
                self._month(self._lived_until)
            self.vendor.changed()

    def _month(self, period: str) -> None:
        rng = random.Random(f"{self.world.seed}/life/{period}")
        products = self.vendor.products
        for _ in range(max(1, len(self.world.customers) // 60)):
            self._leave(period, rng)
            self._join(period, rng)
        product = products.get(rng.choice([item.code for item in VENDOR_ITEMS]))
        if product is not None and rng.random() < 0.4:
            product.names.append((period, renamed(product.name(period))))
        for code, months in WITHDRAWN.items():
            if code in products and period == period_later(self.world.base, months):
                products[code].last = period_later(period, -1)

    def _leave(self, period: str, rng: random.Random) -> None:
        vendor = self.vendor
        there = [
            tenant.customer
            for tenant in vendor.tenants.values()
            if tenant.customer is not None and vendor.there(tenant.customer, period) and tenant.customer.last is None
        ]
        if len(there) > MANY // 2:
            vendor.left[rng.choice(there).id] = period_later(period, -1)

    def _join(self, period: str, rng: random.Random) -> None:
        """A customer with what it uses; the PSA learns of it from nobody but its users."""
        taken = {str(tenant.row["name"]) for tenant in self.vendor.tenants.values()}
        index = len(self.world.customers) + self._joined
        self._joined += 1
        self.vendor.add_customer(*newcomer(self.world, index, period, rng, taken))

    def _assign_a_firewall(self, period: str) -> None:
        """One of those that belong to nobody, each month."""
        vendor = self.vendor
        waiting = sorted(
            serial for serial, row in vendor.firewalls.items() if (row.get("billingTenant") or {}).get("id") is None
        )
        there = [
            tenant.customer.id
            for tenant in vendor.tenants.values()
            if tenant.customer is not None and tenant.customer.charged and vendor.there(tenant.customer, period)
        ]
        if waiting and there:
            rng = random.Random(f"{self.world.seed}/assignment/{period}")
            vendor.assign(rng.choice(waiting), rng.choice(there), period)


def renamed(name: str) -> str:
    """As vendors do: the brand moves to the front, later a generation is counted."""
    if name.startswith("Central "):
        return name.replace("Central ", "Sophos ", 1)
    words, _, generation = name.rpartition(" Gen ")
    return f"{words} Gen {int(generation) + 1}" if generation.isdigit() and words else f"{name} Gen 2"
