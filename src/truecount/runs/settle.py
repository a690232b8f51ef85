"""Finding out what became of open intents, left by a run that was cut off or by an answer that never came."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from truecount.core.model import Addition
from truecount.core.ports import Psa
from truecount.runs import journal
from truecount.store.ledger import open_intents, seconds_since
from truecount.store.models import Run
from truecount.store.settings import number_of

logger = logging.getLogger(__name__)


def settle_open_intents(run: Run, psa: Psa) -> int:
    """Read back every open intent of the integration, once it has settled; returns how many there were.

    Until that is done nothing may be read for a plan or written, for the PSA may still be carrying them out.
    """
    waiting = open_intents(run.integration)
    age = seconds_since(waiting)
    if age is None:
        return 0
    wait_until_settled(run, age)
    intents = list(waiting)
    lines = psa.list_additions(sorted({event.agreement for event in intents}))
    for event in intents:
        done = settle(run, journal.Write.of(event), lines.get(event.agreement, ()))
        logger.info("Read back an open intent", extra={"action": "settle", "write": str(event.write), "done": done})
    return len(intents)


def wait_until_settled(run: Run, age: float) -> None:
    """Sleep until a write intended `age` seconds ago has settled."""
    left = float(number_of(run.integration.policy, "settle_seconds")) - age
    if left > 0:
        time.sleep(left)


def settle(run: Run, write: journal.Write, lines: Iterable[Addition]) -> bool:
    """Record what the agreement's lines show; true when the write had been carried out."""
    effect = journal.effect_of(write, [line for line in lines if line.item == write.slot.item])
    if effect is None:
        journal.not_done(run, write, "found", {})
        return False
    journal.found(run, write, effect)
    return True
