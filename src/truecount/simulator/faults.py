"""The fault table and the rules that are set from outside; carrying a fault out is the front's work."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """`status` answers at once; `seconds` waits first; `done` tells whether the call is carried out."""

    kind: str
    done: bool
    says: str
    says_fr: str
    status: int | None = None
    seconds: float = 0.0


FAULTS: Mapping[str, Fault] = {
    fault.kind: fault
    for fault in (
        Fault(kind="401", done=False, status=401, says="keys or token are refused", says_fr="clés ou jeton refusés"),
        Fault(
            kind="429",
            done=False,
            status=429,
            says="throttled, Retry-After 1 unless given",
            says_fr="trop de requêtes, Retry-After 1 sauf indication",
        ),
        Fault(
            kind="500",
            done=False,
            status=500,
            says="a server error whose text contains timeout",
            says_fr="une erreur du serveur dont le texte contient timeout",
        ),
        Fault(kind="409", done=False, status=409, says="a conflict", says_fr="un conflit"),
        Fault(
            kind="timeout",
            done=False,
            seconds=120.0,
            says="held without an answer, then closed",
            says_fr="retenue sans réponse, puis fermée",
        ),
        Fault(
            kind="drop-before-commit",
            done=False,
            says="the connection is closed, nothing was done",
            says_fr="la connexion est fermée, rien n’a été fait",
        ),
        Fault(kind="slow", done=True, seconds=5.0, says="answered late", says_fr="réponse tardive"),
        Fault(
            kind="malformed",
            done=True,
            says="half of the right body with status 200",
            says_fr="la moitié du bon corps, avec le statut 200",
        ),
        Fault(
            kind="drop-after-commit",
            done=True,
            says="the connection is closed after the work was done",
            says_fr="la connexion est fermée une fois le travail fait",
        ),
    )
}


class BadRule(ValueError):
    """A rule that can't be set; the text says why."""


@dataclass(kw_only=True, slots=True)
class Rule:
    """`nth` fires once, `rate` by chance, neither always; counted since the rule was set."""

    fault: Fault
    route: str = "*"
    method: str | None = None
    nth: int | None = None
    rate: float | None = None
    retry_after: int = 1
    seconds: float | None = None
    seen: int = 0

    @property
    def wait(self) -> float:
        """Seconds before the answer or the end of the connection; only kinds that wait do."""
        if not self.fault.seconds:
            return 0.0
        return self.fault.seconds if self.seconds is None else self.seconds

    def concerns(self, method: str, places: tuple[str, ...]) -> bool:
        if self.method is not None and self.method != method:
            return False
        return self.route == "*" or self.route in places


class Faults:
    """The rules of one system; the first that fires decides, every rule that matches counts."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._chance = random.Random(seed)
        self.rules: list[Rule] = []

    def set(self, rules: list[Rule]) -> None:
        self.rules = rules
        self._chance = random.Random(self._seed)

    def due(self, method: str, places: tuple[str, ...]) -> Rule | None:
        fired = None
        for rule in self.rules:
            if rule.concerns(method, places):
                rule.seen += 1
                if self._fires(rule) and fired is None:
                    fired = rule
        return fired

    def _fires(self, rule: Rule) -> bool:
        if rule.nth is not None:
            return rule.seen == rule.nth
        if rule.rate is not None:
            return self._chance.random() < rule.rate
        return True


def read_rules(given: Any) -> list[Rule]:
    rules = given.get("rules") if isinstance(given, dict) else None
    if not isinstance(rules, list):
        raise BadRule('a body {"rules": [...]} is expected')
    return [_read_rule(rule) for rule in rules]


def _read_rule(given: Any) -> Rule:
    if not isinstance(given, dict):
        raise BadRule("a rule is an object")
    fault = FAULTS.get(str(given.get("kind")))
    if fault is None:
        raise BadRule(f"kind is one of: {' '.join(FAULTS)}")
    try:
        return Rule(
            fault=fault,
            route=_read_route(str(given.get("route") or "*")),
            method=str(given["method"]).upper() if given.get("method") not in (None, "*") else None,
            nth=None if given.get("nth") is None else int(given["nth"]),
            rate=None if given.get("rate") is None else float(given["rate"]),
            retry_after=int(given.get("retry_after") or 1),
            seconds=None if given.get("seconds") is None else float(given["seconds"]),
        )
    except (TypeError, ValueError) as error:
        raise BadRule(str(error)) from error


def _read_route(route: str) -> str:
    return route if route == "*" else "/" + route.strip("/")
