"""pyconnectwise: https only, finds the codebase itself, pages by the Link header."""

import json
import os
import sys

from pyconnectwise import ConnectWiseManageAPIClient
from pyconnectwise.exceptions import MalformedRequestException, NotFoundException, ObjectExistsError

given = json.loads(os.environ["GIVEN"])
client = ConnectWiseManageAPIClient("sim", os.environ["TLS"], os.environ["CLIENT_ID"], "pub", "priv")
client.codebase = client._try_get_codebase_from_api(os.environ["TLS"], "sim", client._get_headers())
seen = {"errors": []}
lines = client.finance.agreements.id(given["agreement"]).additions
seen["listed"] = [row.id for row in client.finance.agreements.paginated(1, 7).all()]
seen["filtered"] = [row.id for row in client.finance.agreements.get(params={"conditions": given["conditions"]})]
seen["count"] = client.finance.agreements.count.get().count
made = lines.post(data=given["line"])
seen["created"] = made.id
patch = [{"op": "replace", "path": "quantity", "value": 11}]
seen["patched"] = lines.id(made.id).patch(data=patch).quantity
spare = lines.post(data=given["line"])
lines.id(spare.id).delete()
seen["deleted"] = spare.id
seen["item"] = client.procurement.catalog.post(data=given["item"]).id
for attempt, wanted in (
    (lambda: client.procurement.catalog.post(data=given["item"]), ObjectExistsError),
    (lambda: client.finance.agreements.get(params={"conditions": "nothing=1"}), MalformedRequestException),
    (lambda: client.finance.agreements.id(999999).get(), NotFoundException),
):
    try:
        attempt()
    except wanted as error:
        seen["errors"].append(type(error).__name__)
seen["throttled"] = client.company.companies.count.get().count
seen["after"] = client.company.companies.count.get().count
sys.stdout.write(f"{json.dumps(seen)}\n")
