"""A page as a person reads it: without tags, and every kind of space one space."""

from __future__ import annotations

import html
import re


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
