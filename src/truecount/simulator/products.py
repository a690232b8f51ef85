"""The products that the simulated vendor sells, with the names they have month by month."""

from collections.abc import Iterator
from dataclasses import dataclass

from truecount.simulator.clock import period_later
from truecount.simulator.world import World
from truecount.simulator.world_products import NEW_NAMES, VENDOR_ITEMS


@dataclass(kw_only=True, slots=True)
class Product:
    code: str
    group: str
    names: list[tuple[str, str]]
    """(first month, name), oldest first."""
    first: str = ""
    """Month in which the product appears."""
    last: str = "9999-12"
    """Last month in which it is sold and used."""

    def name(self, period: str) -> str:
        return next((name for since, name in reversed(self.names) if since <= period), self.names[0][1])


def products_of(world: World) -> Iterator[Product]:
    for item in VENDOR_ITEMS:
        names = [("", item.before or item.name)]
        if item.before is not None:
            names.append((period_later(world.base, item.renamed), NEW_NAMES.get(item.code, item.name)))
        first = period_later(world.base, 1) if item.code == "COPX-MSP" else ""
        yield Product(code=item.code, group=item.group, names=names, first=first)
