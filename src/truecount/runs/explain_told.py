"""An explanation as plain values for programs, and as lines for people in their language; nothing is loaded here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from truecount.core.explain import Amount, Former, Part, Piece, Told
from truecount.core.model import Addition, WhereNone
from truecount.core.plan import plain
from truecount.runs import advice
from truecount.runs.explain import Explained
from truecount.runs.transfer_document import json_of, override_told, rule_told
from truecount.store.models import LedgerEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a readable explanation: how far in it stands, what it says, and its number, where it has one."""

    depth: int
    text: str
    number: Decimal | None = None
    note: str = ""


# --- for programs ---------------------------------------------------------------------------------


def told(explained: Explained) -> dict[str, Any]:
    """Quantities and money as text."""
    one, plan, names = explained.explanation, explained.plan, explained.names
    rule = json_of(rule_told(one.rule, WhereNone.CREATE))
    return {
        "plan": plan.pk,
        "digest": plan.digest,
        "same": explained.same,
        "period": plan.period,
        "source": plan.source,
        **names.slot(*one.slot),
        "number": _text(one.number),
        "products": list(one.codes),
        "rule": rule["rule"] if isinstance(rule, dict) and rule else {},
        "pieces": [_piece_told(explained, piece) for piece in one.pieces],
        "total": plain(one.total),
        "decimals": one.decimals,
        "wanted": _text(one.wanted),
        "waits": _why(explained, one.waits),
        "former": [_former_told(explained, former) for former in one.former],
        "standing": [_standing_told(explained, line) for line in one.standing],
        "change": _change_told(explained),
        "left": {"reason": one.left, "message": advice.reason_text(one.left, {})} if one.left else None,
        "holds": [str(hold.kind) for hold in one.holds],
        "findings": [str(finding.kind) for finding in one.findings],
        "ledger": [_event_told(event) for event in explained.events],
    }


def _piece_told(explained: Explained, piece: Piece) -> dict[str, Any]:
    names = explained.names
    return {
        "customer": piece.customer,
        "customer_name": names.customers.get(piece.customer, piece.customer),
        "counted": piece.counted,
        "skip": str(piece.skip) if piece.skip else None,
        "waits": _why(explained, piece.waits),
        "message": _reason(explained, piece),
        "amounts": [
            {
                "product": amount.code,
                "product_name": names.products.get(amount.code, amount.code),
                "quantity": _text(amount.quantity),
                "lines": [_line_told(explained, one) for one in amount.lines],
            }
            for amount in piece.amounts
        ],
        "absent": list(piece.absent),
        "override": json_of(override_told(piece.override)) if piece.override else None,
        "steps": [
            {
                "name": step.name,
                "setting": step.setting,
                "result": plain(step.result),
                "message": advice.step_text(step.name, step.setting),
            }
            for step in piece.steps
        ],
        "split_step": _text(piece.split_step),
        "parts": [
            {
                "agreement": part.share.agreement,
                "agreement_name": names.agreements.get(part.share.agreement, str(part.share.agreement)),
                "percent": _text(part.share.percent),
                "first": _text(part.share.first),
                "quantity": plain(part.quantity),
                "closed": str(part.closed) if part.closed else None,
            }
            for part in piece.parts
        ],
        "quantity": _text(piece.quantity),
    }


def _line_told(explained: Explained, one: Told) -> dict[str, Any]:
    line, kept = one.line, explained.kept.get(one.place)
    return {
        "order_line": line.order_line,
        "serial": line.serial or None,
        "billable": _text(line.billable),
        "actual": _text(line.actual),
        "unit_price": _text(line.unit_price),
        "answer": kept.answer if kept else None,
        "route": kept.route if kept else None,
        "row": kept.row if kept else None,
        "raw": _raw(kept.told) if kept else None,
    }


def _raw(value: Any) -> Any:
    """As it came; numbers with a point as text, so that none is rounded."""
    if isinstance(value, Decimal):
        return plain(value)
    return {name: _raw(inner) for name, inner in value.items()} if isinstance(value, dict) else value


