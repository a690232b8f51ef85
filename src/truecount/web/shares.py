"""How much of what could be synchronized is: customers and products, for a bar."""

from __future__ import annotations

from dataclasses import dataclass

from truecount.store.models import Customer, CustomerMapping, Integration, VendorProduct


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`part` of `whole`."""

    part: int
    whole: int


def customers_share(integration: Integration) -> Share:
    """Customers billed by usage, and how many of them are mapped and switched on."""
    billed = Customer.objects.filter(integration=integration, billing="usage", gone_since=None)
    mapped = CustomerMapping.objects.filter(integration=integration).values("customer")
    return Share(part=billed.filter(sync=True, vendor_id__in=mapped).count(), whole=billed.count())


def products_share(integration: Integration) -> Share:
    known = VendorProduct.objects.filter(integration=integration)
    return Share(part=known.filter(sync=True).count(), whole=known.count())
