"""The settings of an integration: one table of names, kinds, defaults and sentences, and Policy from and to text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from truecount.core.errors import ErrorCode, Misused
from truecount.core.model import Guards, Mode, Policy, QuantityField, Vanish
from truecount.core.plan import plain
from truecount.core.schedule import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """`read` turns text into the value or raises ValueError; `choices` is for people.

    `options` are all the texts it can be, where they are few enough to choose from.
    """

    name: str
    title: str
    title_fr: str
    default: str
    choices: str
    sentence: str
    sentence_fr: str
    read: Callable[[str], object]
    choices_fr: str = ""
    """Where the choices are told in words."""
    options: tuple[str, ...] = ()

    def titled(self, french: bool) -> str:
        return self.title_fr if french else self.title

    def said(self, french: bool) -> str:
        return self.sentence_fr if french else self.sentence

    def chosen_from(self, french: bool) -> str:
        return self.choices_fr if french and self.choices_fr else self.choices


def _number(least: str, most: str) -> Callable[[str], Decimal]:
    def read(text: str) -> Decimal:
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise ValueError(text) from None
        if not number.is_finite() or not Decimal(least) <= number <= Decimal(most):
            raise ValueError(text)
        return number

    return read


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise ValueError(text)
        return number

    return read


def _currency(text: str) -> str:
    if text and not (len(text) == 3 and text.isalpha()):
        raise ValueError(text)
    return text.upper()


def _clock(text: str) -> str:
    hour, minute = text.split(":")
    if not (0 <= int(hour) < 24 and 0 <= int(minute) < 60):
        raise ValueError(text)
    return f"{int(hour):02d}:{int(minute):02d}"


def _zone(text: str) -> str:
    if text:
        ZoneInfo(text)
    return text


def _rates(text: str) -> tuple[tuple[int, float], ...] | None:
    """`1000/60 …`: so many requests in so many seconds; empty is the connector's own, off is none."""
    if not text:
        return None
    if text == "off":
        return ()
    pairs = [part.split("/") for part in text.split()]
    rates = tuple((int(limit), float(seconds)) for limit, seconds in pairs)
    if any(limit < 1 or seconds <= 0 for limit, seconds in rates):
        raise ValueError(text)
    return rates


def _switch(text: str) -> bool:
    return {"on": True, "off": False}[text]


_PERCENT = _number("0", "100")

