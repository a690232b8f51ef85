"""Names without case and accents, for sorting and searching: Hôtel is found by hotel, and É stands beside E."""

from __future__ import annotations

import unicodedata

from django.db.models import CharField, Q, Transform

_LETTERS = "àáâãäåāăąçćčďèéêëēėęěìíîïīįłñńňòóôõöøōőřśšşťùúûüūůűųýÿžźż"
_PLAIN = "".join(unicodedata.normalize("NFD", letter)[0] for letter in _LETTERS).replace("ł", "l").replace("ø", "o")


def fold(text: str) -> str:
    return text.lower().translate(str.maketrans(_LETTERS, _PLAIN))


@CharField.register_lookup
class Folded(Transform):
    """`name__folded__contains`: the database's side of `fold`; the embedded one has no collation that does it."""

    lookup_name = "folded"
    template = f"translate(lower(%(expressions)s), '{_LETTERS}', '{_PLAIN}')"


def contains(text: str, *fields: str) -> Q:
    """Rows in which one of the fields has the text."""
    found = Q()
    for field in fields:
        found |= Q((f"{field}__folded__contains", fold(text)))
    return found
