"""What every line must hold after a run, worked out slowly from the product rules alone; shares no code with the core.

It reads plain records as the simulators' `/_sim/state` gives them, and what people decided as plain values:

    sophos        {"usage": [line…], "customers": [tenant…]}
    connectwise   {"companies", "statuses", "agreements", "additions", "catalog"}
    setup         {"period": "2026-11", "source": "invoice", "today": "2026-11-26",
                   "products":  [{"item": 7, "codes": ["A"], "combine": "sum", "multiply": "1", "included": "0",
                                  "rounding": "none", "step": "1", "minimum": None, "maximum": None,
                                  "adopt_only": False}],
                   "customers": [{"customer": "c1", "company": 1, "shares": [{"agreement": 5, "percent": "60"}],
                                  "by_rule": None, "pattern": ""}],
                   "overrides": [{"customer": "c1", "item": 7, "exclude": False, "fixed": None, "minimum": None}],
                   "off": [codes and customers], "bill_anyway", "unread": [customers], "firewall_products": [codes],
                   "complete": True, "quantity": "billable", "decimals": 2, "vanish": "zero", "last_period": None,
                   "managed":   [{"addition": 31, "agreement": 5, "item": 7, "pairs": [["c1", "A"]],
                                  "period": "2026-10", "next_invoice": "2026-12-01", "cancelled_by_us": None,
                                  "firewall": False, "bill_again": False}],
                   "elsewhere": [addition ids]}

Only what differs from these defaults needs to be given. The answer is {(agreement, item): [quantities]} of the lines
that stand in the end, for a person who releases every hold that is only a brake (first writes, jumps, sums) and none
that asks for a decision (duplicate lines, lines of another integration, `vanish` set to hold).
"""

from calendar import monthrange
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Any

Row = dict[str, Any]
Place = tuple[int, int]

LEAVE, NOTHING = "leave", "nothing"
"""A slot that may not be touched; a slot that nobody uses (any more)."""


def final_quantities(sophos: Row, connectwise: Row, setup: Row) -> dict[Place, list[Decimal]]:
    return Reference(sophos, connectwise, setup).final()