def _former_told(explained: Explained, former: Former) -> dict[str, Any]:
    return {
        "customer": former.pair.customer,
        "product": former.pair.code,
        "leads_to": [list(way) for way in former.ways],
        "present": former.present,
        "message": _former_text(explained, former, None),
    }


def _standing_told(explained: Explained, line: Addition) -> dict[str, Any]:
    managed = {one.addition for one in explained.explanation.managed}
    return {
        "addition": line.id,
        "quantity": plain(line.quantity),
        "less_included": plain(line.less_included),
        "unit_price": plain(line.unit_price),
        "money": plain(line.money()),
        "effective": line.effective.isoformat() if line.effective else None,
        "cancelled": line.cancelled.isoformat() if line.cancelled else None,
        "managed": line.id in managed,
    }


def _change_told(explained: Explained) -> dict[str, Any] | None:
    change, row = explained.explanation.change, explained.row
    if change is None:
        return None
    return {
        "kind": str(change.kind),
        "before": plain(change.before),
        "after": plain(change.after),
        "effective": change.effective.isoformat() if change.effective else None,
        "addition": change.ground.id if change.ground else None,
        "money_before": plain(change.money_before),
        "money_after": plain(change.money_after),
        "outcome": (row.outcome or None) if row else None,
    }


def _event_told(event: LedgerEvent) -> dict[str, Any]:
    return {
        "number": event.number,
        "kind": event.kind,
        "at": event.at.isoformat(),
        "run": event.run_id,
        "write": str(event.write),
        "hash": event.hash,
        "told": {name: value for name, value in event.told.items() if name != "keep"},
    }


def _why(explained: Explained, waits: tuple[str, str] | None) -> dict[str, str] | None:
    if waits is None:
        return None
    reason, about = waits
    message = advice.reason_text(reason, {"about": _called(explained, about)})
    return {"reason": reason, "about": about, "message": message}


def _text(number: Decimal | None) -> str | None:
    return None if number is None else plain(number)


# --- for people -----------------------------------------------------------------------------------


def readable(explained: Explained, language: str | None = None) -> list[Line]:
    """From the vendor's lines to the ledger, from top to bottom."""
    return list(_Reader(explained, language).all())


