"""The values that switches and rights have now, and how a caller changes them."""

from collections.abc import Mapping

from truecount.simulator.switch_table import SWITCHES

Json = dict[str, object]


MODULES = ("companies", "agreements", "catalog", "invoices", "setup", "callbacks")
RIGHTS = "IAED"
START_RIGHTS = {
    "companies": "I",
    "agreements": RIGHTS,
    "catalog": RIGHTS,
    "invoices": "I",
    "setup": "I",
    "callbacks": RIGHTS,
}


class UnknownChoice(ValueError):
    """A switch, a module or a value that does not exist; the text says which and what exists."""


class Switches:
    """The values that hold now."""

    def __init__(self) -> None:
        self._known = {switch.id: switch for switch in SWITCHES}
        self._values: dict[str, str] = {}
        self.rights: dict[str, str] = {}
        self.reset()

    def reset(self) -> None:
        self._values = {switch.id: switch.default for switch in SWITCHES}
        self.rights = dict(START_RIGHTS)

    def __getitem__(self, id: str) -> str:
        return self._values[id]

    def may(self, module: str, right: str) -> bool:
        return right in self.rights.get(module, "I")

    def listed(self) -> Json:
        rows: Json = {
            switch.id: {
                "value": self._values[switch.id],
                "default": switch.default,
                "choices": list(switch.choices),
                "says": switch.says,
            }
            for switch in SWITCHES
        }
        rows["permissions"] = {
            "value": dict(self.rights),
            "default": dict(START_RIGHTS),
            "choices": [],
            "says": "rights by module in letters: Inquire, Add, Edit, Delete",
        }
        return rows

    def change(self, wanted: Mapping[str, object]) -> None:
        """All or nothing; raises UnknownChoice."""
        values, rights = dict(self._values), dict(self.rights)
        for key, given in wanted.items():
            plain = given["value"] if isinstance(given, Mapping) and "value" in given else given
            if key == "permissions":
                rights.update(_read_rights(plain))
            else:
                values[key] = self._read_choice(key, plain)
        self._values, self.rights = values, rights

    def _read_choice(self, key: str, given: object) -> str:
        switch = self._known.get(key)
        if switch is None:
            raise UnknownChoice(f"no switch {key}")
        choice = switch.chosen(given)
        if choice is None:
            raise UnknownChoice(f"{key} is one of: {' | '.join(switch.choices)}")
        return choice


def _read_rights(given: object) -> dict[str, str]:
    if not isinstance(given, Mapping):
        raise UnknownChoice("permissions is an object of module and letters")
    rights = {}
    for module, letters in given.items():
        if module not in MODULES or not isinstance(letters, str) or set(letters) - set(RIGHTS):
            raise UnknownChoice(f"permissions: modules {', '.join(MODULES)} with letters of {RIGHTS}")
        rights[str(module)] = letters
    return rights
