"""What Sophos' rows mean, as pure functions: customers, usage lines, licences, firewalls."""

from __future__ import annotations

import re

from truecount.connectors.values import Json, Puzzling, Row, inner, needed_text, number, rows, text
from truecount.core.model import BillingType, Customer, Firewall, UsageLine

UUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)

NAMES = {
    "CIXA-MSP": "Sophos Endpoint - User MSP Monthly",
    "SVRCLOUDADV-MSP": "Sophos Endpoint - Server MSP Monthly",
    "CIXAXDR": "Sophos XDR - User",
    "SVRCIXAXDR": "Sophos XDR - Server",
    "CIXAMTR-ADV-MSP": "Sophos MDR Complete - User MSP Monthly",
    "SVRCIXAMTR-ADV-MSP": "Sophos MDR Complete - Server MSP Monthly",
    "MDR-COMPLETE": "Sophos MDR Complete",
    "CEMA-MSP": "Sophos Email MSP Monthly",
    "CEMA-PE-ADDON-MSP": "Portal Encryption Add-on for Email Advanced",
    "CPHISH-MSP": "Central Phish Threat",
    "CDE-MSP": "Central Device Encryption MSP Monthly",
    "NDR-MSP": "Sophos NDR MSP Monthly",
    "COPX-MSP": "Cloud Optix MSP",
    "CW7-SUP-MSP": "Sophos Endpoint for Legacy Platforms",
}
"""Labels for codes that a licence came with alone (facts: Sophos §14.2, those that a source names)."""

FIREWALL_CODE = re.compile(r"xgs?([ _-]|\d|$)", re.IGNORECASE)
FIREWALL_NAME = re.compile(
    r"enterpriseguard|enterpriseprotect|fullguard|totalprotect|xstream protection"
    r"|\bxgs?\b|\bxgs? ?\d|\bsf sw/virtual\b|\bsw/virtual\b|\bfirewall\b(?! integration)",
    re.IGNORECASE,
)
"""Descriptions of firewall licences (facts: Sophos §14.3). The unit does not tell: access points are *Device*
too, and the vendor's own example of a firewall says *User*."""


def is_firewall(code: str, description: str) -> bool:
    return bool(FIREWALL_CODE.match(code) or FIREWALL_NAME.search(description))


def customer(row: Row) -> Customer:
    """`showAs` carries the name of a renamed account; the published list has no `status` (facts: Sophos §13.4)."""
    tenant = needed_text(row, "id")
    return Customer(
        id=tenant,
        name=text(row, "showAs") or text(row, "name") or tenant,
        billing=_billing_type(text(row, "billingType")),
        active=text(row, "status", "active").lower() == "active",
    )


def _billing_type(told: str) -> BillingType:
    known = {kind.value: kind for kind in BillingType}
    return known.get(told.lower(), BillingType.UNKNOWN)


def usage_line(row: Row) -> UsageLine:
    """A line of the billing report (facts: Sophos §13.5). Without a product code the SKU stands in, so that the
    line is seen as a product not mapped instead of stopping all others."""
    code = text(row, "productCode") or text(row, "sku") or needed_text(row, "productCode")
    name = text(row, "productDescription") or NAMES.get(code, "")
    return UsageLine(
        customer=_tenant(row),
        code=code,
        billable=number(row, "billableQuantity"),
        actual=number(row, "actualQuantity"),
        name=name,
        group=text(row, "productGroup"),
        order_line=text(row, "orderLineItemNumber"),
        serial=text(row, "accountNumberOrSerialNumber"),
        unit_price=number(row, "unitPrice"),
        customer_name=text(row, "assignedAccountIdentifier"),
        firewall=is_firewall(code, name),
    )


def _tenant(row: Row) -> str | None:
    """`accountId`; `externalId` may hold the tenant instead (facts: Sophos §13.5), so only a UUID counts there."""
    other = text(row, "externalId")
    return text(row, "accountId") or (other if UUID.fullmatch(other) else None)


def licenses(body: Json) -> list[Row]:
    if not isinstance(body, dict) or "licenses" not in body:
        raise Puzzling("licenses", body)
    return list(rows(body, "licenses"))


def live_line(customer: str, row: Row) -> UsageLine | None:
    """A licence's current count; None for licences that are not billed by usage (facts: Sophos §13.6)."""
    if text(row, "type").lower() != "usage":
        return None
    product = inner(row, "product")
    code = needed_text(product, "code")
    name = text(product, "name") or NAMES.get(code, "")
    count = number(inner(inner(row, "usage"), "current"), "count")
    return UsageLine(
        customer=customer,
        code=code,
        billable=count,
        actual=count,
        name=name,
        order_line=text(row, "licenseIdentifier"),
        firewall=is_firewall(code, name),
    )


def firewall(row: Row) -> Firewall | None:
    """A monthly licence belongs to its billing tenant, or to nobody (facts: Sophos §13.7). Bought licences are
    told by their owner or left out: nobody is missing there."""
    kinds = {text(one, "type").lower() for one in rows(row, "licenses")}
    customer = text(inner(row, "billingTenant"), "id") or None
    if kinds and "usage" not in kinds:
        customer = customer or text(inner(row, "tenant"), "id") or None
        if customer is None:
            return None
    return Firewall(serial=needed_text(row, "serialNumber"), model=text(row, "model"), customer=customer)
