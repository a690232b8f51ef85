"""The command `truecount`: one table of commands, each in a module that is imported when it is called."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import click


class Installation(Protocol):
    """What commands need of the place they run in; `conf/entry.py` brings it."""

    @property
    def environment(self) -> Any: ...

    def set_up(self) -> None: ...

    def open(self) -> None: ...

    def close(self) -> None: ...

    def forget(self, home: Path) -> None: ...

    def default_demo_home(self) -> Path: ...

    def child_variables(self) -> Mapping[str, str]: ...

    def spawn(self, arguments: Sequence[str], **options: Any) -> Any: ...


class Entry(NamedTuple):
    """Where a command lives, whether it needs Django, and its one line of help in both languages."""

    module: str
    name: str
    django: bool
    help: str
    help_fr: str


COMMANDS = {
    "demo": Entry(
        "demo",
        "demo",
        False,
        "Show the whole product on made-up data.",
        "Montrer tout le produit sur des données inventées.",
    ),
    "simulate": Entry(
        "simulate",
        "simulate",
        False,
        "Run the simulators of Sophos Central and ConnectWise PSA.",
        "Lancer les simulateurs de Sophos Central et ConnectWise PSA.",
    ),
    "serve": Entry(
        "serve", "serve", True, "Pages and worker on one machine.", "Les pages et le travail de fond sur une machine."
    ),
    "web": Entry(
        "serve", "web", True, "The pages alone, for many machines.", "Les pages seules, pour plusieurs machines."
    ),
    "worker": Entry(
        "serve",
        "worker",
        True,
        "The worker alone, for many machines.",
        "Le travail de fond seul, pour plusieurs machines.",
    ),
    "migrate": Entry("setup", "migrate", True, "Bring the database up to date.", "Mettre la base de données à jour."),
    "createuser": Entry("setup", "createuser", True, "Add a user.", "Ajouter un utilisateur."),
    "doctor": Entry(
        "doctor",
        "doctor",
        True,
        "Check database, connections, rights and worker.",
        "Vérifier base de données, connexions, droits et travail de fond.",
    ),
    "partner": Entry("setup", "partner", True, "Add a partner.", "Ajouter un partenaire."),
    "integration": Entry("setup", "integration", True, "Add an integration.", "Ajouter une intégration."),
    "connect": Entry(
        "connect",
        "connect",
        True,
        "Connect Sophos Central or ConnectWise PSA.",
        "Connecter Sophos Central ou ConnectWise PSA.",
    ),
    "map": Entry(
        "mapping", "map_", True, "Map a Sophos product or a customer.", "Mapper un produit Sophos ou un client."
    ),
    "unmap": Entry("mapping", "unmap", True, "Remove a mapping.", "Supprimer un mappage."),
    "switch": Entry(
        "mapping",
        "switch",
        True,
        "Turn the sync of a product or customer on or off.",
        "Activer ou désactiver la synchronisation d'un produit ou d'un client.",
    ),
    "rule": Entry(
        "rules",
        "rule",
        True,
        "Change or show the quantity rule of a ConnectWise product.",
        "Modifier ou afficher la règle de quantité d'un produit ConnectWise.",
    ),
    "override": Entry(
        "rules",
        "override",
        True,
        "Make a customer an exception to a rule.",
        "Faire d'un client une exception à une règle.",
    ),
    "bill-again": Entry(
        "rules",
        "bill_again",
        True,
        "Bill a line again that somebody ended in ConnectWise.",
        "Facturer à nouveau une ligne terminée dans ConnectWise.",
    ),
    "bill-anyway": Entry(
        "rules",
        "bill_anyway",
        True,
        "Bill a trial or term customer by usage.",
        "Facturer à l'utilisation un client d'essai ou à terme.",
    ),
    "policy": Entry(
        "mapping",
        "policy",
        True,
        "Change or show the settings of an integration.",
        "Modifier ou afficher les paramètres d'une intégration.",
    ),
    "suggest": Entry(
        "suggest",
        "suggest",
        True,
        "Suggest mappings, and accept the sure ones.",
        "Suggérer des mappages et accepter les plus sûrs.",
    ),
    "collect": Entry(
        "runs",
        "collect",
        True,
        "Read both systems and keep the reading.",
        "Lire les deux systèmes et garder le relevé.",
    ),
    "plan": Entry(
        "runs", "plan", True, "Make a plan from the newest reading.", "Faire un plan à partir du dernier relevé."
    ),
    "approve": Entry("runs", "approve", True, "Approve a plan.", "Approuver un plan."),
    "apply": Entry("runs", "apply", True, "Write an approved plan to the PSA.", "Écrire un plan approuvé dans le PSA."),
    "sync": Entry(
        "runs",
        "sync",
        True,
        "Collect, plan, and apply as the mode allows.",
        "Relever, planifier et appliquer selon le mode.",
    ),
    "release": Entry("runs", "release", True, "Let go of a hold, with a reason.", "Lever un blocage, avec un motif."),
    "runs": Entry("lists", "runs", True, "List the runs.", "Lister les exécutions."),
    "plans": Entry(
        "lists",
        "plans",
        True,
        "List the plans, or the changes of one.",
        "Lister les plans, ou les changements d'un plan.",
    ),
    "findings": Entry("lists", "findings", True, "List what a person should know.", "Lister les constats."),
    "holds": Entry("lists", "holds", True, "List what waits for a person.", "Lister les blocages."),
    "explain": Entry(
        "explain",
        "explain",
        True,
        "Explain a number, from the vendor's lines to the ledger.",
        "Expliquer un nombre, des lignes du fournisseur au registre.",
    ),
    "ledger": Entry("lists", "ledger", True, "Verify the ledger.", "Vérifier le registre."),
    "export": Entry("transfer", "export", True, "Write the configuration as YAML.", "Écrire la configuration en YAML."),
    "import": Entry("transfer", "import_", True, "Read a configuration from YAML.", "Lire une configuration en YAML."),
}


class _Lazy(click.Group):
    """Imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        if entry.django:
            ctx.ensure_object(object)
            ctx.obj.set_up()
        module = importlib.import_module(f"truecount.cli.{entry.module}")
        command: click.Command = getattr(module, entry.name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="truecount")
def truecount() -> None:
    """Truecount keeps what an MSP bills equal to what its vendors counted."""


def run(installation: Installation) -> int:
    """Run the command line; returns the exit status: 0 done, 1 went wrong, 2 wrong use, 3 something waits."""
    try:
        status = truecount.main(standalone_mode=False, obj=installation, prog_name="truecount")
    except click.ClickException as wrong:
        wrong.show()
        return 2
    except click.exceptions.Exit as end:
        return end.exit_code
    except (click.Abort, KeyboardInterrupt):
        print("Stopped.", file=sys.stderr)  # noqa: T201  # the last word to the terminal
        return 130
    return status if isinstance(status, int) else 0
