"""Contact sheets: one picture of a page in every width and look, for a person to look at.

`make looks` keeps them in `.looks/`; otherwise nothing is kept.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

FOLDER = os.environ.get("TRUECOUNT_LOOKS", "")
SCALE = {390: 0.8, 1280: 0.62, 1920: 0.5}
TALLEST = 1500
"""Pixels of a page that are kept; longer tables go on as they began."""


class Sheet:
    """What one page looks like."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._shots: dict[str, list[tuple[int, bytes]]] = {}

    def keep(self, look: str, width: int) -> None:
        if not FOLDER:
            return
        height = min(TALLEST, max(900, int(self._page.evaluate("document.documentElement.scrollHeight"))))
        if self._page.locator("dialog[open]").count():
            height = 900
        self._page.set_viewport_size({"width": width, "height": height})
        self._shots.setdefault(look, []).append((width, self._page.screenshot(animations="disabled")))

    def write(self, name: str) -> None:
        if not self._shots:
            return
        rows = "".join(f"<p>{''.join(_image(*shot) for shot in shots)}</p>" for shots in self._shots.values())
        browser = self._page.context.browser
        assert browser is not None
        sheet = browser.new_page(viewport={"width": 2120, "height": 600})
        sheet.set_content(f"<body style='margin:8px;background:#888;white-space:nowrap'>{rows}")
        folder = Path(FOLDER)
        folder.mkdir(parents=True, exist_ok=True)
        sheet.screenshot(path=folder / f"{name}.png", full_page=True)
        sheet.close()


@contextmanager
def sheet(page: Page, name: str) -> Iterator[Sheet]:
    one = Sheet(page)
    yield one
    one.write(re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "home")


def _image(width: int, shot: bytes) -> str:
    data = base64.b64encode(shot).decode()
    shown = round(width * SCALE[width])
    return f"<img width={shown} style='vertical-align:top;margin:4px' src='data:image/png;base64,{data}'>"
