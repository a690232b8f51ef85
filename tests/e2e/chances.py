"""Random worlds and decisions, by seed: what is mapped to what, what is off, ended or odd; and the same once more,
as `tests/reference.py` wants to be told."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.e2e.world import Row, World
from truecount.core import model
from truecount.core.model import Combine, Rounding, Rule
from truecount.core.plan import plain
from truecount.runs import clock
from truecount.store.configurations import load_configuration, rule_kept
from truecount.store.models import (
    Customer,
    CustomerMapping,
    CustomerOverride,
    CustomerShare,
    Integration,
    Managed,
    ProductMapping,
    ProductMappingCode,
    VendorProduct,
)


@dataclass(kw_only=True)
class Chances:
    """One world's dice."""

    world: World
    dice: random.Random

    @property
    def where(self) -> Integration:
        return self.world.integration

    def one_in(self, many: int) -> bool:
        return self.dice.randrange(many) == 0

    def some(self, rows: Sequence[Any], share: float) -> list[Any]:
        return [row for row in rows if self.dice.random() < share]

    # --- decisions --------------------------------------------------------------------------------

    def decide(self) -> None:
        """Mappings, rules, splits, overrides, switches and policy."""
        self.world.policy(
            decimals=self.dice.choice(["0", "2", "2"]),
            quantity=self.dice.choice(["billable", "billable", "actual"]),
            vanish=self.dice.choice(["zero", "zero", "cancel", "hold"]),
            least_lines="1000000",
        )
        self._map_products()
        self._map_customers()
        for product in self.some(list(VendorProduct.objects.filter(integration=self.where, sync=True)), 0.08):
            VendorProduct.objects.filter(pk=product.pk).update(sync=False, switched_off_by="person")
        customers = Customer.objects.filter(integration=self.where)
        for customer in self.some(list(customers), 0.1):
            Customer.objects.filter(pk=customer.pk).update(sync=False)
        for customer in self.some(list(customers.exclude(billing="usage")), 0.5):
            Customer.objects.filter(pk=customer.pk).update(bill_anyway=True)

    def _map_products(self) -> None:
        by_sku = self.world.items()
        catalog = [row for row in self.world.psa.state()["catalog"] if row["productClass"] != "Bundle"]
        items = [row["id"] for row in catalog if not row["inactiveFlag"]]
        shared = self.dice.choice(items)
        for product in VendorProduct.objects.filter(integration=self.where):
            if self.one_in(8):
                continue
            usual = by_sku.get(product.code) or self.dice.choice(items)
            wanted = {self.dice.choice([usual, usual, usual, shared, self.dice.choice(items)])}
            if self.one_in(10):
                wanted.add(self.dice.choice(items))
            for item in wanted:
                self._map(product.code, item)

    def _map(self, code: str, item: int) -> None:
        mapping, _new = ProductMapping.objects.get_or_create(
            integration=self.where,
            item=item,
            defaults={
                "rule": rule_kept(self._rule()),
                "where_none": "adopt-only" if self.one_in(10) else "create",
            },
        )
        ProductMappingCode.objects.get_or_create(mapping=mapping, code=code)
        VendorProduct.objects.filter(integration=self.where, code=code).update(sync=True)

    def _rule(self) -> Rule:
        if not self.one_in(3):
            return Rule()
        dice = self.dice
        return Rule(
            combine=dice.choice(list(Combine)),
            multiply=Decimal(dice.choice(["1", "2", "0.5"])),
            included=Decimal(dice.choice(["0", "0", "2"])),
            rounding=dice.choice(list(Rounding)),
            step=Decimal(dice.choice(["1", "5"])),
            minimum=Decimal(3) if self.one_in(4) else None,
            maximum=Decimal(20) if self.one_in(5) else None,
        )

    def _map_customers(self) -> None:
        of_company: dict[int, list[int]] = {}
        for row in self.world.psa.state()["agreements"]:
            of_company.setdefault(row["company"]["id"], []).append(row["id"])
        homes = {customer: company for customer, company, _ in self.world.homes()}
        for customer in self.world.vendor.state()["customers"]:
            if self.one_in(10):
                continue
            company = self.dice.choice(sorted(of_company))
            if customer["id"] in homes and not self.one_in(4):
                company = homes[customer["id"]]
            agreements = of_company[company]
            by_rule = self.dice.choice(["only-active", "name"]) if self.one_in(8) else ""
            mapping = CustomerMapping.objects.create(
                integration=self.where,
                customer=customer["id"],
                company=company,
                by_rule=by_rule,
                pattern="contra" if by_rule == "name" else "",
            )
            if not by_rule:
                many = min(len(agreements), self.dice.choice([1, 1, 2, 3]))
                self._share(mapping, self.dice.sample(agreements, k=many))
            if self.one_in(5):
                self._override(customer["id"])

    def _share(self, mapping: CustomerMapping, agreements: list[int]) -> None:
        many = len(agreements)
        percents: dict[int, list[int | None]] = {1: [None], 2: [60, 40], 3: [50, 25, 25]}
        firsts: dict[int, list[int | None]] = {1: [None], 2: [3, None], 3: [2, 4, None]}
        by_percent = self.one_in(2)
        CustomerShare.objects.bulk_create(
            CustomerShare(
                mapping=mapping,
                position=number,
                agreement=agreement,
                percent=percents[many][number] if by_percent else None,
                first=None if by_percent else firsts[many][number],
            )
            for number, agreement in enumerate(agreements)
        )

    def _override(self, customer: str) -> None:
        mapping = self.dice.choice(list(ProductMapping.objects.filter(integration=self.where)))
        how: dict[str, Any] = self.dice.choice([{"exclude": True}, {"fixed": 7}, {"minimum": 4}])
        CustomerOverride.objects.create(integration=self.where, customer=customer, item=mapping.item, **how)

    # --- the world moves --------------------------------------------------------------------------

    def more_agreements(self) -> None:
        """Some companies have two or three."""
        for row in self.some(self.world.psa.state()["agreements"], 0.5):
            for name in ("Project", "Contrat")[: self.dice.choice([1, 2])]:
                same = {key: row[key] for key in ("type", "company", "startDate", "nextInvoiceDate") if key in row}
                self.world.psa.add("agreements", name=name, **same)

    def stir_psa(self) -> None:
        """Things end, double and go, as they do."""
        psa, state = self.world.psa, self.world.psa.state()
        for row in self.some(state["agreements"], 0.1):
            psa.change("agreements", row["id"], agreementStatus=self.dice.choice(["Cancelled", "Expired"]))
        for row in self.some([row for row in state["companies"] if row["id"] > 254], 0.06):
            psa.change("companies", row["id"], deletedFlag=True)
        for row in self.some(state["additions"], 0.05):
            psa.change("additions", row["id"], cancelledDate=self.dice.choice(["2026-11-10", "2027-03-31"]))
        for row in self.some(state["additions"], 0.04):
            psa.add("additions", agreementId=row["agreementId"], product={"id": row["product"]["id"]}, quantity=2)
        mapped = set(ProductMapping.objects.filter(integration=self.where).values_list("item", flat=True))
        for item in self.some(sorted(mapped), 0.05):
            if self.one_in(2):
                psa.remove("catalog", item)
            else:
                psa.change("catalog", item, inactiveFlag=True)

    def stir_usage(self, period: str) -> None:
        """Counts change; lines come, go, repeat, and lack their number."""
        vendor, rows = self.world.vendor, self.world.report(period)
        for row in self.some(rows, 0.4):
            amount = self.dice.choice([0, 1, 2, 3, 5, 9, 40, 2.5, None])
            actual = self.dice.choice([amount, 6])
            vendor.change("usage", row["id"], billableQuantity=amount, actualQuantity=actual, netPrice=1)
        for row in self.some(rows, 0.15):
            vendor.remove("usage", row["id"])
        customers = [row["id"] for row in vendor.state()["customers"]]
        for code in self.some(sorted({row["productCode"] for row in rows}), 0.3):
            amount = self.dice.choice([1, 4, 12, -1])
            vendor.add(
                "usage",
                period=period,
                productCode=code,
                accountId=self.dice.choice(customers),
                billableQuantity=amount,
                actualQuantity=amount,
            )

    def stir_lines(self) -> None:
        """Somebody edits, ends or deletes lines that are managed."""
        for row in self.some(list(Managed.objects.filter(integration=self.where)), 0.2):
            match self.dice.randrange(4):
                case 0:
                    self.world.psa.change("additions", row.addition, quantity=self.dice.choice([0, 3, 17]))
                case 1:
                    self.world.psa.change("additions", row.addition, cancelledDate="2026-11-15")
                case 2:
                    self.world.psa.remove("additions", row.addition)
                case _:
                    Managed.objects.filter(pk=row.pk).update(bill_again=True)

    def move_mappings(self) -> None:
        """Some products lead elsewhere from now on."""
        catalog = self.world.psa.state()["catalog"]
        items = [row["id"] for row in catalog if row["productClass"] != "Bundle" and not row["inactiveFlag"]]
        for member in self.some(list(ProductMappingCode.objects.filter(mapping__integration=self.where)), 0.15):
            ProductMappingCode.objects.filter(pk=member.pk).delete()
            ProductMapping.objects.filter(codes=None).delete()
            if not self.one_in(3):
                self._map(member.code, self.dice.choice(items))


