"""connectpyse-manage: waits by itself after a 429; has no deletion and no catalog, so it patches and counts."""

import json
import os
import sys

from connectwise import ConnectWiseClient
from connectwise.exceptions import ConnectWiseAPIError

given = json.loads(os.environ["GIVEN"])
client = ConnectWiseClient(os.environ["CONNECTWISE"], "sim", "pub", "priv", os.environ["CLIENT_ID"])
seen = {"errors": []}
seen["listed"] = [row["id"] for row in client.get_all("finance/agreements")]
seen["filtered"] = [row["id"] for row in client.get("finance/agreements", conditions=given["conditions"])]
seen["count"] = client.get_agreement_count()
made = client.create_agreement_addition(
    given["agreement"], given["line"]["product"]["id"], 3, effective_date="2026-12-01T00:00:00Z"
)
seen["created"] = made.id
path = f"finance/agreements/{given['agreement']}/additions"
operations = [{"op": "replace", "path": "quantity", "value": 11}]
seen["patched"] = client.patch(path, made.id, operations)["quantity"]
for attempt in (lambda: client.get("finance/agreements", conditions="nothing=1"),):
    try:
        attempt()
    except ConnectWiseAPIError as error:
        seen["errors"].append(type(error).__name__)
seen["throttled"] = client.get_count("company/companies")
seen["after"] = client.get_count("company/companies")
sys.stdout.write(f"{json.dumps(seen)}\n")