class Reference:
    def __init__(self, sophos: Row, connectwise: Row, setup: Row) -> None:
        self.usage: list[Row] = sophos["usage"]
        self.tenants: dict[str, Row] = {row["id"]: row for row in sophos["customers"]}
        self.companies: dict[int, Row] = {row["id"]: row for row in connectwise["companies"]}
        self.inactive_statuses = [row["id"] for row in connectwise.get("statuses", []) if row.get("inactiveFlag")]
        self.agreements: dict[int, Row] = {row["id"]: row for row in connectwise["agreements"]}
        self.additions: list[Row] = connectwise["additions"]
        self.catalog: dict[int, Row] = {row["id"]: row for row in connectwise["catalog"]}
        self.setup = setup
        self.mappings: list[Row] = setup["products"]
        self.people: dict[str, Row] = {row["customer"]: row for row in setup["customers"]}
        self.managed: list[Row] = setup.get("managed", [])
        self.live = setup.get("source", "invoice") == "live"
        self.lines_at: dict[Place, list[Row]] = {}
        for line in self.additions:
            self.lines_at.setdefault((line["agreementId"], line["product"]["id"]), []).append(line)
        self.lines_of: dict[str, list[Row]] = {}
        for line in self.usage:
            account = line.get("accountId")
            if not account and line.get("externalId") in self.tenants:
                account = line["externalId"]
            if account and line.get("period", setup["period"]) == setup["period"]:
                self.lines_of.setdefault(account, []).append(line)

    def final(self) -> dict[Place, list[Decimal]]:
        agreements = set(self.agreements) | {line["agreementId"] for line in self.additions}
        items = {mapping["item"] for mapping in self.mappings} | {line["product"]["id"] for line in self.additions}
        result = {}
        for agreement in agreements:
            for item in items:
                quantities = self.after((agreement, item))
                if quantities:
                    result[(agreement, item)] = sorted(quantities)
        return result

    # --- one slot ---------------------------------------------------------------------------------

    def after(self, place: Place) -> list[Decimal]:
        standing = self.standing(place)
        as_it_is = [Decimal(str(line["quantity"])) for line in standing]
        ours = self.record_of(standing[0]) if len(standing) == 1 else None
        if self.stays(place):
            return as_it_is

        want = self.wanted(place, ours)
        if want == LEAVE:
            return as_it_is
        if not standing:
            if want == NOTHING or want == 0 or self.may_not_create(place):
                return []
            return [Decimal(want)]
        if ours is None:
            return as_it_is if want == NOTHING or want == 0 else [Decimal(want)]
        if want == NOTHING:
            return self.vanished(standing[0], ours, as_it_is)
        return [Decimal(want)]

    def stays(self, place: Place) -> bool:
        """Whether a slot may not be written for a reason that has nothing to do with who uses what."""
        standing = self.standing(place)
        if len(standing) > 1 or any(line["id"] in self.setup.get("elsewhere", []) for line in standing):
            return True
        if not self.agreement_open(place[0]):
            return True
        ours = self.record_of(standing[0]) if standing else None
        newest = [] if ours is None else [ours["period"]]
        if ours is None:
            newest = [row["period"] for row in self.managed if (row["agreement"], row["item"]) == place]
            newest += [self.setup["last_period"]] if self.setup.get("last_period") else []
        if newest and self.setup["period"] < max(newest):
            return True
        return self.invoiced(place[0])

    def vanished(self, line: Row, ours: Row, as_it_is: list[Decimal]) -> list[Decimal]:
        """Nobody uses it any more: the vanish policy, unless the line is ending already."""
        policy = self.setup.get("vanish", "zero")
        if policy == "hold" or as_it_is == [0] or self.ending(line, ours):
            return as_it_is
        if policy == "cancel":
            return as_it_is if self.end() > self.setup["today"] else []
        return [Decimal(0)]

    def ending(self, line: Row, ours: Row) -> bool:
        """By us, or by somebody else no later than the vanish policy would end it."""
        ends = (line.get("cancelledDate") or "")[:10]
        too = self.setup.get("vanish", "zero") == "cancel" and ends <= self.end()
        return bool(ends) and bool(ours.get("cancelled_by_us") or too)

    def end(self) -> str:
        year, month = (int(part) for part in self.setup["period"].split("-"))
        return max(f"{year:04d}-{month:02d}-{monthrange(year, month)[1]:02d}", str(self.setup["today"]))

    def may_not_create(self, place: Place) -> bool:
        for row in self.managed:
            ended_by_others = not row.get("cancelled_by_us") and not row.get("bill_again")
            if (row["agreement"], row["item"]) == place and ended_by_others:
                return True
        if any(mapping["item"] == place[1] and mapping.get("adopt_only") for mapping in self.mappings):
            return True
        return any(self.still_held_elsewhere(pair, place) for pair in self.pairs_into(place))

    def still_held_elsewhere(self, pair: tuple[str, str], place: Place) -> bool:
        """A Create only after the Zero: not while the old line that holds this pair must stay as it is."""
        for row in self.managed:
            old = (row["agreement"], row["item"])
            if old == place or pair not in [tuple(known) for known in row["pairs"]] or old in self.ways(*pair):
                continue
            standing = self.standing(old)
            mine = [line for line in standing if line["id"] == row["addition"] and Decimal(str(line["quantity"])) > 0]
            if not mine or not self.agreement_open(old[0]):
                continue
            want = self.wanted(old, row)
            ending = want == NOTHING and self.ending(mine[0], row)
            if want == LEAVE or len(standing) > 1:
                return True
            if self.stays(old) and not ending and not self.agrees(standing, row, want):
                return True
        return False

    # --- what is wanted ---------------------------------------------------------------------------

    def wanted(self, place: Place, ours: Row | None) -> Decimal | str:
        total = self.counted(place, ours)
        if total == LEAVE or ours is None or self.agrees(self.standing(place), ours, total):
            return total
        ways = [self.ways(*pair) for pair in ours["pairs"]]
        in_place = any(place in way for way in ways)
        if total == NOTHING and in_place and any(self.ending(line, ours) for line in self.standing(place)):
            return NOTHING
        elsewhere = [way for way in ways if way and place not in way]
        if any(self.counted(target, None) == LEAVE for way in elsewhere for target in way):
            return LEAVE
        if total != NOTHING:
            return total
        if self.live and any(self.for_firewalls(mapping) for mapping in self.mappings if mapping["item"] == place[1]):
            return LEAVE
        if in_place:
            return NOTHING
        return Decimal(0) if elsewhere else LEAVE

    def agrees(self, standing: list[Row], ours: Row, want: Decimal | str) -> bool:
        """Whether the line holds what is wanted, and goes on if anything is."""
        if len(standing) != 1 or want in (LEAVE, NOTHING):
            return False
        reopen = ours.get("cancelled_by_us") and standing[0].get("cancelledDate") and Decimal(want) > 0
        return Decimal(str(standing[0]["quantity"])) == want and not reopen

    def counted(self, place: Place, ours: Row | None) -> Decimal | str:
        """The sum of all customers' parts, LEAVE as soon as one of them is not known or not free."""
        if not self.setup.get("complete", True):
            return LEAVE
        if self.live and ours is not None and ours.get("firewall"):
            return LEAVE
        total: Decimal | str = NOTHING
        for mapping in self.mappings:
            if mapping["item"] != place[1]:
                continue
            for customer in self.people:
                part = self.portion(mapping, customer, place[0])
                if part == LEAVE:
                    return LEAVE
                if part != NOTHING:
                    total = Decimal(part) + (Decimal(0) if total == NOTHING else Decimal(total))
        if total == NOTHING:
            return NOTHING
        return Decimal(total).quantize(Decimal(1).scaleb(-self.setup.get("decimals", 2)), ROUND_HALF_EVEN)

    def portion(self, mapping: Row, customer: str, agreement: int) -> Decimal | str:
        """What one customer puts into one slot."""
        shares = self.shares(customer)
        if agreement not in [share["agreement"] for share in shares] or not self.billed_by_usage(customer):
            return NOTHING
        if customer in self.setup.get("unread", []):
            return LEAVE
        amounts = self.amounts(customer, mapping)
        if not amounts:
            return NOTHING
        override = self.override(customer, mapping["item"])
        if customer in self.setup.get("off", []):
            return LEAVE
        if override.get("exclude"):
            return NOTHING
        if self.live and self.for_firewalls(mapping):
            return LEAVE
        if any(not self.switched_on(code) for code in amounts):
            return LEAVE
        if any(amount is None or amount < 0 for amount in amounts.values()):
            return LEAVE
        known = {code: amount for code, amount in amounts.items() if amount is not None}
        step = max(number(mapping, "step", "1"), Decimal(1).scaleb(-self.setup.get("decimals", 2)))
        return split(by_rule(mapping, override, known), step, shares, agreement)

    def for_firewalls(self, mapping: Row) -> bool:
        return any(code in self.setup.get("firewall_products", []) for code in mapping["codes"])

    def amounts(self, customer: str, mapping: Row) -> dict[str, Decimal | None]:
        """By product, its lines added up; None as soon as one line's number is missing."""
        found: dict[str, Decimal | None] = {}
        for line in self.lines_of.get(customer, []):
            code = line.get("productCode") or line["sku"]
            if code not in mapping["codes"]:
                continue
            told = line.get(self.setup.get("quantity", "billable") + "Quantity")
            before = found.get(code, Decimal(0))
            found[code] = None if told is None or before is None else before + Decimal(str(told))
        return found

    def pairs_into(self, place: Place) -> list[tuple[str, str]]:
        """Who is counted into a slot now."""
        found = []
        for mapping in self.mappings:
            for customer in self.people:
                if mapping["item"] != place[1] or self.override(customer, place[1]).get("exclude"):
                    continue
                found += [
                    (customer, code) for code in self.amounts(customer, mapping) if place in self.ways(customer, code)
                ]
        return found

    # --- where things lead ------------------------------------------------------------------------

    def ways(self, customer: str, code: str) -> list[Place]:
        """The slots that a customer's product leads to today; none where anything on the way is off or missing."""
        if customer in self.setup.get("off", []) or not self.switched_on(code) or not self.billed_by_usage(customer):
            return []
        agreements = [share["agreement"] for share in self.shares(customer)]
        items = [mapping["item"] for mapping in self.mappings if code in mapping["codes"]]
        return [(agreement, item) for agreement in agreements if self.agreement_open(agreement) for item in items]

    def shares(self, customer: str) -> list[Row]:
        person = self.people.get(customer)
        if person is None or not self.company_open(person["company"]):
            return []
        if not person.get("by_rule"):
            return list(person["shares"])
        fitting = []
        for agreement in self.agreements.values():
            name, kind = agreement["name"].lower(), (agreement.get("type") or {}).get("name", "").lower()
            fits = {
                "only-active": True,
                "type": kind == person.get("pattern", "").lower(),
                "name": person.get("pattern", "").lower() in name,
            }[person["by_rule"]]
            if fits and agreement["company"]["id"] == person["company"] and self.agreement_active(agreement["id"]):
                fitting.append({"agreement": agreement["id"]})
        return fitting if len(fitting) == 1 else []

    def switched_on(self, code: str) -> bool:
        """A product goes off by itself with a catalog item of it."""
        items = [mapping["item"] for mapping in self.mappings if code in mapping["codes"]]
        return bool(items) and code not in self.setup.get("off", []) and all(self.item_open(item) for item in items)

    def billed_by_usage(self, customer: str) -> bool:
        """A customer who is gone has no billing type; what the report still holds of it is billed."""
        tenant = self.tenants.get(customer)
        if tenant is None or customer in self.setup.get("bill_anyway", []):
            return True
        return bool(tenant.get("billingType") == "usage")

    def override(self, customer: str, item: int) -> Row:
        for row in self.setup.get("overrides", []):
            if (row["customer"], row["item"]) == (customer, item):
                return dict(row)
        return {}

    # --- the state of things ----------------------------------------------------------------------

    def standing(self, place: Place) -> list[Row]:
        found = []
        for line in self.lines_at.get(place, []):
            ended = line.get("cancelledDate")
            if not ended or ended[:10] > self.setup["today"]:
                found.append(line)
        return found

    def record_of(self, line: Row) -> Row | None:
        for row in self.managed:
            if row["addition"] == line["id"]:
                return row
        return None

    def item_open(self, item: int) -> bool:
        return item in self.catalog and not self.catalog[item].get("inactiveFlag")

    def agreement_open(self, agreement: int) -> bool:
        known = self.agreements.get(agreement)
        return known is not None and self.agreement_active(agreement) and self.company_open(known["company"]["id"])

    def agreement_active(self, agreement: int) -> bool:
        known = self.agreements[agreement]
        if known.get("cancelledFlag") or known.get("agreementStatus", "Active") != "Active":
            return False
        if (known.get("startDate") or "")[:10] > self.setup["today"]:
            return False
        ends = not known.get("noEndingDateFlag", True) and known.get("endDate")
        return not ends or ends[:10] >= self.setup["today"]

    def company_open(self, company: int) -> bool:
        known = self.companies.get(company)
        if known is None or known.get("deletedFlag"):
            return False
        return (known.get("status") or {}).get("id") not in self.inactive_statuses

    def invoiced(self, agreement: int) -> bool:
        """The next invoice date moved past the one kept with our last write of this period."""
        kept = [
            row["next_invoice"][:10]
            for row in self.managed
            if row["agreement"] == agreement and row["period"] == self.setup["period"] and row.get("next_invoice")
        ]
        following = (self.agreements[agreement].get("nextInvoiceDate") or "")[:10]
        return bool(kept) and following > max(kept)


