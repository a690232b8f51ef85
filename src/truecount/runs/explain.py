"""Loading all that explains one number of a plan: the plan made again from its stored inputs, the vendor's kept
answers, and the ledger. Reads no remote system."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from truecount.connectors import kinds
from truecount.core.errors import ErrorCode, Misused
from truecount.core.explain import Explainer, Explanation
from truecount.core.model import Billing, Slot, Source, Usage, UsageLine
from truecount.core.period import Period
from truecount.core.roles import Action
from truecount.runs.audit import require
from truecount.runs.names import Names
from truecount.store.documents import PlanInputs, unpack
from truecount.store.models import Connection, Integration, LedgerEvent, Plan, PlanChange, RawAnswer, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where a usage line stands in the answers as they came: the answer, and the row in it, counted from 1."""

    answer: int
    route: str
    at: datetime
    row: int
    told: Mapping[str, object]
    """The row itself, in the vendor's own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """`same` is false where today's program no longer comes to the plan that was stored. `kept` is by the usage
    line's place in the reading; lines whose answer is no longer kept are missing there."""

    plan: Plan
    same: bool
    explanation: Explanation
    names: Names
    kept: Mapping[int, Kept]
    row: PlanChange | None
    """The change as it was stored, with what became of it."""
    events: tuple[LedgerEvent, ...]


def explain(
    integration: Integration,
    agreement: int,
    item: int,
    *,
    period: Period | None = None,
    source: Source | None = None,
    plan: int | None = None,
    by: User | None,
) -> Explained:
    """One slot of the plan with that number, else of the newest one of that period and source."""
    require(by, Action.LOOK)
    return Explanations(_plan(integration, period, source, plan)).of(Slot(agreement, item))


def _plan(integration: Integration, period: Period | None, source: Source | None, number: int | None) -> Plan:
    rows = Plan.objects.filter(integration=integration).select_related("snapshot", "integration")
    if number is not None:
        found = rows.filter(pk=number).first()
    else:
        chosen = Q(period=str(period)) if period else Q()
        chosen &= Q(source=str(source)) if source else Q()
        found = rows.filter(chosen).order_by("-made_at", "-pk").first()
    if found is None and number is not None:
        raise Misused(ErrorCode.UNKNOWN_PLAN, plan=number)
    if found is None:
        raise Misused(ErrorCode.UNKNOWN_PLAN, **({"period": str(period)} if period else {}))
    return found


class Explanations:
    """Any number of slots of one plan; the plan is made again once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._billing = unpack(plan.snapshot.billing, Billing)
        inputs = unpack(plan.inputs, PlanInputs)
        usage = unpack(plan.snapshot.usage, Usage)
        self._explainer = Explainer(
            plan.integration.slug, usage, self._billing, inputs.baseline, inputs.configuration, plan.today
        )
        self._names = Names(plan.integration)

    def slots(self) -> list[Slot]:
        return self._explainer.slots()

    def bare(self, slot: Slot) -> Explanation:
        """Without what is stored beside the plan."""
        return self._explainer.explain(slot)

    def of(self, slot: Slot) -> Explained:
        """Refused where ConnectWise had no such agreement or product when it was read."""
        if slot.agreement not in self._billing.agreements and slot not in self.slots():
            raise Misused(ErrorCode.UNKNOWN_AGREEMENT, agreement=slot.agreement)
        if slot.item not in self._billing.items and slot not in self.slots():
            raise Misused(ErrorCode.UNKNOWN_ITEM, item=slot.item)
        explanation = self.bare(slot)
        where = {"agreement": slot.agreement, "item": slot.item}
        lines = {
            told.place: told.line for piece in explanation.pieces for amount in piece.amounts for told in amount.lines
        }
        return Explained(
            plan=self.plan,
            same=self._explainer.plan.digest == self.plan.digest,
            explanation=explanation,
            names=self._names,
            kept=dict(_kept(self.plan, lines)) if lines else {},
            row=PlanChange.objects.filter(plan=self.plan, **where).first(),
            events=tuple(LedgerEvent.objects.filter(integration=self.plan.integration, **where).order_by("number")),
        )


def _kept(plan: Plan, lines: Mapping[int, UsageLine]) -> Iterator[tuple[int, Kept]]:
    """Every line's place in the kept answers of the reading, in the order in which they came."""
    vendor = Connection.objects.filter(integration=plan.integration, side="vendor").first()
    if vendor is None:
        return
    left = dict(sorted(lines.items()))
    routes = kinds.usage_routes(vendor.kind)
    answers = RawAnswer.objects.filter(run__snapshot=plan.snapshot, status=200, route__in=routes).order_by("pk")
    for answer in answers.iterator(chunk_size=20):
        body = zlib.decompress(answer.body)
        if not any(_mark(line) in body for line in left.values()):
            continue
        for number, (row, found) in enumerate(kinds.lines_in(vendor.kind, answer.route, body), start=1):
            place = next((place for place, line in left.items() if _same(line, found)), None)
            if place is not None:
                del left[place]
                yield place, Kept(answer=answer.pk, route=answer.route, at=answer.at, row=number, told=row)
        if not left:
            return


def _mark(line: UsageLine) -> bytes:
    """What an answer with this line surely contains, however it is written; looked for before an answer is read."""
    mark = line.order_line or line.customer or ""
    return mark.encode() if mark.replace("-", "").isalnum() and mark.isascii() else b""


def _same(line: UsageLine, found: UsageLine) -> bool:
    if found.customer and found.customer != line.customer:
        return False
    facts = ("code", "order_line", "serial", "billable", "actual")
    return all(getattr(line, name) == getattr(found, name) for name in facts)
