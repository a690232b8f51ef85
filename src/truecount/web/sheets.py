"""Tables as CSV: in the reader's own separators, so that a spreadsheet of that language opens them as a table."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.http import HttpResponse
from django.utils import timezone
from django.utils.functional import Promise

from truecount.core.plan import plain
from truecount.web.figures import french

Cell = str | Promise | int | Decimal | date | datetime | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def sheet(name: str, head: Sequence[Cell], rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """French spreadsheets expect `;` between cells and a decimal comma, others `,` and a point."""
    comma = french()
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    writer = csv.writer(answer, delimiter=";" if comma else ",")
    writer.writerow([_cell(cell, comma) for cell in head])
    writer.writerows([_cell(cell, comma) for cell in row] for row in rows)
    return answer


def _cell(cell: Cell, comma: bool) -> str:
    match cell:
        case None:
            return ""
        case Decimal() | int():
            text = plain(Decimal(cell))
            return text.replace(".", ",") if comma else text
        case datetime():
            return timezone.localtime(cell).strftime("%Y-%m-%d %H:%M")
        case date():
            return cell.isoformat()
        case _:
            text = str(cell)
            # A text that looks like a formula would be computed by the spreadsheet that opens it.
            return f"'{text}" if text.startswith(_FORMULA) else text
