"""What every line must hold after a run, worked out slowly from product.md alone; shares no code with the core.

It reads plain records as the simulators' `/_sim/state` gives them, and the decisions of people as plain dicts:

    sophos        {"usage": [line…], "customers": [tenant…], "firewalls": [licence…]}
    connectwise   {"companies", "statuses", "agreements", "additions", "catalog"}
    setup         {"period": "2026-11", "source": "invoice", "today": "2026-11-26",
                   "products":  [{"item": 7, "codes": ["A"], "combine": "sum", "multiply": "1", "included": "0",
                                  "rounding": "none", "step": "1", "minimum": None, "maximum": None,
                                  "adopt_only": False}],
                   "customers": [{"customer": "c1", "company": 1, "shares": [{"agreement": 5, "percent": "60"}]}],
                   "overrides": [{"customer": "c1", "item": 7, "exclude": False, "fixed": None, "minimum": None}],
                   "products_off", "customers_off", "bill_anyway", "unread": [names], "firewall_products": [codes],
                   "complete": True, "quantity": "billable", "decimals": 2, "vanish": "zero",
                   "managed":   [{"addition": 31, "agreement": 5, "item": 7, "pairs": [["c1", "A"]],
                                  "period": "2026-10", "next_invoice": "2026-12-01", "cancelled_by_us": None,
                                  "firewall": False, "bill_again": False}],
                   "elsewhere": [addition ids]}

Only what differs from these defaults needs to be given. The answer is {(agreement, item): [quantities]} of the
lines that stand in the end, for a person who releases every hold that is only a brake (first writes, jumps, sums)
and none that asks for a decision (duplicate lines, lines of another integration, `vanish` set to hold).
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

LEAVE = "leave"
NOTHING = "nothing"


def final_quantities(sophos, connectwise, setup):
    agreements = {record["id"] for record in connectwise["agreements"]}
    agreements |= {record["agreementId"] for record in connectwise["additions"]}
    items = {record["product"]["id"] for record in connectwise["additions"]}
    items |= {mapping["item"] for mapping in setup["products"]}
    result = {}
    for agreement in agreements:
        for item in items:
            quantities = after(agreement, item, sophos, connectwise, setup)
            if quantities:
                result[(agreement, item)] = sorted(quantities)
    return result


def after(agreement, item, sophos, connectwise, setup):
    standing = []
    for line in connectwise["additions"]:
        if line["agreementId"] == agreement and line["product"]["id"] == item and stands(line, setup["today"]):
            standing.append(line)
    as_it_is = [Decimal(str(line["quantity"])) for line in standing]

    if len(standing) > 1 or any(line["id"] in setup.get("elsewhere", []) for line in standing):
        return as_it_is
    if not writable(agreement, item, connectwise, setup):
        return as_it_is

    ours = None
    for record in setup.get("managed", []):
        if standing and record["addition"] == standing[0]["id"]:
            ours = record
    if ours is not None and ours["period"] > setup["period"]:
        return as_it_is
    if ours is not None and is_invoiced(ours, agreement, connectwise, setup):
        return as_it_is

    want = wanted(agreement, item, ours, sophos, setup)
    if want == LEAVE:
        return as_it_is
    if not standing:
        if want == NOTHING or want == 0 or ended_by_others(agreement, item, setup) or adopt_only(item, setup):
            return []
        return [want]
    if ours is None:
        return as_it_is if want == NOTHING or want == 0 else [want]
    if want == NOTHING:
        return [Decimal(0)] if setup.get("vanish", "zero") == "zero" else as_it_is
    return [want]


def wanted(agreement, item, ours, sophos, setup):
    """The slot's quantity, or LEAVE where it may not be touched, or NOTHING where nobody uses anything any more."""
    if not setup.get("complete", True):
        return LEAVE
    total = NOTHING
    for mapping in setup["products"]:
        if mapping["item"] != item:
            continue
        for customer_mapping in setup["customers"]:
            if agreement not in [share["agreement"] for share in customer_mapping["shares"]]:
                continue
            part = portion(mapping, customer_mapping, agreement, ours, sophos, setup)
            if part == LEAVE:
                return LEAVE
            if part != NOTHING:
                total = part if total == NOTHING else total + part
    if total == NOTHING and ours is not None and not still_in_place(ours, setup):
        return LEAVE
    if total == NOTHING:
        return NOTHING
    return total.quantize(Decimal(1).scaleb(-setup.get("decimals", 2)), ROUND_HALF_EVEN)


def portion(mapping, customer_mapping, agreement, ours, sophos, setup):
    """What one customer puts into one slot."""
    customer = customer_mapping["customer"]
    was_in = [] if ours is None else [pair for pair in ours["pairs"] if pair[0] == customer]
    if customer in setup.get("unread", []):
        return LEAVE
    if setup.get("source", "invoice") == "live" and ours is not None and ours.get("firewall"):
        return LEAVE
    if setup.get("source", "invoice") == "live":
        for code in mapping["codes"]:
            if code in setup.get("firewall_products", []):
                return LEAVE

    quantities = {}
    for line in sophos["usage"]:
        if line.get("accountId") != customer or line["productCode"] not in mapping["codes"]:
            continue
        if line.get("period", setup["period"]) != setup["period"]:
            continue
        code = line["productCode"]
        amount = line.get(setup.get("quantity", "billable") + "Quantity")
        if amount is None or quantities.get(code) == LEAVE:
            quantities[code] = LEAVE
        else:
            quantities[code] = quantities.get(code, Decimal(0)) + Decimal(str(amount))

    tenants = [tenant for tenant in sophos["customers"] if tenant["id"] == customer]
    if tenants and tenants[0].get("billingType", "usage") != "usage" and customer not in setup.get("bill_anyway", []):
        return NOTHING
    for code in mapping["codes"]:
        concerned = code in quantities or [customer, code] in was_in or (customer, code) in was_in
        if concerned and (code in setup.get("products_off", []) or customer in setup.get("customers_off", [])):
            return LEAVE
    if not quantities:
        return NOTHING
    override = {}
    for candidate in setup.get("overrides", []):
        if candidate["customer"] == customer and candidate["item"] == mapping["item"]:
            override = candidate
    if override.get("exclude"):
        return NOTHING
    if LEAVE in quantities.values():
        return LEAVE
    amount = by_rule(mapping, override, quantities)
    return split(amount, mapping, customer_mapping["shares"], agreement)


