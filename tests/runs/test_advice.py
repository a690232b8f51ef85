"""Every code has its sentence in both languages, and whatever comes in, a readable sentence comes out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum

import django
import pytest
from django.utils import translation

from tests.architecture.tree import SRC
from truecount.core.errors import ErrorCode
from truecount.core.model import ChangeKind, FindingKind, HoldKind, Outcome, Skip
from truecount.core.period import Period
from truecount.core.ports import Right
from truecount.core.roles import Action, Role
from truecount.runs import advice
from truecount.runs.sentences_checks import ANY_CHECK, ANY_CHECK_OK, CHECKS
from truecount.runs.sentences_explain import EXPLAINED, STEPS
from truecount.runs.sentences_form import FIXED, NARROW, Row, placeholders, typeset
from truecount.runs.sentences_left_out import LEFT_OUT
from truecount.runs.sentences_lines import LINES
from truecount.runs.sentences_missing import IN_FILE, MISSING
from truecount.runs.sentences_misuse import MISUSE
from truecount.runs.sentences_plans import ANY_CHANGE, ANY_FINDING, ANY_HOLD, CHANGES, HOLDS
from truecount.runs.sentences_remote import ANY_ERROR, INTERNAL, REMOTE
from truecount.runs.sentences_words import (
    ANY_REASON,
    OUTCOMES,
    PLAN_STATES,
    REASONS,
    RUN_STATES,
    SCREENS,
    SKIPS,
    WORDS,
    Said,
)

TABLES = {
    "errors": {**MISSING, **MISUSE, **REMOTE},
    "findings": {**LEFT_OUT, **LINES},
    "holds": HOLDS,
    "changes": CHANGES,
    "checks": CHECKS,
}
OTHERS = (IN_FILE, ANY_CHECK, ANY_CHECK_OK, ANY_CHANGE, ANY_FINDING, ANY_HOLD, ANY_ERROR)
OTHERS = (IN_FILE, ANY_CHECK, ANY_CHECK_OK, ANY_CHANGE, ANY_FINDING, ANY_HOLD, ANY_ERROR)
ROWS = [row for table in TABLES.values() for rows in table.values() for row in rows] + list(OTHERS)
CODES: dict[str, tuple[type[StrEnum], set[str]]] = {
    "errors": (ErrorCode, set(TABLES["errors"]) - {INTERNAL}),
    "findings": (FindingKind, set(TABLES["findings"])),
    "holds": (HoldKind, set(HOLDS)),
    "changes": (ChangeKind, set(CHANGES)),
    "skips": (Skip, set(SKIPS)),
    "outcomes": (Outcome, set(OUTCOMES)),
}
DOCTOR = re.findall(
    r"\w+", "database, migrations, secret_key, vendor_connection, psa_connection, rights, worker, schedule, clock"
)
"""The checks of `truecount doctor`."""
LEFT = re.findall(
    r"\w+",
    "product_off, customer_off, unknown_quantity, negative_quantity, not_read, firewall_live, duplicate_lines,"
    "managed_elsewhere, agreement_gone, line_ended, no_line_to_adopt, still_billed, older_period, invoiced",
)
"""What `core/compare.py` puts into `left`."""
DO = re.compile(
    r"(Add|Approve|Ask|Assign|Bill|Check|Choose|Compare|Connect|Correct|Close|End|Enter|Find|Give|Leave|Look|Make|Map|Name"
    r"|Open|Put|Release|Remove|Report|Renew|Run|Set|Shorten|Start|Take|Try|Turn|Untick|Use|Wait|Write|Read)\b"
)
FAITES = re.compile(r"\w+ez\b")


def said_texts() -> Iterator[Said]:
    for table in (SCREENS, WORDS, SKIPS, REASONS, RUN_STATES, PLAN_STATES, STEPS, EXPLAINED):
        yield from table.values()
    for pair in OUTCOMES.values():
        yield from pair
    yield ANY_REASON


def named(row: Row) -> str:
    return f"{row.code}+{row.when}" if row.when else str(row.code)


def all_texts() -> list[tuple[str, str, str]]:
    """(where, English, French) of every text there is."""
    rows = [
        (named(row), english, french)
        for row in ROWS
        for english, french in zip(row.texts(False), row.texts(True), strict=True)
    ]
    return rows + [("words", said.en, said.fr) for said in said_texts()]


@pytest.fixture(scope="module", autouse=True)
def _apps() -> None:
    """Switching the language needs Django's apps; where they are loaded already this does nothing."""
    django.setup()


