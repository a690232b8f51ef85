"""C-51: how records of older models differ from the latest, by the version that a caller's Accept header names."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from truecount.simulator.contract import Field

Version = tuple[int, int]
LATEST: Version = (2026, 4)

_VERSION = re.compile(r"version\s*=\s*v?(\d{4})\.(\d+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What a version brought to one schema: new fields, and the maximum lengths that held before it."""

    since: Version
    schema: str
    added: frozenset[str] = frozenset()
    lengths_before: Mapping[str, int] | None = None


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


STEPS: tuple[Step, ...] = (
    Step(
        since=(2025, 1),
        schema="CatalogItem",
        added=_names(
            "billableOption connectWiseID agreementType markupPercentage markupFlag autoUpdateUnitCostFlag "
            "autoUpdateUnitPriceFlag"
        ),
        lengths_before={"identifier": 60},
    ),
    Step(since=LATEST, schema="Agreement", added=_names("billZeroAmountFlag")),
    Step(since=LATEST, schema="AgreementType", added=_names("billZeroAmountFlag connectWiseId")),
    Step(
        since=LATEST,
        schema="Company",
        added=_names("creditLimit additionalDebt emailTemplate"),
        lengths_before={"identifier": 30, "name": 50},
    ),
    Step(since=LATEST, schema="CompanySite", lengths_before={"name": 50}),
    Step(since=LATEST, schema="CompanyStatus", added=_names("connectWiseId")),
    Step(since=LATEST, schema="CompanyType", added=_names("connectWiseId")),
)
"""The differences that the facts list; custom fields never carry those of theirs here."""


def asked_version(accept: str | None) -> Version:
    """The latest where no version is named."""
    match = _VERSION.search(accept or "")
    return LATEST if match is None else min((int(match[1]), int(match[2])), LATEST)


def _missed(schema: str, model: Version) -> list[Step]:
    return [step for step in STEPS if step.schema == schema and model < step.since]


def older(field: Field, schema: str, model: Version) -> Field:
    """The field with the maximum length of a model."""
    if model == LATEST:
        return field
    for step in _missed(schema, model):
        if step.lengths_before and field.name in step.lengths_before:
            return replace(field, maximum=step.lengths_before[field.name])
    return field


def older_body(body: bytes, schema: str, model: Version) -> bytes:
    """A record or a list of records without the fields that came later."""
    later = {name for step in _missed(schema, model) for name in step.added}
    if not later:
        return body

    def pruned(record: Any) -> Any:
        return {name: value for name, value in record.items() if name not in later}

    shown = json.loads(body)
    shown = [pruned(record) for record in shown] if isinstance(shown, list) else pruned(shown)
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()
