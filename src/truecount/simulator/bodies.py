"""The JSON that a call of the ConnectWise API carries."""

import json
from typing import Any

from truecount.simulator import refusals
from truecount.simulator.switches import Switches
from truecount.simulator.wire import Call, Refusal


def read_body(switches: Switches, call: Call) -> Any:
    """The JSON of a call; raises Refusal."""
    if "json" not in (call.header("content-type") or "").lower():
        raise Refusal(refusals.media_type(switches))
    try:
        return json.loads(call.body)
    except (ValueError, RecursionError) as error:
        raise Refusal(refusals.bad_request(switches, "The request body is not valid JSON.")) from error