# --- the tables are whole -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CODES)
def test_every_code_has_a_row_and_every_row_a_code(kind: str) -> None:
    enumeration, there = CODES[kind]
    assert {str(code) for code in enumeration} == {str(code) for code in there}


@pytest.mark.parametrize("kind", [FindingKind, HoldKind, Skip], ids=lambda kind: kind.__name__)
def test_whatever_can_be_said_is_made_somewhere(kind: type[StrEnum]) -> None:
    places = [path for path in SRC.rglob("*.py") if path.name != "model.py" and "sentences" not in path.name]
    program = "".join(path.read_text(encoding="utf-8") for path in places)
    assert [one.name for one in kind if f"{kind.__name__}.{one.name}" not in program] == []


def test_every_check_and_every_reason_has_a_row() -> None:
    assert set(CHECKS) == set(DOCTOR)
    assert set(LEFT) == set(REASONS)


@pytest.mark.parametrize("kind", TABLES)
def test_every_code_has_one_plain_row_and_it_comes_first(kind: str) -> None:
    for code, rows in TABLES[kind].items():
        assert [row.when == "" for row in rows] == [True] + [False] * (len(rows) - 1), code


def test_every_action_and_role_has_a_word() -> None:
    assert {str(action) for action in Action} | {role.name.lower() for role in Role} <= set(WORDS)


# --- the texts are well written -------------------------------------------------------------------


def test_both_languages_fill_in_the_same() -> None:
    wrong = [
        named(row)
        for row in ROWS
        for english, french in zip(row.texts(False), row.texts(True), strict=True)
        if {name for name, _ in placeholders(english)} != {name for name, _ in placeholders(french)}
    ]
    wrong += [said.en for said in said_texts() if placeholders(said.en) != placeholders(said.fr)]
    assert wrong == []


def test_every_placeholder_says_how_it_is_shown() -> None:
    shown = {how for _, english, french in all_texts() for _, how in placeholders(english) | placeholders(french)}
    assert {how for how in shown if "|" not in how} == {"", "n", "money", "t", "w"}


def test_sentences_end_with_a_full_stop() -> None:
    told = [(named(row), text) for row in ROWS for french in (False, True) for text in row.texts(french)[1:]]
    told += [
        (said.en, text) for said in (*REASONS.values(), *SKIPS.values(), ANY_REASON) for text in (said.en, said.fr)
    ]
    told += [(said.en, text) for _, said in OUTCOMES.values() for text in (said.en, said.fr)]
    # What `{why}` brings in is a sentence of its own.
    assert [where for where, text in told if text and not text.endswith((".", "{why}"))] == []


def test_texts_are_short() -> None:
    long = [
        (named(row), text)
        for row in ROWS
        for french in (False, True)
        for text in row.texts(french)[1:]
        if len(text) > 230 or len(re.findall(r"\. (?=[A-ZÉÀ{])", text)) > 1
    ]
    titles = [title for row in ROWS for title in (row.title, row.title_fr)]
    assert long == []
    assert [title for title in titles if not 0 < len(title) <= 50 or title.endswith(".")] == []


def test_advice_says_what_to_do() -> None:
    fine = [row for row in ROWS if row.when == "ok" or row is ANY_CHECK_OK]
    assert [named(row) for row in fine if row.advice or row.advice_fr] == []
    wrong = [row for row in ROWS if row not in fine and not (DO.match(row.advice) and FAITES.match(row.advice_fr))]
    assert [(named(row), row.advice, row.advice_fr) for row in wrong] == []


def test_words_and_signs_are_those_of_the_glossary() -> None:
    for where, english, french in all_texts():
        told = re.sub(r"\{[^}]*\}", "", english + french)
        assert not re.search(r"['\"]|\bslot|\baddition|emplacement|addendum|locataire|écart[ée] de prix", told), (
            where,
            told,
        )
        assert "’" not in english or not re.search(r"\b[lLdDnNsS]’\w{3}", english), (where, english)


def test_french_is_typeset_with_spaces_that_do_not_break() -> None:
    loose = rf" [;:!?%»]|« |[^{NARROW}][;!?]|[^{FIXED}]([%»]|:(?!//))|«[^{FIXED}]"
    for where, _, french in all_texts():
        assert not re.search(loose, re.sub(r"\{[^}]*\}", "x", typeset(french))), (where, french)
    assert typeset("« a » : b ; c ?") == f"«{FIXED}a{FIXED}»{FIXED}: b{NARROW}; c{NARROW}?"


