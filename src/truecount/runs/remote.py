"""Opening an integration's two connectors, counting every request and keeping every answer."""

from __future__ import annotations

import threading
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from truecount.connectors import kinds
from truecount.connectors.http import Settings
from truecount.connectors.pace import Rate
from truecount.core.errors import ErrorCode, Misused
from truecount.core.ports import Exchange, Psa, Recorder, UsageSource
from truecount.runs import clock
from truecount.store.models import Connection, Integration, RawAnswer, Run
from truecount.store.seals import unseal
from truecount.store.settings import number_of, value_of

SEND_SHARE = 0.25
"""Part of the settle time within which a write must be on its way after its intent was committed."""
ANSWER_SHARE = 0.5
"""Part of the settle time that the answer may take; together they end before anybody reads back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What opens the connectors of a run: those of the table of kinds, unless a test brings its own."""

    source: Callable[..., UsageSource] = kinds.open_source
    psa: Callable[..., Psa] = kinds.open_psa


DOORS = Doors()


@dataclass(slots=True)
class Tape:
    """Every exchange of one run: counts by side, and the answers to keep. Threads share it."""

    doors: Doors = DOORS
    reads: Counter[str] = field(default_factory=Counter)
    writes: Counter[str] = field(default_factory=Counter)
    answers: list[Exchange] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def recorder(self, side: str) -> Recorder:
        def record(exchange: Exchange) -> None:
            with self.lock:
                (self.writes if exchange.write else self.reads)[side] += 1
                self.answers.append(exchange)

        return record

    def calls(self) -> dict[str, dict[str, int]]:
        """As the command line reports them."""
        return {
            "vendor": {"read": self.reads["vendor"] + self.writes["vendor"]},
            "psa": {"read": self.reads["psa"], "write": self.writes["psa"]},
        }

    def save_answers(self, run: Run) -> None:
        """Keep what came since the last time, compressed."""
        with self.lock:
            answers, self.answers = self.answers, []
        rows = [
            RawAnswer(
                run=run,
                system=exchange.system,
                method=exchange.method,
                route=exchange.route[:200],
                status=exchange.status,
                body=zlib.compress(exchange.body, level=1),
                at=exchange.at,
            )
            for exchange in answers
        ]
        RawAnswer.objects.bulk_create(rows, batch_size=500)


def hasty(settings: Settings) -> Settings:
    """For whoever waits at a screen: give up soon instead of trying for minutes."""
    return replace(settings, tries=2, patience=10.0, connect_timeout=5.0, read_timeout=20.0)


def vendor_settings(policy: Mapping[str, str]) -> Settings:
    return Settings(rates=_rates(policy, "vendor_rates"))


def psa_settings(policy: Mapping[str, str]) -> Settings:
    """A write's time-out is a part of the settle time, so that no answer is awaited when somebody reads back."""
    settle = float(number_of(policy, "settle_seconds"))
    arrears = str(value_of(policy, "arrears"))
    return Settings(
        rates=_rates(policy, "psa_rates"),
        write_timeout=min(settle * ANSWER_SHARE, 30.0),
        arrears=frozenset(word.strip() for word in arrears.split(",") if word.strip()),
    )


def _rates(policy: Mapping[str, str], name: str) -> tuple[Rate, ...] | None:
    """Rates as the setting gives them; None leaves the connector's own."""
    rates = value_of(policy, name)
    assert rates is None or isinstance(rates, tuple)
    return None if rates is None else tuple(Rate(limit, seconds) for limit, seconds in rates)


def connection_of(integration: Integration, side: str) -> Connection:
    found = Connection.objects.filter(integration=integration, side=side).first()
    if found is None:
        raise Misused(ErrorCode.NO_CONNECTION, integration=integration.slug, side=side)
    return found


Patience = Callable[[Settings], Settings]


def patient(settings: Settings) -> Settings:
    """For work that nobody waits for at a screen."""
    return settings


@contextmanager
def source_of(integration: Integration, tape: Tape, patience: Patience = patient) -> Iterator[UsageSource]:
    row = connection_of(integration, "vendor")
    source = tape.doors.source(
        row.kind,
        row.fields,
        unseal(row.sealed),
        record=tape.recorder("vendor"),
        settings=patience(vendor_settings(integration.policy)),
    )
    try:
        yield source
    finally:
        source.close()


@contextmanager
def psa_of(integration: Integration, tape: Tape, patience: Patience = patient) -> Iterator[Psa]:
    row = connection_of(integration, "psa")
    psa = tape.doors.psa(
        row.kind,
        row.fields,
        unseal(row.sealed),
        record=tape.recorder("psa"),
        settings=patience(psa_settings(integration.policy)),
        today=lambda: clock.now().date(),
    )
    try:
        yield psa
    finally:
        psa.close()
