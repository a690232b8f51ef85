"""Contact sheets: one picture of a page in every width and look, for a person to look at.

`make looks` keeps them in `.looks/`; otherwise nothing is kept.
"""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path

from playwright.sync_api import Page

FOLDER = os.environ.get("TRUECOUNT_LOOKS", "")
WIDTHS = {390: 312, 1280: 794, 1920: 960}
"""Of a window, and of its picture on the sheet."""
SHORTEST, TALLEST = 900, 1500
"""Pixels of a page that are kept; longer tables go on as they began."""


def keep(page: Page, name: str) -> None:
    """Write the sheet of the page as it stands."""
    if not FOLDER:
        return
    rows = []
    for dark in (False, True):
        page.emulate_media(color_scheme="dark" if dark else "light")
        rows.append("".join(_image(page, width) for width in WIDTHS))
    browser = page.context.browser
    assert browser is not None
    sheet = browser.new_page(viewport={"width": 2120, "height": 600})
    sheet.set_content(f"<body style='background:#888;white-space:nowrap'><p>{'<p>'.join(rows)}")
    folder = Path(FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    sheet.screenshot(path=folder / f"{re.sub('[^a-z0-9]+', '-', name.lower()).strip('-')}.png", full_page=True)
    sheet.close()


def _image(page: Page, width: int) -> str:
    page.set_viewport_size({"width": width, "height": SHORTEST})
    if not page.locator("dialog[open]").count():
        height = int(page.evaluate("document.documentElement.scrollHeight"))
        page.set_viewport_size({"width": width, "height": min(TALLEST, max(SHORTEST, height))})
    data = base64.b64encode(page.screenshot(animations="disabled")).decode()
    return f"<img width={WIDTHS[width]} style='vertical-align:top;margin:4px' src='data:image/png;base64,{data}'>"