def test_what_is_filled_in_keeps_its_spaces_that_do_not_break() -> None:
    advised = advice.finding_text("customer_not_mapped", {"customer": f"A{FIXED}B  C"}, "fr")
    assert f"«{FIXED}Mapper et synchroniser les clients{FIXED}»" in advised.advice
    assert f"A{FIXED}B C" in advised.sentence


# --- filling in -----------------------------------------------------------------------------------


def test_the_example_of_the_design() -> None:
    text = advice.error_text("not_ready", {"system": "Sophos Central", "period": Period(2026, 12)}, "en")
    assert text.sentence == "Sophos has no billing report for 2026-12 yet."
    assert text.advice == "Try again from the 25th; nothing was changed."


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("fields", [{}, {"customer": None, "reason": "", "errors": {}, "system": 7, "before": "NaN"}])
def test_nothing_crashes_whatever_is_missing(language: str, fields: dict[str, object]) -> None:
    texts = [advice.error_text(code, fields, language) for code in [*ErrorCode, INTERNAL, "unheard of", ""]]
    texts += [advice.finding_text(kind, fields, language) for kind in [*FindingKind, "unheard of"]]
    texts += [advice.hold_text(kind, fields, language) for kind in [*HoldKind, "unheard of"]]
    texts += [advice.change_text(kind, fields, language) for kind in [*ChangeKind, "unheard of"]]
    texts += [
        advice.check_text(name, {**fields, "ok": ok}, language) for name in [*DOCTOR, "x"] for ok in (True, False)
    ]
    said = [advice.reason_text(reason, fields, language) for reason in [*LEFT, *Skip, *FindingKind, "x", ""]]
    said += [advice.skip_text(skip, language) for skip in [*Skip, "x"]]
    said += [advice.outcome_text(outcome, language) for outcome in [*Outcome, "x", ""]]
    said += [advice.run_state_text(state, language) for state in [*RUN_STATES, "x"]]
    said += [advice.plan_state_text(state, language) for state in [*PLAN_STATES, "x"]]
    assert all(text.title and text.sentence for text in texts)
    assert all(said)
    assert not [text for text in (*said, *(part for text in texts for part in text)) if "{" in text or "None" in text]


@pytest.mark.parametrize("french", [False, True])
def test_every_placeholder_is_filled_in(french: bool) -> None:
    for row in ROWS:
        names = {name for text in row.texts(french) for name, _ in placeholders(text)}
        text = " ".join(row.filled(dict.fromkeys(names, "7"), french)[1:])
        assert not re.search(r"[{}?]", text), named(row)


def test_names_are_shown_where_they_are_known_and_ids_where_not() -> None:
    fields = {"agreement": 12, "agreement_name": "Managed services", "item": 7, "before": "10", "after": "40.50"}
    assert advice.hold_text("jump", fields, "en").sentence == "“7” on “Managed services” would jump from 10 to 40.5."
    french = advice.hold_text("jump", fields, "fr").sentence
    assert french == f"«{FIXED}7{FIXED}» du contrat «{FIXED}Managed services{FIXED}» sauterait de 10 à 40,5."


@pytest.mark.parametrize(
    ("count", "english", "french"),
    [
        ("0", "0 units", "0 unité"),
        ("1", "1 unit", "1 unité"),
        ("1.5", "1.5 units", "1,5 unité"),
        (2, "2 units", "2 unités"),
        (Decimal("1E+1"), "10 units", "10 unités"),
        (None, "? units", "? unités"),
    ],
)
def test_counted_things_agree_with_their_number(count: object, english: str, french: str) -> None:
    assert english in advice.change_text("update", {"after": count, "before": 3}, "en").sentence
    assert french.replace(" ", FIXED) in advice.change_text("update", {"after": count, "before": 3}, "fr").sentence


def test_names_that_look_like_numbers_stay_as_they_are() -> None:
    fields = {"before": "Release 10.50", "after": "10.50"}
    assert "10.50" in advice.finding_text("renamed_product", fields, "fr").sentence


def test_money_is_told_with_its_currency() -> None:
    fields = {"before": "1000", "after": "1300.5", "currency": "EUR"}
    assert advice.hold_text("money_moves", fields, "en").sentence.endswith(f"1000.00{FIXED}EUR to 1300.50{FIXED}EUR.")
    assert advice.hold_text("money_moves", {**fields, "currency": ""}, "fr").sentence.endswith("1000,00 à 1300,50.")


