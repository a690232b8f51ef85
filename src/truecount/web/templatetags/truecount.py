"""What templates may do besides showing a value: write figures for the reader, draw icons and marks."""

from __future__ import annotations

from functools import lru_cache

from django import template
from lucide.templatetags.lucide import lucide

from truecount.core.roles import LEAST_ROLE, Action
from truecount.runs.sentences_words import WORDS
from truecount.store.models import User
from truecount.web import figures, words

register = template.Library()

for _write in (
    figures.quantity,
    figures.money,
    figures.signed,
    figures.sums,
    figures.moves,
    figures.day,
    figures.moment,
    figures.month,
    figures.span,
    figures.seconds,
    figures.machine,
):
    register.filter(_write.__name__, _write)


@register.simple_tag
@lru_cache(maxsize=200)
def icon(name: str, size: int = 18) -> str:
    """A shape beside a word; it says nothing to a screen reader, the word does."""
    attributes = {"class": "icon", "aria_hidden": "true", "focusable": "false"}
    return lucide(name, size=size, **attributes)


@register.inclusion_tag("web/parts/mark.html")
def mark(shown: words.Mark) -> dict[str, object]:
    """A state by word, shape and colour."""
    return {"mark": shown}


@register.filter
def allowed(user: User, action: str) -> bool:
    return user.may(Action(action))


@register.filter
def is_right(action: str) -> bool:
    """Whether a refusal names the right that was missing; Django's own refusals don't."""
    return action in set(Action)


@register.filter
def role_for(action: str) -> words.Words:
    """The least role that may do it."""
    return words.ROLES[LEAST_ROLE[Action(action)]]


@register.filter
def act(action: str) -> str:
    """What a right allows, as a verb phrase."""
    return WORDS[action].said(figures.french())


@register.filter
def source_word(source: str) -> words.Words:
    return words.SOURCES.get(source, source)
