"""Short texts in both languages: names of screens, words for our own codes, outcomes, states, and why a line was left.

Where two texts stand, the first is the label and the second the sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

from truecount.core.model import FindingKind as F
from truecount.core.model import HoldKind as H
from truecount.core.model import Outcome, Skip
from truecount.core.roles import Action


@dataclass(frozen=True, slots=True)
class Said:
    en: str
    fr: str

    def said(self, french: bool) -> str:
        return self.fr if french else self.en


SCREENS = {
    "products_page": Said(
        "“Configure usage synchronization”", "la page « Configurer la synchronisation de l’utilisation »"
    ),
    "customers_page": Said("“Map and synchronize your customers”", "la page « Mapper et synchroniser les clients »"),
    "connections_page": Said("“Manage Settings” > Connections", "« Gérer les paramètres » > Connexions"),
    "policy_page": Said("“Manage Settings” > Policy", "« Gérer les paramètres » > Politique"),
    "sync_settings": Said("“Sync settings”", "« Paramètres de synchronisation »"),
    "monthly_invoice": Said("“With Sophos monthly invoice”", "« Avec facture mensuelle Sophos »"),
    "sync_now": Said("“Sync Now”", "« Synchroniser maintenant »"),
    "plans_page": Said("“Plans and runs”", "« Plans et exécutions »"),
    "catalog": Said("Procurement > Product Catalog", "Procurement > Product Catalog"),
    "security_roles": Said("System > Security Roles", "System > Security Roles"),
    "api_credentials": Said(
        "Settings & Policies > API Credentials Management", "Paramètres et stratégies > API Credentials Management"
    ),
    "firewall_licences": Said("My Business > Firewalls", "My Business > Firewalls"),
}
"""Pages and buttons, ours and those of the two systems; they are placeholders everywhere."""

WORDS: dict[str, Said] = {
    # sources, sides, modes
    "invoice": Said("Sophos monthly invoice", "facture mensuelle Sophos"),
    "live": Said("licences in use now", "licences utilisées en ce moment"),
    # who started it
    "schedule": Said("the schedule", "la planification"),
    "person": Said("a person", "une personne"),
    # states of a plan
    "open": Said("open", "ouvert"),
    "approved": Said("already approved", "déjà approuvé"),
    "applied": Said("already applied", "déjà appliqué"),
    "superseded": Said("replaced by a newer one", "remplacé par un plan plus récent"),
    "expired": Said("expired", "expiré"),
    "void": Said("void", "annulé"),
    # roles
    "viewer": Said("viewer", "lecteur"),
    "operator": Said("operator", "opérateur"),
    "approver": Said("approver", "approbateur"),
    "admin": Said("administrator", "administrateur"),
    # kinds of Sophos credentials
    "tenant": Said("customer", "client"),
    "organization": Said("organization", "organisation"),
    # names of fields
    "url": Said("site address", "adresse du site"),
    "auth_url": Said("sign-in address", "adresse d’authentification"),
    "api_url": Said("API address", "adresse de l’API"),
    "password": Said("password", "mot de passe"),
    "agreement": Said("agreement", "contrat"),
    "agreements": Said("agreements", "contrats"),
    "combine": Said("combination", "combinaison"),
    "multiply": Said("multiplier", "multiplicateur"),
    "included": Said("included amount", "quantité incluse"),
    "round": Said("rounding", "arrondi"),
    "step": Said("step", "pas"),
    "minimum": Said("minimum", "minimum"),
    "maximum": Said("maximum", "maximum"),
    "where_none": Said("where no line stands", "en l’absence de ligne"),
    "percent": Said("percentage", "pourcentage"),
    "first": Said("first units", "premières unités"),
    "by_rule": Said("way to find the agreement", "recherche du contrat"),
    "pattern": Said("what to look for", "texte recherché"),
    "fixed": Said("fixed quantity", "quantité fixe"),
    "exception": Said("exception", "exception"),
    "search": Said("search", "recherche"),
    "two_letters": Said("at least two characters", "au moins deux caractères"),
    "identifier": Said("identifier", "identifiant"),
    "description": Said("description", "description"),
    "customer_description": Said("customer description", "description pour le client"),
    "vendor_sku": Said("vendor SKU", "référence du fournisseur"),
    "subcategory": Said("subcategory", "sous-catégorie"),
    "type": Said("type", "type"),
    "billing_cycle": Said("billing cycle", "cycle de facturation"),
    # actions
    Action.LOOK: Said("look at the pages", "consulter les pages"),
    Action.MAP: Said("map products and customers", "mapper produits et clients"),
    Action.SWITCH: Said("switch usage sync on and off", "activer ou désactiver la synchronisation"),
    Action.SYNC: Said("start a synchronization", "lancer une synchronisation"),
    Action.EDIT_ITEM: Said("edit ConnectWise products", "modifier les produits ConnectWise"),
    Action.APPROVE: Said("approve a plan", "approuver un plan"),
    Action.APPLY: Said("apply a plan", "appliquer un plan"),
    Action.RELEASE: Said("release a hold", "lever un blocage"),
    Action.UNDO: Said("undo a run", "annuler une exécution"),
    Action.CONNECT: Said("change connections", "modifier les connexions"),
    Action.SET_POLICY: Said("change the policy", "modifier la politique"),
    Action.KEEP_USERS: Said("manage users", "gérer les utilisateurs"),
    Action.CREATE_INTEGRATION: Said("create an integration", "créer une intégration"),
}
"""What `{field:w}` shows; a code without a word shows itself."""

SKIPS: dict[str, Said] = {
    Skip.NO_CUSTOMER: Said("Sophos assigns this to no customer.", "Sophos ne l’attribue à aucun client."),
    Skip.NOT_USAGE: Said("The customer is not billed by usage.", "Le client n’est pas facturé à l’utilisation."),
    Skip.CUSTOMER_NOT_MAPPED: Said(
        "The customer is mapped to no ConnectWise company.", "Le client n’est mappé à aucune entreprise ConnectWise."
    ),
    Skip.CUSTOMER_OFF: Said(
        "Usage sync is off for the customer.", "La synchronisation d’utilisation est désactivée pour le client."
    ),
    Skip.PRODUCT_NOT_MAPPED: Said(
        "The Sophos product is mapped to no ConnectWise product.",
        "Le produit Sophos n’est mappé à aucun produit ConnectWise.",
    ),
    Skip.PRODUCT_OFF: Said(
        "Sync is off for the Sophos product.", "La synchronisation est désactivée pour le produit Sophos."
    ),
    Skip.ITEM_GONE: Said("The ConnectWise product was deleted.", "Le produit ConnectWise a été supprimé."),
    Skip.ITEM_INACTIVE: Said("The ConnectWise product is inactive.", "Le produit ConnectWise est inactif."),
    Skip.COMPANY_GONE: Said(
        "The ConnectWise company no longer exists.", "L’entreprise n’existe plus dans ConnectWise."
    ),
    Skip.COMPANY_INACTIVE: Said("The ConnectWise company is inactive.", "L’entreprise ConnectWise est inactive."),
    Skip.AGREEMENT_GONE: Said("The agreement no longer exists.", "Le contrat n’existe plus."),
    Skip.AGREEMENT_ENDED: Said("The agreement has ended.", "Le contrat est terminé."),
    Skip.AGREEMENT_NOT_STARTED: Said("The agreement has not started yet.", "Le contrat n’a pas encore commencé."),
    Skip.NO_AGREEMENT: Said("No agreement fits the customer.", "Aucun contrat ne convient au client."),
    Skip.AGREEMENT_UNCLEAR: Said(
        "Several agreements fit the customer, and none is guessed.",
        "Plusieurs contrats conviennent au client, et aucun n’est deviné.",
    ),
    Skip.EXCLUDED: Said(
        "An exception leaves the customer out of this product.", "Une exception écarte le client de ce produit."
    ),
}

REASONS: dict[str, Said] = {
    "product_off": Said(
        "Sync is off for {about}, which is counted here too.",
        "La synchronisation est désactivée pour {about}, qui est aussi compté ici.",
    ),
    "customer_off": Said(
        "Usage sync is off for {about}, whose usage is counted here too.",
        "La synchronisation d’utilisation est désactivée pour {about}, dont l’utilisation est aussi comptée ici.",
    ),
    "unknown_quantity": Said("Sophos gave no quantity for {about}.", "Sophos n’a pas donné de quantité pour {about}."),
    "negative_quantity": Said(
        "Sophos gave a negative quantity for {about}.", "Sophos a donné une quantité négative pour {about}."
    ),
    "not_read": Said("The licences of {about} could not be read.", "Les licences de {about} n’ont pas pu être lues."),
    F.FIREWALL_LIVE: Said(
        "Only the Sophos monthly invoice reports firewall licences.",
        "Seule la facture mensuelle Sophos indique les licences de pare-feu.",
    ),
    H.DUPLICATE_LINES: Said(
        "The agreement has several lines for this product.", "Le contrat a plusieurs lignes pour ce produit."
    ),
    H.MANAGED_ELSEWHERE: Said("Another integration manages this line.", "Une autre intégration gère cette ligne."),
    F.AGREEMENT_GONE: Said(
        "The agreement no longer exists in ConnectWise PSA.", "Le contrat n’existe plus dans ConnectWise PSA."
    ),
    F.LINE_ENDED: Said(
        "Somebody ended this line in ConnectWise PSA.", "Quelqu’un a mis fin à cette ligne dans ConnectWise PSA."
    ),
    F.NO_LINE_TO_ADOPT: Said(
        "There is no line to take over, and the mapping creates none.",
        "Il n’y a pas de ligne à reprendre, et le mappage n’en crée pas.",
    ),
    F.STILL_BILLED: Said(
        "This line is no longer synchronized: a mapping is gone or a switch is off.",
        "Cette ligne n’est plus synchronisée : un mappage manque ou un interrupteur est désactivé.",
    ),
    F.OLDER_PERIOD: Said(
        "A newer month is already written; older ones are only compared.",
        "Un mois plus récent est déjà écrit ; les précédents sont seulement comparés.",
    ),
    F.INVOICED: Said("The month is already invoiced on this agreement.", "Le mois est déjà facturé sur ce contrat."),
}
"""Why a line was left as it stands; reasons that have no row here are told by their finding or hold."""

ANY_REASON = Said("This line is left as it stands.", "Cette ligne reste telle quelle.")

OUTCOMES: dict[str, tuple[Said, Said]] = {
    Outcome.DONE: (
        Said("Done", "Fait"),
        Said("Written, and ConnectWise PSA confirmed it.", "Écrit et confirmé par ConnectWise PSA."),
    ),
    Outcome.UNCHANGED: (
        Said("Unchanged", "Inchangé"),
        Said("The line already says what was counted.", "La ligne dit déjà ce qui a été compté."),
    ),
    Outcome.WAITING: (
        Said("Waiting", "En attente"),
        Said(
            "The change has not been approved, or was left out.",
            "La modification n’est pas approuvée ou a été décochée.",
        ),
    ),
    Outcome.HELD: (
        Said("Held", "Bloqué"),
        Said("A person must decide first.", "Une personne doit d’abord décider."),
    ),
    Outcome.SKIPPED: (
        Said("Left out", "Écarté"),
        Said("The usage leads to no line that may be written.", "L’utilisation ne mène à aucune ligne à écrire."),
    ),
    Outcome.STALE: (
        Said("Changed meanwhile", "Modifié entre-temps"),
        Said(
            "The line was changed in ConnectWise PSA after the plan was made.",
            "La ligne a été modifiée dans ConnectWise PSA après l’établissement du plan.",
        ),
    ),
    Outcome.REFUSED: (
        Said("Refused", "Refusé"),
        Said("ConnectWise PSA refused the change.", "ConnectWise PSA a refusé la modification."),
    ),
    Outcome.FAILED: (
        Said("Failed", "Échec"),
        Said("The change could not be written.", "La modification n’a pas pu être écrite."),
    ),
}

RUN_STATES = {
    "queued": Said("Queued", "En file d’attente"),
    "running": Said("Running", "En cours"),
    "observed": Said("Observed", "Observé"),
    "waiting": Said("Waits for approval", "Attend une approbation"),
    "held": Said("Held", "Bloqué"),
    "done": Said("Done", "Terminé"),
    "partial": Said("Partly done", "Fait en partie"),
    "refused": Said("Refused", "Refusé"),
    "failed": Said("Failed", "Échec"),
    "not_ready": Said("Report not there yet", "Rapport pas encore disponible"),
}

PLAN_STATES = {
    "open": Said("Waits for approval", "Attend une approbation"),
    "held": Said("Held", "Bloqué"),
    "nothing": Said("Nothing to change", "Rien à modifier"),
    "empty": Said("Nothing to change", "Rien à modifier"),
    "observed": Said("For information", "Pour information"),
    "approved": Said("Approved", "Approuvé"),
    "applied": Said("Applied", "Appliqué"),
    "superseded": Said("Replaced", "Remplacé"),
    "expired": Said("Expired", "Expiré"),
    "void": Said("Void", "Annulé"),
}