def test_a_field_that_ends_in_a_full_stop_does_not_make_two() -> None:
    text = advice.error_text("invalid", {"system": "ConnectWise PSA", "message": "item is required."}, "en")
    assert text.sentence == "ConnectWise PSA refused this: “item is required”."
    text = advice.error_text("invalid", {"system": "X", "errors": {"quantity": "too large."}}, "en")
    assert text.sentence == "X refused this: quantity: too large."


def test_fields_that_a_run_kept_as_text_read_the_same() -> None:
    kept = {"system": "ConnectWise PSA", "errors": "{'identifier': 'already in use', 'type': 'required'}"}
    assert "identifier: already in use; type: required" in advice.error_text("invalid", kept, "en").sentence
    assert "message" in advice.error_text("invalid", {**kept, "errors": "{}", "message": "message"}, "en").sentence
    assert (
        "{'a'" in advice.error_text("invalid", {**kept, "errors": "{'a'" + "}}"}, "en").sentence
    )  # no mapping: as it came


def test_long_answers_are_cut_and_put_on_one_line() -> None:
    sentence = advice.error_text("conflict", {"system": "X", "message": "a\n\tb" * 500}, "en").sentence
    assert "\n" not in sentence
    assert len(sentence) < 400


def test_moments_are_read_from_text() -> None:
    fields = {
        "integration": "demo",
        "run": 4,
        "who": "schedule",
        "since": "2026-11-26T09:00:30+00:00",
        "where": "host:1",
    }
    sentence = advice.error_text("busy", fields, "en").sentence
    assert sentence == "Run 4 is at work on demo, started 2026-11-26 09:00 UTC by the schedule on host:1."
    assert "since yesterday" in advice.check_text("worker", {"since": "yesterday"}, "en").sentence
    assert "2026-12-01" in advice.change_text("cancel", {"effective": date(2026, 12, 1)}, "fr").sentence


# --- what differs by fields -----------------------------------------------------------------------


def test_unknown_holder_of_a_lock() -> None:
    fields = dict.fromkeys(("run", "who", "since", "where"), "?") | {"integration": "demo"}
    assert advice.error_text("busy", fields, "en").sentence == "Another run is at work on demo."


@pytest.mark.parametrize(
    ("route", "right"),
    [
        ("PATCH /finance/agreements/{id}/additions/{id}", "Finance / Agreements / Edit"),
        ("POST /finance/agreements/{id}/additions", "Finance / Agreements / Add"),
        ("POST /system/bundles", "Finance / Agreements / Inquire"),
        ("GET /procurement/catalog", "Procurement / Product Catalog / Inquire"),
        ("GET /procurement/categories", "System / Table Setup / Inquire"),
        ("GET /company/companies", "Companies / Company Maintenance / Inquire"),
        ("GET /new/thing", "GET /new/thing"),
    ],
)
def test_a_missing_right_is_named(route: str, right: str) -> None:
    text = advice.error_text("missing_right", {"system": "ConnectWise PSA", "route": route, "status": 403}, "en")
    assert text.sentence == f"The security role of the API member lacks the right {right}."


def test_a_right_that_was_told_is_not_guessed() -> None:
    fields = {"system": "ConnectWise PSA", "route": "GET /x", "missing": (Right(module="A", function="B", verb="Add"),)}
    assert "A / B / Add" in advice.error_text("missing_right", fields, "fr").sentence


def test_credentials_of_each_system() -> None:
    sophos = advice.error_text("wrong_credentials", {"system": "Sophos Central"}, "en")
    assert "truecount connect sophos" in sophos.advice
    connectwise = advice.error_text("wrong_credentials", {"system": "ConnectWise PSA", "field": "company"}, "en")
    assert "login company" in connectwise.sentence
    tenant = advice.error_text("wrong_credentials", {"system": "Sophos Central", "found": "tenant"}, "fr")
    assert "compte de type client" in tenant.sentence


def test_an_error_in_a_file_is_mended_in_the_file() -> None:
    text = advice.error_text("unknown_product", {"product": "CIXA", "file": "mine.yaml"}, "en")
    assert "“CIXA”" in text.sentence
    assert text.advice == "Correct it in mine.yaml and import the file again; nothing was imported."


def test_a_dash_and_a_question_mark_count_as_not_told() -> None:
    assert advice.error_text("unknown_plan", {"plan": "–"}, "en").sentence == "There is no plan yet."
    assert advice.error_text("unknown_plan", {"plan": 8}, "en").sentence == "There is no plan 8."
    assert advice.error_text("integration_needed", {"integrations": "–"}, "en").title == "Which integration?"
    assert "a, b" in advice.error_text("integration_needed", {"integrations": "a, b"}, "en").sentence
    assert advice.error_text("unknown_partner", {"partner": "–"}, "en").sentence.startswith("No partner was named")


