"""Names without case and accents, for sorting and searching: Hôtel is found by hotel, and É stands beside E."""

from __future__ import annotations

import unicodedata
from functools import reduce
from typing import Any

from django.db.models import CharField, Expression, F, GeneratedField, TextField, Transform, Value
from django.db.models.functions import Concat

_LETTERS = "àáâãäåāăąçćčďèéêëēėęěìíîïīįłñńňòóôõöøōőřśšşťùúûüūůűųýÿžźż"
_PLAIN = "".join(unicodedata.normalize("NFD", letter)[0] for letter in _LETTERS).replace("ł", "l").replace("ø", "o")


def fold(text: str) -> str:
    return text.lower().translate(str.maketrans(_LETTERS, _PLAIN))


@CharField.register_lookup
class Folded(Transform):
    """`name__folded__contains`: the database's side of `fold`; the embedded one has no collation that does it."""

    lookup_name = "folded"
    template = f"translate(lower(%(expressions)s), '{_LETTERS}', '{_PLAIN}')"


def folded_of(*names: str) -> Any:
    """A column of a row's names, folded as it is written: folding 50,000 rows at every letter typed is too slow."""
    first: Expression | F = F(names[0])
    whole = reduce(lambda so_far, name: Concat(so_far, Value(" "), F(name)), names[1:], first)
    return GeneratedField(expression=Folded(whole), output_field=TextField(), db_persist=True)
