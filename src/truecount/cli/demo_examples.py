"""What the demonstration decides beyond sure suggestions: one of all that a mapping can do, and where to see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import pairwise

from truecount.core.explain import Explanation, Piece
from truecount.core.model import Combine, Rule, Share, Slot, WhereNone
from truecount.runs import clock, configure
from truecount.runs.explain import Explanations
from truecount.runs.suggest import suggest
from truecount.store.models import Agreement, CatalogItem, Customer, Integration, Plan, User

MAIL = "CEMA-MSP"
ENCRYPTED_MAIL, PHISHING = "Sophos_Email_Portal_Encryption", "Sophos_Central_Phish_Threat"
DEVICES = "Sophos_Device_Encryption"
RULES = {
    ENCRYPTED_MAIL: Rule(combine=Combine.ALL_OF),
    PHISHING: Rule(included=Decimal(2)),
    DEVICES: Rule(minimum=Decimal(5)),
}
"""The add-on is billed for mailboxes that have both; two are included in phishing training; five devices at least."""
PERCENTS = (Decimal(60), Decimal(40))
_LIKELY = 80


def decide(where: Integration, by: User) -> None:
    """A bundle, an included amount, a minimum, a split and a shared agreement, as far as the
    world has what they need."""
    items = dict(CatalogItem.objects.filter(integration=where).values_list("identifier", "psa_id"))
    now = clock.now()
    configure.map_product(where, MAIL, items[ENCRYPTED_MAIL], replacing=(), by=by, now=now)
    for item, rule in RULES.items():
        configure.set_rule(where, items[item], rule, WhereNone.CREATE, by=by, now=now)
    _split(where, by)
    _share(where, by)


def _split(where: Integration, by: User) -> None:
    """The first sure customer whose company has two agreements is billed on both."""
    names = _names(where)
    unclear = [one for one in suggest(where).customers if one.agreement is None and one.score > _LIKELY]
    for one in sorted(unclear, key=lambda one: names[one.customer]):
        rows = Agreement.objects.filter(integration=where, company=one.company, state="active", gone_since=None)
        agreements = list(rows.order_by("psa_id").values_list("psa_id", flat=True))
        if len(agreements) == len(PERCENTS):
            parts = zip(agreements, PERCENTS, strict=True)
            shares = [Share(agreement=agreement, percent=percent) for agreement, percent in parts]
            configure.map_customer(where, one.customer, one.company, shares, by=by, now=clock.now())
            return


def _share(where: Integration, by: User) -> None:
    """The first two likely customers whose names begin alike are one house, billed on the agreement of the first."""
    names = _names(where)
    likely = [one for one in suggest(where).customers if one.agreement is not None and one.score > _LIKELY]
    billed = set(Customer.objects.filter(integration=where, billing="usage").values_list("vendor_id", flat=True))
    ordered = sorted((one for one in likely if one.customer in billed), key=lambda one: names[one.customer])
    for head, branch in pairwise(ordered):
        if names[head.customer].split()[:2] == names[branch.customer].split()[:2]:
            shares = [Share(agreement=head.agreement or 0)]
            for one in (head, branch):
                configure.map_customer(where, one.customer, head.company, shares, by=by, now=clock.now())
            return


def _names(where: Integration) -> dict[str, str]:
    return dict(Customer.objects.filter(integration=where).values_list("vendor_id", "name"))


# --- where to see them ----------------------------------------------------------------------------

_SEEN: dict[str, Callable[[Explanation, Piece], bool]] = {
    "bundle": lambda told, piece: len(told.codes) > 1 and len(piece.amounts) > 1,
    "split": lambda _told, piece: len(piece.parts) > 1 and (piece.quantity or 0) > 1,
    "included": lambda _told, piece: any(step.name == "included" for step in piece.steps),
    "minimum": lambda _told, piece: any(step.name == "minimum" for step in piece.steps),
    "shared": lambda told, _piece: sum(one.counted for one in told.pieces) > 1,
}


def examples(plan: Plan) -> dict[str, Slot]:
    """The first slot of each kind in the order of agreements; a bundle of one product where none has more."""
    found: dict[str, Slot] = {}
    otherwise: dict[str, Slot] = {}
    for told, piece in _counted(plan):
        for name, fits in _SEEN.items():
            if name not in found and fits(told, piece):
                found[name] = told.slot
        if len(told.codes) > 1:
            otherwise.setdefault("bundle", told.slot)
    return {name: slot for name in _SEEN if (slot := found.get(name, otherwise.get(name))) is not None}


def _counted(plan: Plan) -> Iterator[tuple[Explanation, Piece]]:
    explanations = Explanations(plan)
    for slot in explanations.slots():
        told = explanations.bare(slot)
        yield from ((told, piece) for piece in told.pieces if piece.counted)
