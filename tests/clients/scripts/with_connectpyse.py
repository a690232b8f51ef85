"""connectpyse: paths with a trailing slash, pages by number until an empty page."""

import base64
import json
import os
import sys

from connectpyse.company.companies_api import CompaniesAPI
from connectpyse.finance.agreement_addition import AgreementAddition
from connectpyse.finance.agreement_additions_api import AgreementAdditionsAPI
from connectpyse.finance.agreements_api import AgreementsAPI
from connectpyse.procurement.catalog_item import CatalogItem
from connectpyse.procurement.catalog_item_api import CatalogItemAPI
from connectpyse.restapi import ApiError

given = json.loads(os.environ["GIVEN"])
keys = base64.b64encode(b"sim+pub:priv").decode()
access = {
    "url": os.environ["CONNECTWISE"] + "/v4_6_release/apis/3.0",
    "auth": {"Authorization": f"Basic {keys}", "clientId": os.environ["CLIENT_ID"]},
    "ensure_ascii": True,
}
seen = {"errors": [], "listed": []}
agreements = AgreementsAPI(**access)
agreements.pageSize = 7
number = 1
while True:
    agreements.page = number
    page = [row.id for row in agreements.get_agreements()]
    if not page:
        break
    seen["listed"] += page
    number += 1
filtered = AgreementsAPI(**access)
filtered.conditions = given["conditions"]
seen["filtered"] = [row.id for row in filtered.get_agreements()]
seen["count"] = AgreementsAPI(**access)._get_count()
lines = AgreementAdditionsAPI(given["agreement"], **access)
made = lines.create_agreement_addition(AgreementAddition(given["line"]))
seen["created"] = made.id
seen["patched"] = lines.update_agreement_addition(made.id, "quantity", 11).quantity
spare = lines.create_agreement_addition(AgreementAddition(given["line"]))
lines.delete_agreement_addition_by_id(spare.id)
seen["deleted"] = spare.id
catalog = CatalogItemAPI(**access)
seen["item"] = catalog.create_catalog_item(CatalogItem(given["item"])).id
broken = AgreementsAPI(**access)
broken.conditions = "nothing=1"
for attempt in (
    lambda: catalog.create_catalog_item(CatalogItem(given["item"])),
    lambda: list(broken.get_agreements()),
    lambda: catalog.get_catalog_item_by_id(999999),
):
    try:
        attempt()
    except ApiError as error:
        seen["errors"].append(str(error).split("Return code: ")[1][:3])
try:
    seen["throttled"] = CompaniesAPI(**access).get_companies_count()
except ApiError as error:
    seen["throttled"] = str(error).split("Return code: ")[1][:3]
seen["after"] = CompaniesAPI(**access).get_companies_count()
sys.stdout.write(f"{json.dumps(seen)}\n")
