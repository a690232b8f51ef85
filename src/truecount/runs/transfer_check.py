"""A read configuration file against itself and against what is known here; nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from truecount.core.model import CatalogItem, CustomerMapping
from truecount.runs.transfer_document import Document
from truecount.runs.transfer_read import Lines, Read
from truecount.runs.transfer_reasons import Why, bad


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the PSA has, as last read; None where nothing of that kind was read yet, so that nothing can be missed."""

    items: Mapping[int, CatalogItem] | None = None
    companies: frozenset[int] | None = None
    agreements: Mapping[int, int] | None = None
    """To each its company."""


def check(read: Read, here: Document, known: Known) -> None:
    """Refuse what can't be; a decision that stands here already passes, even if its item or company has ended since."""
    file = read.document
    _check_codes(file, here, read.lines)
    if known.items is not None:
        _check_items(file, here, known.items, read.lines)
    _check_sync(file, here, known.items, read.lines)
    for customer, one in file.customers.items():
        if one.mapping is not None:
            before = here.customers[customer].mapping if customer in here.customers else None
            _check_customer(one.mapping, before, known, read.lines)
    _check_overrides(file, here, read.lines)


def _check_codes(file: Document, here: Document, lines: Lines) -> None:
    for item, mapping in file.mappings.items():
        for code in mapping.codes:
            if code not in file.products and code not in here.products:
                raise bad(lines["code", item, code], "codes", Why.UNKNOWN_PRODUCT, value=code)


def _check_items(file: Document, here: Document, items: Mapping[int, CatalogItem], lines: Lines) -> None:
    for number, mapping in file.mappings.items():
        before = here.mappings.get(number)
        if before is not None and set(mapping.codes) <= set(before.codes):
            continue
        item, line = items.get(number), lines["item", number]
        if item is None:
            raise bad(line, "item", Why.UNKNOWN_ITEM, value=number)
        if not item.billable:
            raise bad(line, "item", Why.BUNDLE_ITEM, value=f"{number} ({item.identifier})")
        if not item.active:
            raise bad(line, "item", Why.INACTIVE_ITEM, value=f"{number} ({item.identifier})")


def _check_sync(file: Document, here: Document, items: Mapping[int, CatalogItem] | None, lines: Lines) -> None:
    """Sync is on only for mapped products, and comes on only where all their items can be billed."""
    mapped_to: dict[str, list[int]] = {}
    for number, mapping in file.mappings.items():
        for code in mapping.codes:
            mapped_to.setdefault(code, []).append(number)
    for code, product in file.products.items():
        if not product.sync:
            continue
        if code not in mapped_to:
            raise bad(lines["sync", code], "sync", Why.ON_UNMAPPED, product=code)
        if items is None or (code in here.products and here.products[code].sync):
            continue
        for number in mapped_to[code]:
            if number not in items or not (items[number].active and items[number].billable):
                raise bad(lines["sync", code], "sync", Why.ON_UNUSABLE, value=number)


def _check_customer(mapping: CustomerMapping, before: CustomerMapping | None, known: Known, lines: Lines) -> None:
    customer, company = mapping.customer, mapping.company
    stands = before is not None and before.company == company
    if known.companies is not None and company not in known.companies and not stands:
        raise bad(lines["company", customer], "company", Why.UNKNOWN_COMPANY, value=company)
    if known.agreements is None:
        return
    standing = {share.agreement for share in before.shares} if before is not None and stands else set()
    for share in mapping.shares:
        if share.agreement in standing:
            continue
        why = Why.UNKNOWN_AGREEMENT if share.agreement not in known.agreements else Why.OTHER_COMPANY
        if known.agreements.get(share.agreement) != company:
            line = lines["agreement", customer, share.agreement]
            raise bad(line, "agreement", why, value=share.agreement, company=company)


def _check_overrides(file: Document, here: Document, lines: Lines) -> None:
    for customer, item in file.overrides:
        if item not in file.mappings:
            raise bad(lines["override", customer, item], "item", Why.UNMAPPED_ITEM)
        if customer not in file.customers and customer not in here.customers:
            raise bad(lines["override of", customer, item], "customer", Why.UNKNOWN_CUSTOMER, value=customer)