def by_rule(mapping, override, quantities):
    present = list(quantities.values())
    used = any(amount > 0 for amount in present)
    combine = mapping.get("combine", "sum")
    if combine == "sum":
        amount = sum(present, Decimal(0))
    elif combine == "max":
        amount = max(present)
    elif combine == "min":
        amount = min(present)
    else:
        amount = min(quantities.get(code, Decimal(0)) for code in mapping["codes"])
    amount = amount * number(mapping, "multiply", "1")
    amount = amount - number(mapping, "included", "0")
    if amount < 0:
        amount = Decimal(0)
    amount = rounded(amount, mapping.get("rounding", "none"), number(mapping, "step", "1"))
    minimum = number(override, "minimum", None)
    if minimum is None:
        minimum = number(mapping, "minimum", None)
    if minimum is not None and used and amount < minimum:
        amount = minimum
    maximum = number(mapping, "maximum", None)
    if maximum is not None and amount > maximum:
        amount = maximum
    fixed = number(override, "fixed", None)
    return amount if fixed is None else fixed


def rounded(amount, way, step):
    if way == "none":
        return amount
    direction = {"up": ROUND_CEILING, "down": ROUND_FLOOR, "half-even": ROUND_HALF_EVEN}[way]
    return (amount / step).to_integral_value(direction) * step


def split(amount, mapping, shares, agreement):
    """One agreement's part; parts are whole steps, hand out one step after the other by the largest remainder."""
    if len(shares) == 1:
        return amount
    if any(share.get("percent") is not None for share in shares):
        step = number(mapping, "step", "1")
        exact = {share["agreement"]: amount * Decimal(share["percent"]) / 100 for share in shares}
        parts = {one: (part / step).to_integral_value(ROUND_FLOOR) * step for one, part in exact.items()}
        order = sorted(exact, key=lambda one: (-(exact[one] - parts[one]), one))
        turn = 0
        while sum(parts.values()) + step <= amount:
            parts[order[turn % len(order)]] += step
            turn += 1
        crumb = amount - sum(parts.values())
        if crumb:
            parts[order[turn % len(order)]] += crumb
        return parts[agreement]
    left = amount
    answer = Decimal(0)
    for share in shares:
        part = left if share.get("first") is None else min(left, Decimal(share["first"]))
        left -= part
        if share["agreement"] == agreement:
            answer = part
    return answer


def still_in_place(ours, setup):
    """Whether switches and mappings still stand for a line's origin: only then does absence mean "no longer used"."""
    for customer, code in ours["pairs"]:
        mapped = any(code in mapping["codes"] for mapping in setup["products"])
        known = any(customer == mapping["customer"] for mapping in setup["customers"])
        if not mapped or not known:
            return False
        if code in setup.get("products_off", []) or customer in setup.get("customers_off", []):
            return False
        if customer in setup.get("unread", []):
            return False
    return not (setup.get("source", "invoice") == "live" and ours.get("firewall"))


def stands(line, today):
    ended = line.get("cancelledDate")
    return not ended or ended[:10] > today


def writable(agreement, item, connectwise, setup):
    products = [record for record in connectwise["catalog"] if record["id"] == item]
    if not products or products[0].get("inactiveFlag"):
        return False
    contracts = [record for record in connectwise["agreements"] if record["id"] == agreement]
    if not contracts:
        return False
    contract = contracts[0]
    if contract.get("cancelledFlag") or contract.get("agreementStatus", "Active") != "Active":
        return False
    if contract.get("startDate") and contract["startDate"][:10] > setup["today"]:
        return False
    if not contract.get("noEndingDateFlag", True) and contract.get("endDate", "9999")[:10] < setup["today"]:
        return False
    companies = [record for record in connectwise["companies"] if record["id"] == contract["company"]["id"]]
    if not companies or companies[0].get("deletedFlag"):
        return False
    for status in connectwise.get("statuses", []):
        if status["id"] == companies[0].get("status", {}).get("id") and status.get("inactiveFlag"):
            return False
    return True


def is_invoiced(ours, agreement, connectwise, setup):
    if ours["period"] != setup["period"] or not ours.get("next_invoice"):
        return False
    for record in connectwise["agreements"]:
        if record["id"] == agreement and record.get("nextInvoiceDate"):
            return record["nextInvoiceDate"][:10] > ours["next_invoice"][:10]
    return False


def ended_by_others(agreement, item, setup):
    """Only called where nothing stands: a line of ours that we did not end was ended by somebody else."""
    for record in setup.get("managed", []):
        if (record["agreement"], record["item"]) == (agreement, item):
            if not record.get("cancelled_by_us") and not record.get("bill_again"):
                return True
    return False


def adopt_only(item, setup):
    return any(mapping["item"] == item and mapping.get("adopt_only") for mapping in setup["products"])


def number(record, name, default):
    value = record.get(name)
    if value is None:
        value = default
    return None if value is None else Decimal(str(value))
