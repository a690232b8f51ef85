"""A page that may also stand in the dialog of another page: same address, same form, with or without script.

The template extends `layout`. Asked for by htmx into `#dialog` it comes without the frame; when its form was kept, the
page below is loaded again with the message of what was done.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from truecount.web.request import Request

DIALOG = "dialog"
"""The id of the element that dialogs are loaded into; see frame.html."""


def in_dialog(request: Request) -> bool:
    return bool(request.htmx) and request.htmx.target == DIALOG


def dialog(request: Request, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """The template in the frame, or alone for the dialog. `status` 422 says that a form was refused."""
    layout = "web/dialog.html" if in_dialog(request) else "web/frame.html"
    return render(request, template, {**context, "layout": layout}, status=status)


def go_on(request: Request, address: str) -> HttpResponse:
    """Leave the dialog, or the page that stands for it, for the page at `address`."""
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