@dataclass(frozen=True, slots=True)
class _Reader:
    explained: Explained
    language: str | None

    def all(self) -> Iterator[Line]:
        one, plan = self.explained.explanation, self.explained.plan
        slot = self.explained.names.slot(*one.slot)
        names = {name: slot[f"{name}_name"] for name in ("item", "agreement", "company")}
        yield self._line(0, "head", **names)
        yield self._line(0, "plan", period=plan.period, source=plan.source, plan=plan.pk)
        if not self.explained.same:
            yield self._line(0, "other_version")
        for piece in one.pieces:
            yield from self._piece(piece)
        for former in one.former:
            yield Line(depth=0, text=_former_text(self.explained, former, self.language))
        yield from self._sum()
        yield from self._line_of_agreement()
        yield from self._ledger()

    def _line(self, depth: int, code: str, number: Decimal | None = None, note: str = "", /, **fields: object) -> Line:
        return Line(depth=depth, text=advice.explained_text(code, fields, self.language), number=number, note=note)

    def _piece(self, piece: Piece) -> Iterator[Line]:
        names = self.explained.names
        yield Line(depth=0, text=names.customers.get(piece.customer, piece.customer))
        for amount in piece.amounts:
            yield from self._amount(amount)
        for code in piece.absent:
            yield self._line(1, "absent", product=code)
        alone = len(self.explained.explanation.codes) == 1
        for step in piece.steps:
            if not (alone and step.name == "combine"):
                text = advice.step_text(step.name, step.setting, self.language)
                yield Line(depth=1, text=text, number=step.result)
        if len(piece.parts) > 1:
            yield from (self._part(part, piece.split_step) for part in piece.parts)
        if piece.skip:
            yield self._line(1, "not_counted", why=advice.skip_text(piece.skip, self.language))
        if piece.waits:
            yield self._line(1, "keeps_waiting", why=self._reason(*piece.waits))

    def _amount(self, amount: Amount) -> Iterator[Line]:
        names = {"product": amount.code, "product_label": self.explained.names.products.get(amount.code, "?")}
        code = "product" if amount.quantity is not None else "product_unknown"
        yield self._line(1, code, amount.quantity, **names)
        for one in amount.lines:
            kept = self.explained.kept.get(one.place)
            where = {"row": kept.row, "answer": kept.answer} if kept else {}
            note = advice.explained_text("answer", where, self.language) if kept else ""
            serial = "line_serial" if one.line.serial else "line"
            names = {"order_line": one.line.order_line, "serial": one.line.serial}
            yield self._line(2, serial, one.line.billable, note, **names)

    def _part(self, part: Part, step: Decimal | None) -> Line:
        share = part.share
        if share.agreement != self.explained.explanation.slot.agreement:
            name = self.explained.names.agreements.get(share.agreement, str(share.agreement))
            return self._line(2, "other", part.quantity, agreement=name)
        code = "percent" if share.percent is not None else "first" if share.first is not None else "rest"
        return self._line(1, code, part.quantity, percent=share.percent, first=share.first, step=step)

    def _sum(self) -> Iterator[Line]:
        one = self.explained.explanation
        counted = sum(piece.counted for piece in one.pieces)
        if counted > 1:
            yield self._line(0, "total", one.total, count=counted)
        elif not counted and one.waits is None:
            yield self._line(0, "nothing")
        if one.wanted is not None and one.wanted != one.total:
            yield self._line(0, "decimals", one.wanted, decimals=one.decimals)
        if one.waits is not None:
            yield self._line(0, "waits", why=self._reason(*one.waits))

    def _line_of_agreement(self) -> Iterator[Line]:
        one, change = self.explained.explanation, self.explained.explanation.change
        for line in one.standing:
            yield self._line(0, "standing", line.quantity, addition=line.id)
        if not one.standing:
            yield self._line(0, "no_line")
        if change is not None:
            kind = advice.change_text(change.kind, {}, self.language).title
            told = {"kind": kind, "before": change.before, "after": change.after, "effective": change.effective}
            yield self._line(0, "change_from" if change.effective else "change", change.after, **told)
            row = self.explained.row
            if row is not None and row.outcome:
                yield self._line(1, "outcome", outcome=advice.outcome_text(row.outcome, self.language))
        elif one.left is not None and (one.waits is None or one.left != one.waits[0]):
            yield self._line(0, "left", why=advice.reason_text(one.left, {}, self.language))
        elif one.wanted is not None:
            yield self._line(0, "unchanged", one.number)
        for hold in one.holds:
            fields = dict(hold.fields) | (self.explained.names.slot(*hold.slot) if hold.slot else {})
            yield self._line(1, "held", why=advice.hold_text(hold.kind, fields, self.language).sentence)

    def _ledger(self) -> Iterator[Line]:
        for event in self.explained.events:
            done = event.told.get("done")
            code = "intent" if done is None else "answer_done" if done else "not_done"
            kind = advice.change_text(str(event.told.get("kind", "")), {}, self.language).title
            said = advice.explained_text(code, {**event.told, "kind": kind}, self.language)
            yield self._line(0, "ledger", event_number=event.number, at=event.at, event=said)

    def _reason(self, reason: str, about: str) -> str:
        return advice.reason_text(reason, {"about": _called(self.explained, about)}, self.language)


def _called(explained: Explained, about: str) -> str:
    """A customer by its name; anything else is its own name."""
    return explained.names.customers.get(about, about)


def _reason(explained: Explained, piece: Piece) -> str | None:
    if piece.skip is not None:
        return advice.skip_text(piece.skip)
    told = _why(explained, piece.waits)
    return told["message"] if told else None


def _former_text(explained: Explained, former: Former, language: str | None) -> str:
    names = explained.names
    customer = former.pair.customer or ""
    fields = {"product": former.pair.code, "customer": names.customers.get(customer, customer)}
    here = explained.explanation.slot in former.ways
    code = "former_absent" if here else "former_moved" if former.ways else "former_lost"
    return advice.explained_text(code, fields, language)