SETTINGS = {
    setting.name: setting
    for setting in (
        Setting(
            name="mode",
            title="Mode",
            title_fr="Mode",
            options=("observe", "review", "automatic"),
            default="observe",
            choices="observe | review | automatic",
            sentence="observe only plans; review lets a person approve; automatic applies what is not held.",
            sentence_fr="observe ne fait que des plans ; review demande une approbation ; automatic applique ce qui n’est pas bloqué.",
            read=Mode,
        ),
        Setting(
            name="schedule",
            title="Schedule",
            title_fr="Planification",
            default="invoice",
            choices="invoice | monthly:DAY | daily",
            choices_fr="invoice | monthly:JOUR | daily",
            sentence="When a run starts by itself: with the Sophos monthly invoice, once a month, or every night.",
            sentence_fr="Quand une exécution démarre d’elle-même : avec la facture mensuelle Sophos, une fois par mois ou chaque nuit.",
            read=Schedule.parse,
        ),
        Setting(
            name="hour",
            title="Time of day",
            title_fr="Heure",
            default="03:00",
            choices="HH:MM",
            sentence="Time of day at which a scheduled run starts, in the time zone.",
            sentence_fr="Heure de départ d’une exécution planifiée, dans le fuseau horaire.",
            read=_clock,
        ),
        Setting(
            name="time_zone",
            title="Time zone",
            title_fr="Fuseau horaire",
            default="",
            choices="e.g. Europe/Paris; empty: the partner’s",
            choices_fr="par ex. Europe/Paris ; vide : celui du partenaire",
            sentence="Time zone of the schedule.",
            sentence_fr="Fuseau horaire de la planification.",
            read=_zone,
        ),
        Setting(
            name="quantity",
            title="Quantity that is billed",
            title_fr="Quantité facturée",
            options=("billable", "actual"),
            default="billable",
            choices="billable | actual",
            sentence="Which of the vendor’s quantities is billed.",
            sentence_fr="Laquelle des quantités du fournisseur est facturée.",
            read=QuantityField,
        ),
        Setting(
            name="vanish",
            title="When usage vanishes",
            title_fr="Quand l’utilisation disparaît",
            options=("zero", "cancel", "hold"),
            default="zero",
            choices="zero | cancel | hold",
            sentence="What happens to a managed line whose usage is absent from a complete report.",
            sentence_fr="Ce que devient une ligne gérée dont l’utilisation est absente d’un relevé complet.",
            read=Vanish,
        ),
        Setting(
            name="decimals",
            title="Decimals",
            title_fr="Décimales",
            default="2",
            choices="0 to 4",
            choices_fr="0 à 4",
            sentence="Decimals of a quantity.",
            sentence_fr="Décimales d’une quantité.",
            read=_whole(0, 4),
        ),
        Setting(
            name="currency",
            title="Currency",
            title_fr="Devise",
            default="",
            choices="e.g. EUR; empty: not checked",
            choices_fr="par ex. EUR ; vide : non vérifiée",
            sentence="Currency of the vendor’s prices; agreements in another one are held.",
            sentence_fr="Devise des prix du fournisseur ; les contrats dans une autre devise sont bloqués.",
            read=_currency,
        ),
        Setting(
            name="usage_drop_percent",
            title="Least share of the last reading (%)",
            title_fr="Part minimale du relevé précédent (%)",
            default="50",
            choices="0 to 100",
            choices_fr="0 à 100",
            sentence="The plan is held when the reading has less than this share of the last one’s lines.",
            sentence_fr="Le plan est bloqué si le relevé a moins que cette part des lignes du précédent.",
            read=_PERCENT,
        ),
        Setting(
            name="going_down_percent",
            title="Lines going down (%)",
            title_fr="Lignes en baisse (%)",
            default="30",
            choices="0 to 100",
            choices_fr="0 à 100",
            sentence="The plan is held when more than this share of the lines go down.",
            sentence_fr="Le plan est bloqué si plus de cette part des lignes diminue.",
            read=_PERCENT,
        ),
        Setting(
            name="set_to_zero_percent",
            title="Lines set to 0 or cancelled (%)",
            title_fr="Lignes mises à 0 ou résiliées (%)",
            default="30",
            choices="0 to 100",
            choices_fr="0 à 100",
            sentence="The plan is held when more than this share of the lines are set to 0 or cancelled.",
            sentence_fr="Le plan est bloqué si plus de cette part des lignes est mise à 0 ou résiliée.",
            read=_PERCENT,
        ),
        Setting(
            name="money_percent",
            title="Move of the monthly money (%)",
            title_fr="Variation du montant mensuel (%)",
            default="25",
            choices="0 to 10000",
            choices_fr="0 à 10000",
            sentence="The plan is held when the monthly money moves by more than this share.",
            sentence_fr="Le plan est bloqué si le montant mensuel bouge de plus que cette part.",
            read=_number("0", "10000"),
        ),
        Setting(
            name="least_lines",
            title="Lines from which these shares count",
            title_fr="Lignes à partir desquelles ces parts comptent",
            default="10",
            choices="0 to 1000000",
            choices_fr="0 à 1000000",
            sentence="Number of lines from which the three shares above count.",
            sentence_fr="Nombre de lignes à partir duquel les trois parts ci-dessus comptent.",
            read=_whole(0, 1_000_000),
        ),
        Setting(
            name="slot_factor",
            title="Factor of a single line",
            title_fr="Facteur d’une ligne seule",
            default="3",
            choices="1 to 1000",
            choices_fr="1 à 1000",
            sentence="A line is held when it more than multiplies or falls by this factor.",
            sentence_fr="Une ligne est bloquée si elle est plus que multipliée ou divisée par ce facteur.",
            read=_number("1", "1000"),
        ),
        Setting(
            name="slot_floor",
            title="Quantity from which the factor counts",
            title_fr="Quantité à partir de laquelle le facteur compte",
            default="5",
            choices="0 to 1000000",
            choices_fr="0 à 1000000",
            sentence="Quantity from which the factor counts.",
            sentence_fr="Quantité à partir de laquelle le facteur compte.",
            read=_number("0", "1000000"),
        ),
        Setting(
            name="settle_seconds",
            title="Wait before reading back (seconds)",
            title_fr="Attente avant relecture (secondes)",
            default="60",
            choices="0.2 to 3600",
            choices_fr="0.2 à 3600",
            sentence="How long to wait before reading back a write that was not answered.",
            sentence_fr="Attente avant de relire une écriture restée sans réponse.",
            read=_number("0.2", "3600"),
        ),
        Setting(
            name="vendor_rates",
            title="Most requests to Sophos",
            title_fr="Requêtes maximales à Sophos",
            default="",
            choices="REQUESTS/SECONDS …; off",
            choices_fr="REQUÊTES/SECONDES … ; off",
            sentence="Most requests to the vendor, e.g. 10/1 100/60; empty: as far as the vendor’s limits are known.",
            sentence_fr="Nombre maximal de requêtes au fournisseur, par ex. 10/1 100/60 ; vide : d’après ses limites connues.",
            read=_rates,
        ),
        Setting(
            name="psa_rates",
            title="Most requests to ConnectWise PSA",
            title_fr="Requêtes maximales à ConnectWise PSA",
            default="",
            choices="REQUESTS/SECONDS …; off",
            choices_fr="REQUÊTES/SECONDES … ; off",
            sentence="Most requests to the PSA, e.g. 1000/60; empty: its documented limit.",
            sentence_fr="Nombre maximal de requêtes au PSA, par ex. 1000/60 ; vide : sa limite documentée.",
            read=_rates,
        ),
        Setting(
            name="arrears",
            title="Period types billed in arrears",
            title_fr="Types de période facturés à terme échu",
            default="",
            choices="values of periodType, with commas",
            choices_fr="valeurs de periodType, séparées par des virgules",
            sentence="Which ConnectWise period types bill a period after its end; the others are billed in advance.",
            sentence_fr="Quels types de période ConnectWise facturent une période échue ; les autres sont facturés d’avance.",
            read=str,
        ),
        Setting(
            name="four_eyes_above",
            title="Four eyes above",
            title_fr="Quatre yeux au-delà de",
            default="",
            choices="money a month; empty: off",
            choices_fr="montant mensuel ; vide : sans",
            sentence="Above this move of money the approver is not the one who made the plan or its mappings.",
            sentence_fr="Au-delà de ce mouvement d’argent, l’approbateur n’est pas l’auteur du plan ou des mappages.",
            read=lambda text: _number("0", "1000000000")(text) if text else None,
        ),
        Setting(
            name="mail",
            title="Mail",
            title_fr="E-mail",
            options=("on", "off"),
            default="on",
            choices="on | off",
            sentence="Mail when a plan waits, a run failed or did not happen.",
            sentence_fr="E-mail quand un plan attend, qu’une exécution a échoué ou n’a pas eu lieu.",
            read=_switch,
        ),
    )
}


