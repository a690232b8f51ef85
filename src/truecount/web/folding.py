"""Searching by name without case and accents."""

from __future__ import annotations

from django.db.models import Q

from truecount.store.folding import fold


def called(text: str) -> Q:
    """Rows whose names have the text; for what has a column `folded`."""
    return Q(folded__contains=fold(text))


def contains(text: str, *fields: str) -> Q:
    """Rows in which one of the fields has the text."""
    found = Q()
    for field in fields:
        found |= Q((f"{field}__folded__contains", fold(text)))
    return found
