"""sophoscentral: token, whoami, and its own reader of both kinds of pages; only its addresses are set."""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from sophoscentral import SCentralConnection

given = json.loads(os.environ["GIVEN"])


class Here(SCentralConnection):
    BASE_URL = AUTH_URL = API_HOST = os.environ["SOPHOS"]


connection = Here("sim", "secret")
partner = {"X-Partner-ID": connection.partner_id}
base = os.environ["SOPHOS"]
seen = {"partner": connection.partner_id, "errors": []}
seen["tenants"] = [row["id"] for row in connection.get(f"{base}/partner/v1/tenants", extra_headers=partner)]
usage = connection.get(f"{base}/partner/v1/billing/usage/2026/11", extra_headers=partner)
seen["billable"] = sum(row["billableQuantity"] for row in usage)
seen["lines"] = len(usage)
for attempt in (
    lambda: connection.get(f"{base}/partner/v1/billing/usage/2031/1", extra_headers=partner),
    lambda: Here("sim", "wrong"),
    lambda: connection.get(f"{base}/partner/v1/tenants", extra_headers=partner),
):
    with ThreadPoolExecutor() as pool:
        seen["errors"].append(str(pool.submit(attempt).exception())[-60:])
seen["after"] = len(connection.get(f"{base}/partner/v1/tenants", extra_headers=partner))
sys.stdout.write(f"{json.dumps(seen)}\n")
