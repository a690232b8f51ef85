"""The form of one customer's decisions: what was typed, what it means, and what is wrong with it; keeps nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from truecount.core.model import ZERO, ByRule, Override, Share
from truecount.runs.customers import Decisions
from truecount.runs.decisions import (
    DECIMALS,
    PERCENT_DECIMALS,
    number_fault,
    override_fault,
    split_fault,
    way_fault,
)
from truecount.runs.transfer_reasons import Why
from truecount.web.numbers import number_typed, told, typed

MOST_ROWS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Exempt:
    """One row of the exceptions as it was typed; a row without a kind is none."""

    item: str = ""
    kind: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The form as it was typed. `how` is hand or rule, `split` is percent or first; `parts` are by agreement."""

    company: str = ""
    how: str = "hand"
    agreements: tuple[str, ...] = ()
    split: str = "percent"
    parts: Mapping[str, str] = field(default_factory=dict)
    rule: str = ByRule.ONLY_ACTIVE.value
    pattern: str = ""
    sync: bool = True
    bill_anyway: bool = False
    exceptions: tuple[Exempt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a draft means, None where it can't be kept; `wrong` says why by the field's name."""

    decisions: Decisions | None
    wrong: Mapping[str, str]


def draft_of(decisions: Decisions) -> Draft:
    """What stands, as it would be typed."""
    shares = decisions.shares
    return Draft(
        company="" if decisions.company is None else str(decisions.company),
        how="rule" if decisions.by_rule else "hand",
        agreements=tuple(str(share.agreement) for share in shares),
        split="first" if any(share.first is not None for share in shares) else "percent",
        parts={str(share.agreement): _part(share) for share in shares} if shares[1:] else {},
        rule=str(decisions.by_rule or ByRule.ONLY_ACTIVE),
        pattern=decisions.pattern,
        sync=decisions.sync,
        bill_anyway=decisions.bill_anyway,
        exceptions=tuple(_exception(override) for override in decisions.overrides),
    )


def _part(share: Share) -> str:
    part = share.first if share.percent is None else share.percent
    return "" if part is None else typed(part)


def draft_typed(typed: QueryDict) -> Draft:
    """Fields of the form, whatever came; numbers stay as they were typed."""
    rows = zip(typed.getlist("item"), typed.getlist("kind"), typed.getlist("value"), strict=False)
    return Draft(
        company=_clean(typed.get("company", "")),
        how="rule" if typed.get("how") == "rule" else "hand",
        agreements=tuple(dict.fromkeys(one for one in typed.getlist("agreement") if is_number(one))),
        split="first" if typed.get("split") == "first" else "percent",
        parts={name.removeprefix("part-"): _clean(typed.get(name, "")) for name in typed if name.startswith("part-")},
        rule=_clean(typed.get("rule", "")),
        pattern=_clean(typed.get("pattern", "")),
        sync=typed.get("sync") == "on",
        bill_anyway=typed.get("bill_anyway") == "on",
        exceptions=tuple(Exempt(item=_clean(i), kind=_clean(k), value=_clean(v)) for i, k, v in rows)[:MOST_ROWS],
    )


def read(draft: Draft, customer: str, standing: Decisions) -> Read:
    """What is typed as decisions, with every field that is wrong named at once.

    An exception that was left as it was shown stays as it is kept, even where the form shows less of it.
    """
    wrong: dict[str, str] = {}
    mapping = Decisions()
    if not draft.company:
        if draft.agreements or draft.how == "rule":
            wrong["company"] = _("Choose a company first.")
    elif not is_number(draft.company):
        wrong["company"] = _("Choose a company from the list.")
    elif draft.how == "rule":
        mapping = _by_rule(draft, wrong)
    else:
        mapping = _by_hand(draft, wrong)
        if _same(mapping, standing):
            mapping = standing
    kept = {override.item: override for override in standing.overrides}
    overrides = tuple(_overrides(draft, customer, kept, wrong))
    if wrong:
        return Read(decisions=None, wrong=wrong)
    decisions = replace(mapping, sync=draft.sync, bill_anyway=draft.bill_anyway, overrides=overrides)
    return Read(decisions=decisions, wrong={})


def _by_rule(draft: Draft, wrong: dict[str, str]) -> Decisions:
    if draft.rule not in set(ByRule):
        wrong["rule"] = _("Choose how the agreement is found.")
        return Decisions()
    rule = ByRule(draft.rule)
    pattern = "" if rule is ByRule.ONLY_ACTIVE else draft.pattern
    fault = way_fault((), rule, pattern)
    if fault is not None:
        empty = fault.why is Why.EMPTY_TEXT
        wrong["pattern"] = _("Say which type or name to look for.") if empty else told(fault)
    return Decisions(company=int(draft.company), by_rule=rule, pattern=pattern)


def _by_hand(draft: Draft, wrong: dict[str, str]) -> Decisions:
    if not draft.agreements:
        wrong["agreement"] = _("Choose at least one agreement, or let a rule find it.")
        return Decisions()
    idents = [int(one) for one in draft.agreements]
    if len(idents) == 1:
        return Decisions(company=int(draft.company), shares=(Share(agreement=idents[0]),))
    shares = _by_percent(draft, idents, wrong) if draft.split == "percent" else _by_first(draft, idents, wrong)
    if not any(name.startswith("part-") for name in wrong) and (reason := _split_wrong(draft, shares)):
        wrong["split"] = reason
    return Decisions(company=int(draft.company), shares=tuple(shares))


def _same(mapping: Decisions, standing: Decisions) -> bool:
    """The same agreements in the same parts: a part of all of it may be kept as 100 percent or as the rest."""
    if mapping.company != standing.company or standing.by_rule is not None:
        return False
    ours, theirs = ({share.agreement: share for share in one.shares} for one in (mapping, standing))
    return ours == theirs or (len(ours) == 1 and ours.keys() == theirs.keys())


def _by_percent(draft: Draft, idents: Sequence[int], wrong: dict[str, str]) -> list[Share]:
    shares = []
    for ident in idents:
        percent = number_typed(draft.parts.get(str(ident), ""))
        if percent is None or percent > 100:
            wrong[f"part-{ident}"] = _("Enter a percentage from 0 to 100.")
        elif (fault := number_fault("percent", percent, PERCENT_DECIMALS)) is not None:
            wrong[f"part-{ident}"] = told(fault)
        shares.append(Share(agreement=ident, percent=percent))
    return shares


def _by_first(draft: Draft, idents: Sequence[int], wrong: dict[str, str]) -> list[Share]:
    """Numbers are filled in their order; the one without a number takes the rest."""
    shares, rest = [], []
    for ident in idents:
        part = draft.parts.get(str(ident), "")
        if not part:
            rest.append(ident)
            continue
        first = number_typed(part)
        if first is None:
            wrong[f"part-{ident}"] = _("Enter a number, or leave it empty for the rest.")
        elif (fault := number_fault("first", first, DECIMALS)) is not None:
            wrong[f"part-{ident}"] = told(fault)
        shares.append(Share(agreement=ident, first=first))
    return [*shares, *(Share(agreement=ident) for ident in rest)]


def _split_wrong(draft: Draft, shares: Sequence[Share]) -> str:
    """In the words of the form where it has some; here somebody must take the rest, too."""
    fault = split_fault(shares, "")
    without_rest = draft.split == "first" and all(share.first is not None for share in shares)
    if without_rest or (fault is not None and fault.why is Why.BOTH_REST):
        return _("Leave exactly one agreement without a number: it takes the rest.")
    if fault is None:
        return ""
    if fault.why is Why.NOT_100:
        total = typed(sum((share.percent for share in shares if share.percent is not None), ZERO))
        return _("The percentages add up to %(total)s; make them 100.") % {"total": total}
    return told(fault)


def _overrides(draft: Draft, customer: str, kept: Mapping[int, Override], wrong: dict[str, str]) -> Iterator[Override]:
    """In the order of the items, as they are kept."""
    found: dict[int, Override] = {}
    for place, row in enumerate(draft.exceptions):
        if not row.kind or not is_number(row.item):
            if row.kind and not row.item:
                wrong[f"exception-{place}"] = _("Choose a product.")
            continue
        item = int(row.item)
        if item in found:
            wrong[f"exception-{place}"] = _("There is an exception for this product already.")
            continue
        if item in kept and _exception(kept[item]) == row:
            found[item] = kept[item]
            continue
        if (override := _override(row, customer, item)) is None:
            wrong[f"exception-{place}"] = _("Enter a number, 0 or more.")
        elif (fault := override_fault(override)) is not None:
            wrong[f"exception-{place}"] = told(fault)
        else:
            found[item] = override
    yield from (found[item] for item in sorted(found))


def _override(row: Exempt, customer: str, item: int) -> Override | None:
    if row.kind == "exclude":
        return Override(customer=customer, item=item, exclude=True)
    if (value := number_typed(row.value)) is None:
        return None
    number: dict[str, Any] = {"fixed" if row.kind == "fixed" else "minimum": value}
    return Override(customer=customer, item=item, **number)


def _exception(override: Override) -> Exempt:
    kind = "exclude" if override.exclude else "fixed" if override.fixed is not None else "minimum"
    value = None if override.exclude else override.fixed if kind == "fixed" else override.minimum
    return Exempt(item=str(override.item), kind=kind, value="" if value is None else typed(value))


def is_number(text: str) -> bool:
    """Whether it may be an id of the PSA's."""
    return text.isascii() and text.isdecimal() and len(text) < 10


def _clean(text: str) -> str:
    return text.replace("\0", "").strip()[:500]