# --- as the reference wants it --------------------------------------------------------------------


def told(integration: Integration, period: str) -> Row:
    """What people decided and what is managed, as plain values."""
    configuration = load_configuration(integration)
    policy = configuration.policy
    off = [code for code, on in configuration.product_sync.items() if not on]
    managed = list(Managed.objects.filter(integration=integration))
    return {
        "period": period,
        "today": clock.now().date().isoformat(),
        "products": [_product(one) for one in configuration.product_mappings],
        "customers": [_customer(one) for one in configuration.customer_mappings.values()],
        "overrides": [
            {
                "customer": one.customer,
                "item": one.item,
                "exclude": one.exclude,
                "fixed": _text(one.fixed),
                "minimum": _text(one.minimum),
            }
            for one in configuration.overrides
        ],
        "off": off + [customer for customer, on in configuration.customer_sync.items() if not on],
        "bill_anyway": sorted(configuration.bill_anyway),
        "firewall_products": [code for code, product in configuration.products.items() if product.firewall],
        "quantity": str(policy.quantity),
        "decimals": policy.decimals,
        "vanish": str(policy.vanish),
        "last_period": max((row.period for row in managed), default=None),
        "managed": [
            {
                "addition": row.addition,
                "agreement": row.agreement,
                "item": row.item,
                "pairs": row.origin,
                "period": row.period,
                "next_invoice": row.next_invoice.isoformat() if row.next_invoice else None,
                "cancelled_by_us": row.cancelled_by_us.isoformat() if row.cancelled_by_us else None,
                "firewall": row.firewall,
                "bill_again": row.bill_again,
            }
            for row in managed
        ],
    }


def _product(one: model.ProductMapping) -> Row:
    rule = one.rule
    return {
        "item": one.item,
        "codes": list(one.codes),
        "combine": str(rule.combine),
        "multiply": plain(rule.multiply),
        "included": plain(rule.included),
        "rounding": str(rule.rounding),
        "step": plain(rule.step),
        "minimum": _text(rule.minimum),
        "maximum": _text(rule.maximum),
        "adopt_only": one.where_none is model.WhereNone.ADOPT_ONLY,
    }


def _customer(one: model.CustomerMapping) -> Row:
    return {
        "customer": one.customer,
        "company": one.company,
        "by_rule": str(one.by_rule) if one.by_rule else None,
        "pattern": one.pattern,
        "shares": [
            {"agreement": share.agreement, "percent": _text(share.percent), "first": _text(share.first)}
            for share in one.shares
        ],
    }


def _text(number: Decimal | None) -> str | None:
    return None if number is None else plain(number)
