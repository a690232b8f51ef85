"""The rows of Configure usage synchronization: a vendor product, what it is billed as, what somebody should know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from truecount.core.model import ZERO, FindingKind
from truecount.runs.units import Units
from truecount.store.models import CatalogItem, Finding, Integration, ProductMappingCode, VendorProduct
from truecount.web import figures
from truecount.web.words import OFF, Mark, Tone, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A ConnectWise product that a vendor product feeds; `bundle` counts the vendor products that feed it."""

    item: CatalogItem | None
    number: int
    bundle: int

    @property
    def name(self) -> str:
        return self.item.identifier if self.item else f"#{self.number}"

    @property
    def lost(self) -> bool:
        """Nothing can be billed as it any more."""
        return self.item is None or not self.item.active or self.item.gone_since is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How a product stands, in a word; `more` is what it costs or comes from."""

    mark: Mark
    more: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`on` is how the switch is shown: as it is kept, or as somebody left it on a form that was refused."""

    product: VendorProduct
    targets: list[Target]
    units: Decimal | None
    on: bool
    states: list[State] = field(default_factory=list)
    refused: str = ""

    @property
    def can_be_on(self) -> bool:
        mapped = bool(self.targets) and not any(target.lost for target in self.targets)
        return mapped and self.product.switched_off_by != "itself"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A form that was refused: the switches as they were left, and the sentence for one product."""

    wanted: Mapping[str, bool]
    product: str
    sentence: str


NOT_MAPPED = Mark(word=pgettext_lazy("products", "Not mapped"), tone=Tone.WARN, shape="triangle-alert")
_SYNCED = Mark(word=_("Synchronized"), tone=Tone.GOOD, shape="circle-check")
_GONE = Mark(word=_("Deleted in ConnectWise PSA"), tone=Tone.BAD, shape="circle-x")
_INACTIVE = Mark(word=_("Inactive in ConnectWise PSA"), tone=Tone.BAD, shape="circle-x")
_FIREWALL = Mark(word=_("Firewall: monthly invoice only"), tone=Tone.WARN, shape="triangle-alert")
_UNASSIGNED = Mark(word=_("Licences assigned to nobody"), tone=Tone.WARN, shape="triangle-alert")


def rows_of(
    integration: Integration, found: Iterable[VendorProduct], units: Units, typed: Typed | None = None
) -> list[Row]:
    found = list(found)
    targets = targets_of(integration)
    findings = _findings(integration, [product.code for product in found])
    invoice = str(integration.policy.get("schedule", "invoice")) == "invoice"
    return [
        Row(
            product=product,
            targets=targets.get(product.code, []),
            units=units.of.get(product.code, ZERO) if units.period else None,
            on=typed.wanted.get(product.code, product.sync) if typed else product.sync,
            states=list(_states(product, targets.get(product.code, []), findings.get(product.code, []), invoice)),
            refused=typed.sentence if typed and typed.product == product.code else "",
        )
        for product in found
    ]


def targets_of(integration: Integration, code: str | None = None) -> dict[str, list[Target]]:
    """By vendor product, in the order of their identifiers; of one product, or of all."""
    members = list(ProductMappingCode.objects.filter(mapping__integration=integration).select_related("mapping"))
    feeding: dict[int, int] = defaultdict(int)
    for member in members:
        feeding[member.mapping.item] += 1
    items = {item.psa_id: item for item in CatalogItem.objects.filter(integration=integration, psa_id__in=feeding)}
    targets: dict[str, list[Target]] = defaultdict(list)
    for member in members:
        if code in (None, member.code):
            number = member.mapping.item
            targets[member.code].append(Target(item=items.get(number), number=number, bundle=feeding[number]))
    return {one: sorted(some, key=lambda target: (target.name, target.number)) for one, some in targets.items()}


def _findings(integration: Integration, codes: list[str]) -> dict[str, list[Finding]]:
    kinds = (FindingKind.PRODUCT_NOT_MAPPED, FindingKind.UNASSIGNED_USAGE)
    rows = Finding.objects.filter(integration=integration, closed_at=None, kind__in=kinds, product__in=codes)
    found: dict[str, list[Finding]] = defaultdict(list)
    for row in rows:
        found[row.product].append(row)
    return found


def _states(product: VendorProduct, targets: list[Target], findings: list[Finding], invoice: bool) -> Iterable[State]:
    """The plain state first, then each warning."""
    lost = next((target for target in targets if target.lost), None)
    if not targets:
        yield State(mark=NOT_MAPPED, more=_unbilled(findings))
    elif lost is not None:
        gone = lost.item is None or lost.item.gone_since is not None
        yield State(mark=_GONE if gone else _INACTIVE, more=_("Sync is off by itself until it is mapped again."))
    elif product.switched_off_by == "itself":
        yield State(mark=OFF, more=_("Turned off by itself; map it again to turn it on."))
    else:
        yield State(mark=_SYNCED if product.sync else OFF)
    if product.firewall and not invoice:
        yield State(mark=_FIREWALL, more=_("The schedule is not “With Sophos monthly invoice”."))
    unassigned = [one for one in findings if one.kind == FindingKind.UNASSIGNED_USAGE]
    if unassigned:
        told = ngettext(
            "%(count)d licence; assign it in Sophos Central Partner.",
            "%(count)d licences; assign them in Sophos Central Partner.",
            len(unassigned),
        )
        yield State(mark=_UNASSIGNED, more=told % {"count": len(unassigned)})


def _unbilled(findings: Iterable[Finding]) -> Words:
    """The money that usage of an unmapped product leaves unbilled."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for one in findings:
        if one.kind == FindingKind.PRODUCT_NOT_MAPPED and one.money:
            sums[one.currency] += one.money
    told = figures.sums(sums)
    return _("%(money)s a month is not billed.") % {"money": told} if told else ""
