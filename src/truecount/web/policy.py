"""Policy: every setting of `store/settings.py` but those of the schedule, with its sentence, default and errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods

from truecount.core.errors import Misused, Trouble
from truecount.core.roles import Action
from truecount.runs import advice, clock, configure
from truecount.runs.audit import require
from truecount.runs.sentences_form import typeset
from truecount.store.models import Integration
from truecount.store.settings import SETTINGS, Setting, check_setting, policy_mark
from truecount.web.asked import Asked, options_of, typed
from truecount.web.belongings import integration_of
from truecount.web.failures import status_of
from truecount.web.figures import french
from truecount.web.request import Request
from truecount.web.rights import needs
from truecount.web.words import MODE_SENTENCES, MODES, QUANTITIES, VANISHING, Words

GROUPS: tuple[tuple[Words, Words, tuple[str, ...]], ...] = (
    (
        gettext_lazy("How it works"),
        gettext_lazy("What happens by itself, and what a person decides."),
        ("mode", "four_eyes_above", "quantity", "vanish", "decimals", "currency", "arrears", "mail"),
    ),
    (
        gettext_lazy("Guards"),
        gettext_lazy("What is out of the ordinary waits for a person, with the reason."),
        (
            "usage_drop_percent",
            "going_down_percent",
            "set_to_zero_percent",
            "money_percent",
            "least_lines",
            "slot_factor",
            "slot_floor",
        ),
    ),
    (
        gettext_lazy("Requests"),
        gettext_lazy("How fast both systems are asked. The defaults suit nearly everybody."),
        ("settle_seconds", "vendor_rates", "psa_rates"),
    ),
)
ON_SYNC_SETTINGS = ("schedule", "hour", "time_zone")
"""These have their own page, under the vendor's name for it."""

WORDS_OF: dict[str, Mapping[str, Words]] = {
    "mode": MODES,
    "quantity": QUANTITIES,
    "vanish": VANISHING,
    "mail": {"on": pgettext_lazy("switch", "On"), "off": pgettext_lazy("switch", "Off")},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    title: Words
    sentence: Words
    fields: list[Asked]


@needs(Action.LOOK)
@require_http_methods(["GET", "POST"])
def policy(request: Request, slug: str) -> HttpResponse:
    integration = integration_of(request, slug)
    if request.method == "GET":
        return _page(request, integration, integration.policy)
    require(request.user, Action.SET_POLICY)
    given = {name: typed(request.POST.get(name)) for name in _names() if name in request.POST}
    errors = _errors(given)
    if errors:
        return _page(request, integration, given, errors, status=422)
    changed = {name: text for name, text in given.items() if text != _stands(integration.policy, name)}
    try:
        seen = request.POST.get("seen", "")
        configure.set_policy(integration, changed, by=request.user, now=clock.now(), seen=seen) if changed else None
    except Trouble as trouble:
        text = advice.error_text(str(trouble.code), trouble.fields)
        now = Integration.objects.get(pk=integration.pk)
        return _page(request, now, given, text=text, status=status_of(trouble))
    _say(request, len(changed))
    return HttpResponseRedirect(reverse("policy", args=[slug]))


def _say(request: Request, number: int) -> None:
    if number:
        told = ngettext("%(count)d setting is changed.", "%(count)d settings are changed.", number)
        messages.success(request, told % {"count": number})
    else:
        messages.info(request, _("Nothing was changed."))


def _names() -> list[str]:
    return [name for _title, _sentence, names in GROUPS for name in names]


def _stands(kept: Mapping[str, str], name: str) -> str:
    return kept.get(name, SETTINGS[name].default)


def _errors(given: Mapping[str, str]) -> dict[str, str]:
    """All of them at once, each for its field."""
    errors = {}
    for name, text in given.items():
        try:
            check_setting(name, text)
        except Misused as trouble:
            told = trouble.fields | {"choices": SETTINGS[name].chosen_from(french())}
            said = advice.error_text(str(trouble.code), told)
            errors[name] = f"{said.title}. {said.advice}"
    return errors


def _page(
    request: Request,
    integration: Integration,
    shown: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    *,
    text: advice.Text | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "tab": "policy",
        "groups": [
            Group(title=title, sentence=sentence, fields=[_field(name, shown, errors or {}) for name in names])
            for title, sentence, names in GROUPS
        ],
        "seen": policy_mark(integration.policy),
        "text": text,
        "wrong": len(errors or ()),
        "locked": not request.user.may(Action.SET_POLICY),
    }
    return render(request, "web/policy.html", context, status=status)


def _field(name: str, shown: Mapping[str, str], errors: Mapping[str, str]) -> Asked:
    setting, value = SETTINGS[name], _stands(shown, name)
    return Asked(
        name=name,
        label=setting.titled(french()),
        value=value,
        hint=_hint(setting),
        usual=_word(name, setting.default) or _("empty"),
        error=errors.get(name, ""),
        kind="select" if setting.options else "text",
        options=options_of([(option, _choice(name, option)) for option in setting.options], value),
        wide=name == "mode",
    )


def _hint(setting: Setting) -> str:
    """The sentence, and what can be entered; modes are told one by one in their list."""
    if setting.name == "mode":
        return ""
    said = setting.said(french())
    said = said if setting.options else f"{said.rstrip('.')} ({setting.chosen_from(french())})."
    return typeset(said) if french() else said


def _choice(name: str, option: str) -> Words:
    return f"{MODES[option]} – {MODE_SENTENCES[option]}" if name == "mode" else _word(name, option)


def _word(name: str, value: str) -> Words:
    return WORDS_OF.get(name, {}).get(value, value)