def check_setting(name: str, text: str) -> str:
    """The text to keep; refused with the choices where it can't be read."""
    setting = SETTINGS.get(name)
    if setting is None:
        raise Misused(ErrorCode.BAD_SETTING, name=name, value=text, choices=", ".join(SETTINGS))
    try:
        value = setting.read(text.strip())
    except (ValueError, KeyError, OSError, Misused):
        raise Misused(ErrorCode.BAD_SETTING, name=name, value=text, choices=setting.choices) from None
    return plain(value) if isinstance(value, Decimal) else text.strip() if not isinstance(value, str) else str(value)


def policy_mark(kept: Mapping[str, str]) -> str:
    """A short fingerprint of what is kept, to notice that somebody else changed it meanwhile."""
    told = json.dumps(dict(kept), sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def value_of(kept: Mapping[str, str], name: str) -> object:
    """A setting's value: what is kept, else the default."""
    setting = SETTINGS[name]
    return setting.read(kept.get(name, setting.default))


def number_of(kept: Mapping[str, str], name: str) -> Decimal:
    value = value_of(kept, name)
    assert isinstance(value, Decimal)
    return value


def policy_of(kept: Mapping[str, str]) -> Policy:
    """The part of the settings that a plan depends on."""

    def text(name: str) -> str:
        return kept.get(name, SETTINGS[name].default)

    def share(name: str) -> Decimal:
        return number_of(kept, name) / 100

    return Policy(
        mode=Mode(text("mode")),
        quantity=QuantityField(text("quantity")),
        vanish=Vanish(text("vanish")),
        decimals=int(text("decimals")),
        currency=text("currency"),
        guards=Guards(
            usage_drop=share("usage_drop_percent"),
            going_down=share("going_down_percent"),
            set_to_zero=share("set_to_zero_percent"),
            money_move=share("money_percent"),
            least_lines=int(text("least_lines")),
            slot_factor=number_of(kept, "slot_factor"),
            slot_floor=number_of(kept, "slot_floor"),
        ),
    )
