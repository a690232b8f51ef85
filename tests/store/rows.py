"""Rows that tests of the store start from."""

from __future__ import annotations

from datetime import UTC, datetime

from truecount.store.models import Integration, Partner, Run

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


def integration(slug: str = "acme") -> Integration:
    partner, _ = Partner.objects.get_or_create(slug="msp", defaults={"name": "MSP", "made_at": NOW})
    return Integration.objects.create(partner=partner, slug=slug, made_at=NOW)


def run(where: Integration) -> Run:
    return Run.objects.create(integration=where, verb="apply", started_at=NOW)
