"""`truecount suggest`: what could be mapped to what, why, and accepting the sure ones."""

from __future__ import annotations

import click
from rich.table import Table

from truecount.cli.shared import (
    command,
    integration_option,
    out,
    print_json,
    talk,
    the_integration,
    the_user,
    user_option,
)
from truecount.runs import clock
from truecount.runs import suggest as suggestions
from truecount.runs.names import Names


@click.command()
@click.option("--accept-above", type=click.IntRange(0, 100), metavar="SCORE", help="Map what scores at least this.")
@integration_option
@user_option
@command
def suggest(accept_above: int | None, integration: str | None, user: str | None, as_json: bool) -> None:
    """Suggest mappings of products and customers. Nothing is mapped unless you say from which score."""
    where = the_integration(integration)
    found = suggestions.suggest(where)
    products, customers = 0, 0
    if accept_above is not None:
        by = the_user(user, where)
        products, customers = suggestions.accept(where, found, accept_above, by=by, now=clock.now())
    if as_json:
        print_json(_told(found) | {"accepted": {"products": products, "customers": customers}})
        return
    _tables(found, Names(where))
    if accept_above is not None:
        talk.print(f"Mapped {products} products and {customers} customers.")


def _told(found: suggestions.Suggestions) -> dict[str, object]:
    return {
        "products": [
            {
                "product": one.code,
                "item": one.item,
                "score": one.score,
                "certainty": str(one.certainty),
                "reason": str(one.reason),
                "words": list(one.words),
                "doubts": [str(doubt) for doubt in one.doubts],
            }
            for one in found.products
        ],
        "customers": [
            {
                "customer": one.customer,
                "company": one.company,
                "agreement": one.agreement,
                "no_agreement": str(one.no_agreement) if one.no_agreement else None,
                "score": one.score,
                "certainty": str(one.certainty),
                "reason": str(one.reason),
                "words": list(one.words),
                "doubts": [str(doubt) for doubt in one.doubts],
            }
            for one in found.customers
        ],
    }


def _tables(found: suggestions.Suggestions, names: Names) -> None:
    products = Table("Score", "Sophos product", "ConnectWise product", "Matched")
    for one in found.products:
        products.add_row(str(one.score), one.code, names.items.get(one.item, str(one.item)), " ".join(one.words))
    customers = Table("Score", "Customer", "ConnectWise company", "Agreement", "Matched")
    for two in found.customers:
        agreement = names.agreements.get(two.agreement, "") if two.agreement is not None else f"({two.no_agreement})"
        company = names.companies.get(two.company, str(two.company))
        customer = names.customers.get(two.customer, two.customer)
        customers.add_row(str(two.score), customer, company, agreement, " ".join(two.words))
    for table in (products, customers):
        if table.row_count:
            out.print(table)
    if not found.products and not found.customers:
        talk.print("There is nothing left to suggest.")
