"""The table of switches, one per undocumented behaviour; what they do is elsewhere, their values are switches.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Switch:
    """One open question of the facts: `id` as there, the default first among `choices`."""

    id: str
    choices: tuple[str, ...]
    says: str
    says_fr: str
    basis: str
    """Where the facts have the default from; E editorial, I inferred, ND not documented, else their sources."""
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


def _switch(id: str, choices: str, says: str, says_fr: str, basis: str, **also: str) -> Switch:
    return Switch(id=id, choices=tuple(choices.split(" | ")), says=says, says_fr=says_fr, basis=basis, also=also)


SWITCHES: tuple[Switch, ...] = (
    _switch(
        "C-01",
        "403 | 400 | ignored",
        "a clientId header that is missing or no GUID",
        "un en-tête clientId absent ou qui n’est pas un GUID",
        "S4, S14",
    ),
    _switch(
        "C-02",
        "401 | UserNotAuthenticated | 404 | no answer",
        "wrong company or keys",
        "société ou clés erronées",
        "S1, S7, S12",
    ),
    _switch("C-03", "401 | 200", "/system/info without credentials", "/system/info sans identifiants", "S2, S4"),
    _switch(
        "C-04",
        "400 | json | 404",
        "a wrong codebase or company in the path",
        "une version du code ou une société erronée dans le chemin",
        "S18, S1",
    ),
    _switch("C-05", "null | 404", "companyinfo of an unknown company", "companyinfo d’une société inconnue", "S8"),
    _switch(
        "C-06",
        "string | boolean",
        "type of IsCloud in companyinfo",
        "type de IsCloud dans companyinfo",
        "S1, S8",
        true="boolean",
    ),
    _switch(
        "C-07", "accepted | SSL is required", "plain http", "http sans chiffrement", "S1", refused="SSL is required"
    ),
    _switch("C-08", "capped | 400", "a pageSize above 1000", "un pageSize supérieur à 1000", "S4"),
    Switch(
        id="C-09",
        choices=("first, prev, last", "empty", "absent"),
        says="Link header of the last of several pages",
        says_fr="en-tête Link de la dernière de plusieurs pages",
        basis="S1",
        also={"no header": "absent"},
    ),
    Switch(
        id="C-10",
        choices=("first, last", "empty", "absent"),
        says="Link header where there is one page only",
        says_fr="en-tête Link quand il n’y a qu’une page",
        basis="E",
        also={"no header": "absent"},
    ),
    _switch(
        "C-11",
        "empty | absent",
        "Link header of the last forward-only page",
        "en-tête Link de la dernière page en pagination vers l’avant",
        "S7",
    ),
    _switch(
        "C-12",
        "id asc | unordered",
        "order of a collection without orderBy",
        "ordre d’une collection sans orderBy",
        "E",
    ),
    _switch("C-13", "400 | left out", "an unknown name in fields", "un nom inconnu dans fields", "S4"),
    _switch("C-14", "400", "an unknown name in conditions", "un nom inconnu dans conditions", "P"),
    Switch(
        id="C-15",
        choices=("all forms", "today empty", "no times"),
        says="date literals in conditions",
        says_fr="dates littérales dans conditions",
        basis="S1, S4",
        also={"times not understood": "no times"},
    ),
    _switch(
        "C-16",
        "case-insensitive | case-sensitive",
        "comparison of strings in conditions",
        "comparaison de textes dans conditions",
        "E",
    ),
    _switch(
        "C-17",
        "accepted | 400",
        "a backslash before a quote inside a string of conditions",
        "une barre oblique inverse devant un guillemet dans un texte de conditions",
        "S6",
    ),
    _switch(
        "C-18",
        "200 | 400",
        "a PATCH path into an object (200: nothing changes)",
        "un chemin de PATCH vers l’intérieur d’un objet (200 : rien ne change)",
        "S1",
    ),
    _switch("C-19", "400 | ignored", "a PATCH of an unknown field", "un PATCH d’un champ inconnu", "E"),
    _switch("C-20", "ignored | 400", "a PATCH of a computed field", "un PATCH d’un champ calculé", "E"),
    _switch("C-21", "400 | accepted", "milliseconds in a date", "des millisecondes dans une date", "P, S4"),
    _switch("C-22", "off | on", "companies refuse PATCH", "les sociétés refusent PATCH", "S6"),
    _switch(
        "C-23",
        "on | off",
        "company types can only be used when creating",
        "les types d’une société ne se donnent qu’à la création",
        "S6",
    ),
    _switch(
        "C-24",
        "400 | Billable",
        "billCustomer missing when an addition is created",
        "billCustomer absent à la création d’une ligne",
        "S2, S1",
    ),
    _switch(
        "C-25",
        "today | absent",
        "effectiveDate missing when an addition is created",
        "effectiveDate absente à la création d’une ligne",
        "E",
    ),
    _switch(
        "C-26",
        "from the catalog | 0",
        "unitPrice or unitCost missing when an addition is created",
        "unitPrice ou unitCost absent à la création d’une ligne",
        "I",
    ),
    _switch(
        "C-27",
        "400 | allowed",
        "a catalog identifier that is taken",
        "un identifiant de catalogue déjà pris",
        "S6",
        accepted="allowed",
    ),
    _switch("C-28", "400 | truncated", "a text longer than its maximum", "un texte plus long que son maximum", "S12"),
    _switch(
        "C-29",
        "400 | accepted",
        "an inactive product on a new addition",
        "un produit inactif sur une nouvelle ligne",
        "I",
    ),
    _switch(
        "C-30",
        "400 | accepted",
        "an addition of an expired or cancelled agreement is written",
        "écriture d’une ligne d’un contrat expiré ou annulé",
        "I",
    ),
    _switch(
        "C-31",
        "400 | accepted",
        "a product of class Bundle as addition",
        "un produit de classe Bundle comme ligne",
        "S14",
    ),
    _switch(
        "C-32",
        "accepted | 400",
        "a product that already stands in the agreement",
        "un produit qui figure déjà au contrat",
        "E",
    ),
    _switch("C-33", "accepted | 400", "quantity 0", "quantité 0", "S14"),
    _switch("C-34", "400 | accepted", "a negative quantity", "une quantité négative", "E"),
    _switch("C-35", "accepted | rounded", "a fractional quantity", "une quantité fractionnaire", "S2"),
    _switch(
        "C-36",
        "billedQuantity | quantity",
        "what extPrice multiplies with unitPrice",
        "ce que extPrice multiplie par unitPrice",
        "I, S14",
    ),
    _switch(
        "C-37",
        "400 | accepted",
        "an effectiveDate before the agreement's billing start",
        "une effectiveDate antérieure au début de facturation du contrat",
        "S13",
    ),
    _switch(
        "C-38",
        "400 | accepted",
        "an effectiveDate in an invoiced period, without proration",
        "une effectiveDate dans une période facturée, sans prorata",
        "S13",
    ),
    _switch(
        "C-39",
        "none | delta",
        "proration when a quantity changes and the agreement prorates",
        "prorata quand une quantité change et que le contrat proratise",
        "I",
        off="none",
    ),
    _switch(
        "C-40",
        "half-up | inclusive | banker's",
        "proration: counted days and rounding",
        "prorata : jours comptés et arrondi",
        "S14, E",
    ),
    _switch(
        "C-41",
        "accepted | 400",
        "a cancelledDate inside an invoiced period",
        "une cancelledDate dans une période facturée",
        "E",
    ),
    _switch("C-42", "409 | 204", "DELETE of an addition that was invoiced", "DELETE d’une ligne déjà facturée", "E"),
    _switch(
        "C-43",
        "409 | 204",
        "DELETE of a record that others refer to",
        "DELETE d’un enregistrement auquel d’autres renvoient",
        "S1",
    ),
    _switch(
        "C-44",
        "json | empty | html",
        "bodies of 404, 405, 409, 415 and 5xx",
        "corps des réponses 404, 405, 409, 415 et 5xx",
        "I",
    ),
    _switch(
        "C-45",
        "no effect | flows",
        "a catalog price change and lines that stand",
        "un prix de catalogue qui change et les lignes en place",
        "I",
    ),
    _switch(
        "C-46",
        "1000 | 100 | no Retry-After | off",
        "requests in a rolling minute before 429 with Retry-After 30",
        "requêtes par minute glissante avant un 429 avec Retry-After 30",
        "S1",
        none="off",
    ),
    _switch(
        "C-47",
        "none | updated",
        "agreement callbacks when an addition changes",
        "rappels des contrats quand une de leurs lignes change",
        "ND",
    ),
    _switch(
        "C-48",
        "200 | 207 | 50 | 100",
        "bundles: status of mixed outcomes, or most requests in one",
        "lots : statut de résultats mêlés, ou nombre maximal de requêtes",
        "S17, S20",
    ),
    _switch("C-49", "and before or | left to right", "precedence in conditions", "priorité dans conditions", "E"),
    _switch(
        "C-50",
        "accepted | 400",
        "an agreement in another currency than the catalog's",
        "un contrat dans une autre devise que le catalogue",
        "E",
    ),
    _switch(
        "C-51", "latest | by Accept", "model of records", "modèle des enregistrements", "S1, S2", deltas="by Accept"
    ),
    _switch(
        "C-52",
        "none | paging shift | codebase change | invoice",
        "the world moves: a record goes while pages are read, the codebase in the path stops to answer, an agreement "
        "is invoiced between the reading and the writing of its additions",
        "le monde bouge : un enregistrement disparaît pendant la lecture des pages, "
        "la version du code dans le chemin cesse de répondre, "
        "un contrat est facturé entre la lecture et l’écriture de ses lignes",
        "I",
        off="none",
    ),
    _switch("C-53", "403 | 404", "the security role lacks a right", "le rôle de sécurité n’a pas un droit", "S12"),
    _switch(
        "S-26",
        "off | on",
        "the second-hand limits of 10 a second, 100 a minute, 1,000 an hour, 200,000 a day",
        "les limites de seconde main : 10 par seconde, 100 par minute, 1 000 par heure, 200 000 par jour",
        "ND",
    ),
    _switch(
        "S-27",
        "plain | corrections | shuffled",
        "negative and repeated lines, order of lines in billing usage",
        "lignes négatives ou répétées, ordre des lignes du relevé d’usage",
        "ND",
    ),
    _switch(
        "S-28",
        "canceled | cancelled | terminated",
        "spelling of the status of a cancelled tenant",
        "orthographe du statut d’un client résilié",
        "ND",
    ),
    _switch(
        "S-32",
        "integers | fractions",
        "fractional quantities in billing usage",
        "quantités fractionnaires dans le relevé d’usage",
        "ND",
    ),
    _switch("S-33", "errorCode | oauth", "body of a refused token", "corps d’un jeton refusé", "ND"),
    _switch(
        "S-34",
        "never | late",
        "billing usage of a past month changes after it appeared",
        "le relevé d’usage d’un mois passé change après sa parution",
        "ND",
    ),
    _switch(
        "S-FIELDS",
        "all | published",
        "fields of the vendor's answers: all that are known, or the published ones",
        "champs des réponses de l’éditeur : tous ceux que l’on connaît, ou ceux qui sont publiés",
        "I",
    ),
)
