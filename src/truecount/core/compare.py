"""Desired against standing → changes, slot by slot, as the table of the product rules says (§6); no guards here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import chain

from truecount.core.mapping import SWITCHED_OFF, Desired, Mapped
from truecount.core.model import (
    ZERO,
    Addition,
    Agreement,
    Baseline,
    Bill,
    Billing,
    Change,
    ChangeKind,
    Configuration,
    Finding,
    FindingKind,
    Hold,
    HoldKind,
    Managed,
    Pair,
    Slot,
    Source,
    Vanish,
    WhereNone,
)
from truecount.core.period import Period
from truecount.core.routes import Routes


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """`left` says why a slot has no change although one may be due; slots in neither list are unchanged."""

    changes: list[Change]
    unchanged: int
    left: dict[Slot, str]
    findings: list[Finding]
    holds: list[Hold]
    lines: int
    """Number of all lines standing in the plan's slots, those to adopt included: what the guards measure by."""
    standing_money: dict[str, Decimal]
    """Their monthly money by currency."""


@dataclass(slots=True, kw_only=True)
class _Slots:
    """One comparison while it is made."""

    mapped: Mapped
    billing: Billing
    baseline: Baseline
    configuration: Configuration
    routes: Routes
    source: Source
    period: Period
    today: date
    standing: dict[Slot, Addition]
    more: dict[Slot, list[Addition]]
    managed: dict[Slot, list[Managed]]
    invoiced: dict[int, date]
    adopt_only: frozenset[int]
    firewall_items: frozenset[int]
    changes: list[Change] = field(default_factory=list)
    moved: set[Slot] = field(default_factory=set)
    """Slots set to 0 because what they held leads elsewhere now."""
    unchanged: int = 0
    lines: int = 0
    left: dict[Slot, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    money: dict[str, Decimal] = field(default_factory=dict)

    def waits(self, slot: Slot) -> tuple[str, str] | None:
        """Why a slot may not be written, and what that is about."""
        desired = self.mapped.desired.get(slot)
        if desired is not None and desired.waits is not None:
            return desired.waits
        return self.mapped.waits.get(slot, self.mapped.all_wait)


def compare(
    mapped: Mapped,
    *,
    billing: Billing,
    baseline: Baseline,
    configuration: Configuration,
    routes: Routes,
    source: Source,
    period: Period,
    today: date,
) -> Compared:
    """Every slot that usage leads to or that holds a managed line, in the order of (agreement, item)."""
    standing, more = _standing(billing, today)
    managed: dict[Slot, list[Managed]] = {}
    for line in baseline.managed.values():
        managed.setdefault(line.slot, []).append(line)
    work = _Slots(
        mapped=mapped,
        billing=billing,
        baseline=baseline,
        configuration=configuration,
        routes=routes,
        source=source,
        period=period,
        today=today,
        standing=standing,
        more=more,
        managed=managed,
        invoiced=_invoiced(baseline, billing, period),
        adopt_only=frozenset(
            one.item for one in configuration.product_mappings if one.where_none is WhereNone.ADOPT_ONLY
        ),
        firewall_items=_firewall_items(configuration),
    )
    for slot in sorted(mapped.desired.keys() | managed.keys()):
        _slot(work, slot, mapped.desired.get(slot))
    _ghosts(work)
    _chain_moves(work)
    return Compared(
        changes=work.changes,
        unchanged=work.unchanged,
        left=work.left,
        findings=work.findings,
        holds=work.holds,
        lines=work.lines,
        standing_money=work.money,
    )


def _standing(billing: Billing, today: date) -> tuple[dict[Slot, Addition], dict[Slot, list[Addition]]]:
    """The one standing line of each slot, and, where there are several, all of them."""
    first: dict[Slot, Addition] = {}
    more: dict[Slot, list[Addition]] = {}
    for lines in billing.additions.values():
        for line in lines:
            if not line.standing(today):
                continue
            slot = Slot(line.agreement, line.item)
            if slot in first:
                more.setdefault(slot, [first[slot]]).append(line)
            else:
                first[slot] = line
    return first, more


def _invoiced(baseline: Baseline, billing: Billing, period: Period) -> dict[int, date]:
    """Agreements whose invoice for the period was made after we wrote it, with the date it was due (§9)."""
    kept: dict[int, date] = {}
    for line in baseline.managed.values():
        if line.period == period and line.next_invoice is not None:
            agreement = line.slot.agreement
            kept[agreement] = max(kept.get(agreement, line.next_invoice), line.next_invoice)
    found = {}
    for agreement, date_kept in kept.items():
        known = billing.agreements.get(agreement)
        if known is not None and known.next_invoice is not None and known.next_invoice > date_kept:
            found[agreement] = date_kept
    return found


def _firewall_items(configuration: Configuration) -> frozenset[int]:
    """Items that a product marked as a firewall is counted into."""
    marked = {code for code, product in configuration.products.items() if product.firewall}
    return frozenset(one.item for one in configuration.product_mappings if not marked.isdisjoint(one.codes))


def _slot(work: _Slots, slot: Slot, desired: Desired | None) -> None:
    lines = work.managed.get(slot, ())
    line = work.standing.get(slot)
    mine = None
    if line is not None:
        _baseline(work, slot, line)
        for one in lines:
            if one.addition == line.id:
                mine = one
    waits = work.waits(slot)
    if slot in work.more:
        _duplicates(work, slot)
    elif waits is not None and waits[0] in SWITCHED_OFF and desired is None and mine and line:
        _still_billed(work, slot, mine, line)
    elif waits is not None:
        _wait(work, slot, *waits)
    elif mine is not None and _firewall_that_live_does_not_know(work, slot, desired, mine):
        _wait(work, slot, "firewall_live", "")
    elif line is not None and line.id in work.baseline.elsewhere:
        work.left[slot] = HoldKind.MANAGED_ELSEWHERE
        work.holds.append(
            Hold(
                kind=HoldKind.MANAGED_ELSEWHERE,
                slot=slot,
                fields=(("integration", work.baseline.elsewhere[line.id]), ("addition", str(line.id))),
            )
        )
    elif slot.agreement not in work.billing.additions:
        work.left[slot] = FindingKind.AGREEMENT_GONE
        _find(work, FindingKind.AGREEMENT_GONE, slot)
    elif line is None:
        _nothing_standing(work, slot, desired, lines)
    elif mine is None:
        _unmanaged(work, slot, desired, line)
    elif desired is None:
        _absent(work, slot, mine, line)
    else:
        _managed(work, slot, desired, mine, line)


def _baseline(work: _Slots, slot: Slot, line: Addition) -> None:
    agreement = work.billing.agreements.get(slot.agreement)
    currency = agreement.currency if agreement else ""
    lines = work.more.get(slot) or [line]
    work.lines += len(lines)
    work.money[currency] = sum([one.money() for one in lines], work.money.get(currency, ZERO))


def _firewall_that_live_does_not_know(work: _Slots, slot: Slot, desired: Desired | None, mine: Managed) -> bool:
    """A live reading speaks neither of lines with a firewall in them nor, by its silence, of items for firewalls."""
    return work.source is Source.LIVE and (mine.firewall or (desired is None and slot.item in work.firewall_items))


def _wait(work: _Slots, slot: Slot, reason: str, about: str) -> None:
    work.left[slot] = reason
    kind = FindingKind.FIREWALL_LIVE if reason == "firewall_live" else FindingKind.SLOT_WAITS
    _find(work, kind, slot, fields=(("reason", reason), ("about", about)))


def _duplicates(work: _Slots, slot: Slot) -> None:
    ids = ", ".join(str(line.id) for line in sorted(work.more[slot], key=lambda line: line.id))
    work.left[slot] = HoldKind.DUPLICATE_LINES
    work.holds.append(Hold(kind=HoldKind.DUPLICATE_LINES, slot=slot, fields=(("additions", ids),)))
    money = sum((line.money() for line in work.more[slot]), ZERO)
    _find(work, FindingKind.DUPLICATE_LINES, slot, money=money, fields=(("additions", ids),))


def _nothing_standing(
    work: _Slots, slot: Slot, desired: Desired | None, lines: tuple[Managed, ...] | list[Managed]
) -> None:
    if desired is None or desired.quantity <= 0:
        return
    item = work.billing.items[slot.item]
    money = desired.quantity * item.price
    ended = [m for m in lines if not m.bill_again and m.cancelled_by_us is None]
    if ended:
        work.left[slot] = FindingKind.LINE_ENDED
        since = next((a.cancelled for a in work.billing.additions[slot.agreement] if a.id == ended[0].addition), None)
        fields = _quantities(ZERO, desired.quantity)
        _find(work, FindingKind.LINE_ENDED, slot, money=money, since=since, fields=fields)
    elif slot.item in work.adopt_only:
        work.left[slot] = FindingKind.NO_LINE_TO_ADOPT
        _find(work, FindingKind.NO_LINE_TO_ADOPT, slot, money=money)
    elif not _too_late(work, slot, None, ZERO, desired.quantity, money):
        agreement = work.billing.agreements[slot.agreement]
        work.changes.append(
            Change(
                slot=slot,
                kind=ChangeKind.CREATE,
                before=ZERO,
                after=desired.quantity,
                effective=first_day_of_new_line(work.period, agreement),
                unit_price=item.price,
                money_after=money,
                origin=desired.origin(),
                firewall=desired.firewall,
            )
        )
        if not item.price:
            _find(work, FindingKind.PRICE_ZERO, slot, money=ZERO)


def first_day_of_new_line(period: Period, agreement: Agreement) -> date:
    """The latest of: first day of the period, start of billing, and the next invoice where that first day is
    already invoiced (product rules §9)."""
    day = period.first_day
    if agreement.invoiced_to is not None and day < agreement.invoiced_to:
        day = max(day, agreement.next_invoice or agreement.invoiced_to)
    return max(day, agreement.billing_starts) if agreement.billing_starts else day


def _unmanaged(work: _Slots, slot: Slot, desired: Desired | None, line: Addition) -> None:
    if desired is None or desired.quantity <= 0:
        _billed_without_usage(work, slot, [line])
        return
    if not _too_late(work, slot, None, line.quantity, desired.quantity, line.money(desired.quantity) - line.money()):
        work.changes.append(_change(ChangeKind.ADOPT, slot, line, desired.quantity, desired))
    _line_findings(work, slot, line)


def _managed(work: _Slots, slot: Slot, desired: Desired, mine: Managed, line: Addition) -> None:
    reopen = mine.cancelled_by_us is not None and line.cancelled is not None and desired.quantity > 0
    _line_findings(work, slot, line)
    if desired.quantity == line.quantity and not reopen:
        work.unchanged += 1
        return
    delta = line.money(desired.quantity) - line.money()
    if _too_late(work, slot, mine, line.quantity, desired.quantity, delta):
        return
    if mine.origin != desired.origin() and (waits := _moved_to_where_it_waits(work, slot, mine)):
        _wait(work, slot, *waits)
        return
    kind = ChangeKind.UPDATE if desired.quantity > 0 else ChangeKind.ZERO
    work.changes.append(_change(kind, slot, line, desired.quantity, desired, reopen=reopen))


def _absent(work: _Slots, slot: Slot, mine: Managed, line: Addition) -> None:
    """Managed, and nothing is counted into it any more: vanished, moved, or no longer synchronised."""
    ways = [work.routes.slots(pair) for pair in mine.origin]
    in_place = any(slot in way for way in ways)
    moved = not in_place and any(ways)
    if not (in_place or moved) or not work.routes.writable(slot.agreement):
        _still_billed(work, slot, mine, line)
        return
    vanish = Vanish.ZERO if moved else work.configuration.policy.vanish
    end = max(work.period.last_day, work.today)
    if line.quantity <= 0 or (not moved and _ends(line, mine, vanish, end)):
        work.unchanged += 1
        return
    if _too_late(work, slot, mine, line.quantity, ZERO, -line.money()):
        return
    if waits := _moved_to_where_it_waits(work, slot, mine):
        _wait(work, slot, *waits)
        return
    change = Change(
        slot=slot,
        kind=ChangeKind.ZERO,
        before=line.quantity,
        after=ZERO,
        ground=line,
        unit_price=line.unit_price,
        money_before=line.money(),
        origin=mine.origin,
        firewall=mine.firewall,
    )
    if vanish is Vanish.CANCEL:
        change = replace(change, kind=ChangeKind.CANCEL, effective=end)
    elif vanish is Vanish.HOLD:
        work.holds.append(Hold(kind=HoldKind.VANISHED, slot=slot))
    elif moved:
        work.moved.add(slot)
    work.changes.append(change)


def _ends(line: Addition, mine: Managed, vanish: Vanish, end: date) -> bool:
    """Whether a vanished line is ending already: by us, or by somebody else no later than we would end it."""
    if line.cancelled is None:
        return False
    return mine.cancelled_by_us is not None or (vanish is Vanish.CANCEL and line.cancelled <= end)


def _moved_to_where_it_waits(work: _Slots, slot: Slot, mine: Managed) -> tuple[str, str] | None:
    """What leads elsewhere now is taken off only together with what takes its place (§6)."""
    ways = [ways for pair in mine.origin if slot not in (ways := work.routes.slots(pair))]
    return min((waits for way in chain(*ways) if (waits := work.waits(way)) is not None), default=None)


def _still_billed(work: _Slots, slot: Slot, mine: Managed, line: Addition) -> None:
    work.left[slot] = FindingKind.STILL_BILLED
    customer = mine.origin[0].customer if mine.origin else None
    product = mine.origin[0].code if mine.origin else None
    if line.quantity > 0:
        _find(work, FindingKind.STILL_BILLED, slot, customer=customer, product=product, money=line.money())


def _too_late(work: _Slots, slot: Slot, mine: Managed | None, before: Decimal, after: Decimal, money: Decimal) -> bool:
    """Older periods are only reconciled; a period that has been invoiced is never edited silently (§9)."""
    if mine is not None:
        last: Period | None = mine.period
    else:
        known = [one.period for one in work.managed.get(slot, ())]
        last = max([*known, work.baseline.last_period] if work.baseline.last_period else known, default=None)
    if last is not None and work.period < last:
        kind = FindingKind.OLDER_PERIOD
    elif slot.agreement in work.invoiced:
        kind = FindingKind.INVOICED
    else:
        return False
    work.left[slot] = kind
    _find(
        work,
        kind,
        slot,
        mark=str(work.period),
        money=money,
        fields=(*_quantities(before, after), ("period", str(work.period))),
    )
    return True


def _change(
    kind: ChangeKind, slot: Slot, line: Addition, after: Decimal, desired: Desired, *, reopen: bool = False
) -> Change:
    return Change(
        slot=slot,
        kind=kind,
        before=line.quantity,
        after=after,
        ground=line,
        reopen=reopen,
        unit_price=line.unit_price,
        money_before=line.money(),
        money_after=line.money(after),
        origin=desired.origin(),
        firewall=desired.firewall,
    )


def _line_findings(work: _Slots, slot: Slot, line: Addition) -> None:
    if line.bill is not Bill.BILLABLE:
        _find(work, FindingKind.NOT_BILLABLE, slot, money=line.quantity * line.unit_price)
    elif not line.unit_price:
        _find(work, FindingKind.PRICE_ZERO, slot, money=ZERO)


def _billed_without_usage(work: _Slots, slot: Slot, lines: list[Addition]) -> None:
    money = sum((line.money() for line in lines), ZERO)
    if money > 0:
        ids = ", ".join(str(ident) for ident in sorted(line.id for line in lines))
        quantity = sum((line.quantity for line in lines), ZERO)
        fields = (("addition", ids), ("quantity", f"{quantity.normalize():f}"))
        _find(work, FindingKind.BILLED_WITHOUT_USAGE, slot, money=money, fields=fields)


def _ghosts(work: _Slots) -> None:
    """Lines of mapped products on mapped agreements that nobody's usage leads to and that nobody manages."""
    items = {
        mapping.item
        for mapping in work.configuration.product_mappings
        if any(work.routes.reach(code).skip is None for code in mapping.codes)
        and not (work.source is Source.LIVE and mapping.item in work.firewall_items)
    }
    agreements = {
        agreement
        for agreement, customers in work.routes.agreements().items()
        if work.routes.writable(agreement) and not any(work.routes.placement(one).skip for one in customers)
    }
    for slot in sorted(work.standing.keys() - work.mapped.desired.keys() - work.managed.keys()):
        if slot.agreement in agreements and slot.item in items and not work.waits(slot):
            there = work.more.get(slot, [work.standing[slot]])
            _billed_without_usage(work, slot, [line for line in there if line.id not in work.baseline.elsewhere])


def _chain_moves(work: _Slots) -> None:
    """What takes over what other slots hold waits until they are 0; a Create also as long as one must stay."""
    held_by = _held_elsewhere(work)
    if not held_by:
        return
    changes, work.changes = work.changes, []
    room: dict[Slot, list[Slot]] = {}
    for change in changes:
        olds = {held_by[pair] for pair in change.origin if pair in held_by} - {change.slot}
        if change.kind is ChangeKind.CREATE and (staying := olds & work.left.keys()):
            old = min(staying)
            _wait(work, change.slot, work.left[old], f"{old.agreement}/{old.item}")
            continue
        for old in olds & work.moved:
            room.setdefault(old, []).append(change.slot)
        first = tuple(sorted(olds & work.moved))
        work.changes.append(replace(change, after_zero=first) if first else change)
    if room:
        work.changes = [
            replace(change, makes_room_for=tuple(room[change.slot])) if change.slot in room else change
            for change in work.changes
        ]


def _held_elsewhere(work: _Slots) -> dict[Pair, Slot]:
    """What is still billed in a slot that it no longer leads to: one that must stay, else one set to 0 now. Ended
    agreements bill nothing."""
    found: dict[Pair, Slot] = {}
    for slot in sorted(work.moved) + sorted(work.left):
        for mine in work.managed.get(slot, ()):
            line = next((a for a in work.billing.additions.get(slot.agreement, ()) if a.id == mine.addition), None)
            if line is None or line.quantity <= 0 or not line.standing(work.today):
                continue
            if work.routes.writable(slot.agreement):
                found.update((pair, slot) for pair in mine.origin if slot not in work.routes.slots(pair))
    return found


def _quantities(before: Decimal, after: Decimal) -> tuple[tuple[str, str], ...]:
    return (("before", f"{before.normalize():f}"), ("after", f"{after.normalize():f}"))


def _find(
    work: _Slots,
    kind: FindingKind,
    slot: Slot,
    *,
    money: Decimal | None = None,
    customer: str | None = None,
    product: str | None = None,
    mark: str = "",
    since: date | None = None,
    fields: tuple[tuple[str, str], ...] = (),
) -> None:
    agreement = work.billing.agreements.get(slot.agreement)
    work.findings.append(
        Finding(
            kind=kind,
            customer=customer,
            product=product,
            company=agreement.company if agreement else None,
            agreement=slot.agreement,
            item=slot.item,
            mark=mark,
            money=money,
            currency=agreement.currency if agreement else "",
            since=since,
            fields=fields,
        )
    )
