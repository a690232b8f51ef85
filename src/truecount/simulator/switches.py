"""The table of switches, one per undocumented behaviour, and their current values; what they do is elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Json = dict[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Switch:
    """One open question of the facts: `id` as there, the default first among `choices`."""

    id: str
    choices: tuple[str, ...]
    says: str
    also: Mapping[str, str] = field(default_factory=dict)
    """Other spellings that a PATCH may use, in lower case."""

    @property
    def default(self) -> str:
        return self.choices[0]

    def chosen(self, given: object) -> str | None:
        """The choice that a spelling means, also a longer one such as "400 InvalidObject"; None where it means none."""
        text = "none" if given is None else str(given).lower()
        for choice in self.choices:
            if text == choice.lower():
                return choice
        within = [choice for choice in self.choices if choice.lower() in text]
        return self.also.get(text) or max(within, key=len, default=None)


def _switch(id: str, choices: str, says: str, **also: str) -> Switch:
    return Switch(id=id, choices=tuple(choices.split(" | ")), says=says, also=also)


SWITCHES: tuple[Switch, ...] = (
    _switch("C-01", "403 | 400 | ignored", "a clientId header that is missing or no GUID"),
    _switch("C-02", "401 | UserNotAuthenticated | 404 | no answer", "wrong company or keys"),
    _switch("C-03", "401 | 200", "/system/info without credentials"),
    _switch("C-04", "400 | json | 404", "a wrong codebase or company in the path"),
    _switch("C-05", "null | 404", "companyinfo of an unknown company"),
    _switch("C-06", "string | boolean", "type of IsCloud in companyinfo", true="boolean"),
    _switch("C-07", "accepted | SSL is required", "plain http", refused="SSL is required"),
    _switch("C-08", "capped | 400", "a pageSize above 1000"),
    Switch(
        id="C-09",
        choices=("first, prev, last", "empty", "absent"),
        says="Link header of the last of several pages",
        also={"no header": "absent"},
    ),
    Switch(
        id="C-10",
        choices=("first, last", "empty", "absent"),
        says="Link header where there is one page only",
        also={"no header": "absent"},
    ),
    _switch("C-11", "empty | absent", "Link header of the last forward-only page"),
    _switch("C-12", "id asc | unordered", "order of a collection without orderBy"),
    _switch("C-13", "400 | left out", "an unknown name in fields"),
    _switch("C-14", "400", "an unknown name in conditions"),
    Switch(
        id="C-15",
        choices=("all forms", "today empty", "no times"),
        says="date literals in conditions",
        also={"times not understood": "no times"},
    ),
    _switch("C-16", "case-insensitive | case-sensitive", "comparison of strings in conditions"),
    _switch("C-17", "accepted | 400", "a backslash before a quote inside a string of conditions"),
    _switch("C-18", "200 | 400", "a PATCH path into an object (200: nothing changes)"),
    _switch("C-19", "400 | ignored", "a PATCH of an unknown field"),
    _switch("C-20", "ignored | 400", "a PATCH of a computed field"),
    _switch("C-21", "400 | accepted", "milliseconds in a date"),
    _switch("C-22", "off | on", "companies refuse PATCH"),
    _switch("C-23", "on | off", "company types can only be used when creating"),
    _switch("C-24", "400 | Billable", "billCustomer missing when an addition is created"),
    _switch("C-25", "today | absent", "effectiveDate missing when an addition is created"),
    _switch("C-26", "from the catalog | 0", "unitPrice or unitCost missing when an addition is created"),
    _switch("C-27", "400 | allowed", "a catalog identifier that is taken", accepted="allowed"),
    _switch("C-28", "400 | truncated", "a text longer than its maximum"),
    _switch("C-29", "400 | accepted", "an inactive product on a new addition"),
    _switch("C-30", "400 | accepted", "an addition of an expired or cancelled agreement is written"),
    _switch("C-31", "400 | accepted", "a product of class Bundle as addition"),
    _switch("C-32", "accepted | 400", "a product that already stands in the agreement"),
    _switch("C-33", "accepted | 400", "quantity 0"),
    _switch("C-34", "400 | accepted", "a negative quantity"),
    _switch("C-35", "accepted | rounded", "a fractional quantity"),
    _switch("C-36", "billedQuantity | quantity", "what extPrice multiplies with unitPrice"),
    _switch("C-37", "400 | accepted", "an effectiveDate before the agreement's billing start"),
    _switch("C-38", "400 | accepted", "an effectiveDate in an invoiced period, without proration"),
    _switch("C-39", "none | delta", "proration when a quantity changes and the agreement prorates", off="none"),
    _switch("C-40", "half-up | inclusive | banker's", "proration: counted days and rounding"),
    _switch("C-41", "accepted | 400", "a cancelledDate inside an invoiced period"),
    _switch("C-42", "409 | 204", "DELETE of an addition that was invoiced"),
    _switch("C-43", "409 | 204", "DELETE of a record that others refer to"),
    _switch("C-44", "json | empty | html", "bodies of 404, 405, 409, 415 and 5xx"),
    _switch("C-45", "no effect | flows", "a catalog price change and lines that stand"),
    _switch(
        "C-46",
        "1000 | 100 | no Retry-After | off",
        "requests in a rolling minute before 429 with Retry-After 30",
        none="off",
    ),
    _switch("C-47", "none | updated", "agreement callbacks when an addition changes"),
    _switch("C-48", "200 | 207 | 50 | 100", "bundles: status of mixed outcomes, or most requests in one"),
    _switch("C-49", "and before or | left to right", "precedence in conditions"),
    _switch("C-50", "accepted | 400", "an agreement in another currency than the catalog's"),
    _switch("C-51", "latest | by Accept", "model of records", deltas="by Accept"),
    _switch(
        "C-52",
        "none | paging shift | codebase change | invoice",
        "the world moves: a record goes while pages are read, the codebase in the path stops to answer, an agreement "
        "is invoiced between the reading and the writing of its additions",
        off="none",
    ),
    _switch("C-53", "403 | 404", "the security role lacks a right"),
    _switch(
        "S-26",
        "off | on",
        "the second-hand limits of 10 a second, 100 a minute, 1,000 an hour, 200,000 a day",
    ),
    _switch("S-27", "plain | corrections | shuffled", "negative and repeated lines, order of lines in billing usage"),
    _switch("S-28", "canceled | cancelled | terminated", "spelling of the status of a cancelled tenant"),
    _switch("S-32", "integers | fractions", "fractional quantities in billing usage"),
    _switch("S-33", "errorCode | oauth", "body of a refused token"),
    _switch("S-34", "never | late", "billing usage of a past month changes after it appeared"),
    _switch("S-FIELDS", "all | published", "fields of the vendor's answers: all that are known, or the published ones"),
)

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