def test_a_database_without_tables_is_not_one_that_is_away() -> None:
    assert advice.error_text("no_database", {"why": "migrate"}, "en").advice == "Run truecount migrate."
    assert "answer: no route" in advice.error_text("no_database", {"why": "no route"}, "en").sentence


def test_a_bad_value_says_why() -> None:
    fields = {"name": "password", "value": "…", "why": "This password is too short."}
    sentence = advice.error_text("bad_value", fields, "fr").sentence
    assert sentence == f"Ceci ne peut pas être utilisé (mot de passe){FIXED}: This password is too short."


def test_both_names_of_a_setting_are_understood() -> None:
    told = [advice.error_text("bad_setting", {name: "zone", "value": "Mars"}, "en") for name in ("name", "setting")]
    assert told[0] == told[1]
    assert "zone=Mars" in told[0].sentence


def test_a_line_that_waits_says_why() -> None:
    fields = {"reason": "customer_off", "about": "c-1", "about_name": "Acme", "item": 7, "agreement": 5}
    text = advice.finding_text("slot_waits", fields, "en")
    assert text.sentence.endswith("stays as it is. Usage sync is off for Acme, whose usage is counted here too.")
    assert "Usage sync for Acme" in text.advice


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("create", ("Create", "Créer")),
        ("adopt", ("Take over", "Reprendre")),
        ("update", ("Update", "Mettre à jour")),
        ("zero", ("Set to 0", "Mettre à 0")),
        ("cancel", ("Cancel", "Résilier")),
    ],
)
def test_changes_are_called_as_on_the_screens(kind: str, names: tuple[str, str]) -> None:
    assert tuple(advice.change_text(kind, {}, language).title for language in ("en", "fr")) == names


def test_reasons_of_changes() -> None:
    assert "nothing is sent" in advice.change_text("adopt", {"before": "4", "after": "4"}, "en").sentence
    assert "nothing is sent" not in advice.change_text("adopt", {"before": "3", "after": "4"}, "en").sentence
    assert "cancellation" in advice.change_text("update", {"after": 4, "reopen": True}, "en").sentence
    assert "cancellation" not in advice.change_text("update", {"after": 4, "reopen": False}, "en").sentence


def test_a_check_that_failed_with_an_error_says_it() -> None:
    fields = {"ok": False, "code": "wrong_credentials", "system": "Sophos Central", "integration": "demo"}
    text = advice.check_text("vendor_connection", fields, "en")
    assert (text.title, text.sentence) == (
        "Sophos Central Partner",
        "Sophos Central does not accept the client ID or its secret.",
    )


def test_rights_missing_and_too_many() -> None:
    edit = Right(module="Finance", function="Agreements", verb="Edit")
    lacking = advice.check_text(
        "rights", {"ok": False, "missing": [edit], "excess": [edit], "integration": "demo"}, "en"
    )
    assert lacking.advice.endswith(": Finance / Agreements / Edit.")
    assert (
        "more than is needed"
        in advice.check_text("rights", {"ok": True, "missing": (), "excess": [edit]}, "en").sentence
    )
    assert advice.check_text("rights", {"ok": True, "missing": [], "excess": []}, "en").advice == ""


def test_a_reason_without_a_row_is_told_by_its_finding() -> None:
    assert "has the price 0" in advice.reason_text("price_zero", {"item": 7}, "en")


# --- languages ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("active", "label"), [("fr", "En cours"), ("fr-ca", "En cours"), ("en-gb", "Running"), ("de", "Running")]
)
def test_the_active_language_is_used(active: str, label: str) -> None:
    with translation.override(active):
        assert advice.run_state_text("running") == label
        assert advice.run_state_text("running", "en") == "Running"


def test_reference_texts_have_dots_for_what_is_not_known() -> None:
    with translation.override("fr"):
        text = advice.error_sentence(ErrorCode.NOT_READY)
    assert text == (
        "**Pas encore de rapport.** Sophos n’a pas encore de rapport de facturation pour …. "
        f"Réessayez à partir du 25{NARROW}; rien n’a été modifié."
    )
    assert advice.outcome_sentence(Outcome.HELD, "en") == "**Held.** A person must decide first."
    assert "?" not in "".join(advice.finding_sentence(kind, "en") for kind in FindingKind)