# --- arithmetic -----------------------------------------------------------------------------------


def number(row: Row, name: str, default: str) -> Decimal:
    value = row.get(name)
    return Decimal(str(default if value is None else value))


def by_rule(mapping: Row, override: Row, amounts: dict[str, Decimal]) -> Decimal:
    present = list(amounts.values())
    combine = mapping.get("combine", "sum")
    if combine == "sum":
        amount = sum(present, Decimal(0))
    elif combine == "max":
        amount = max(present)
    elif combine == "min":
        amount = min(present)
    else:
        amount = min(amounts.get(code, Decimal(0)) for code in mapping["codes"])
    amount = amount * number(mapping, "multiply", "1")
    amount = max(amount - number(mapping, "included", "0"), Decimal(0))
    rounding = mapping.get("rounding", "none")
    if rounding != "none":
        step = number(mapping, "step", "1")
        way = {"up": ROUND_CEILING, "down": ROUND_FLOOR, "half-even": ROUND_HALF_EVEN}[rounding]
        amount = (amount / step).to_integral_value(way) * step
    used = any(one > 0 for one in present)
    if used and mapping.get("minimum") is not None and override.get("minimum") is None:
        amount = max(amount, number(mapping, "minimum", "0"))
    if mapping.get("maximum") is not None:
        amount = min(amount, number(mapping, "maximum", "0"))
    if override.get("fixed") is not None:
        return number(override, "fixed", "0")
    if used and override.get("minimum") is not None:
        amount = max(amount, number(override, "minimum", "0"))
    return amount


def split(amount: Decimal, step: Decimal, shares: list[Row], agreement: int) -> Decimal:
    """One agreement's part, handed out step after step."""
    if len(shares) == 1:
        return amount
    if any(share.get("percent") is not None for share in shares):
        exact = {share["agreement"]: amount * number(share, "percent", "0") / 100 for share in shares}
        parts = {one: (part / step).to_integral_value(ROUND_FLOOR) * step for one, part in exact.items()}
        queue = sorted(exact, key=lambda one: (parts[one] - exact[one], one))
        turn = 0
        while sum(parts.values()) < amount:
            parts[queue[turn]] += min(step, amount - sum(parts.values()))
            turn += 1
        return parts[agreement]
    left = amount
    given = {}
    for share in shares:
        if share.get("first") is not None:
            given[share["agreement"]] = min(left, number(share, "first", "0"))
            left -= given[share["agreement"]]
    rest = [share["agreement"] for share in shares if share.get("first") is None]
    taker = rest[0] if rest else shares[-1]["agreement"]
    given[taker] = given.get(taker, Decimal(0)) + left
    return given.get(agreement, Decimal(0))
