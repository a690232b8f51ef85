"""What the environment may set: one table of names, kinds, defaults and sentences, and the reading of it.

A wrong value stops the start and names itself.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit


class WrongSetting(Exception):
    """An environment variable that can't be used; the message is the sentence for the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    name: str
    default: str
    sentence: str
    sentence_fr: str
    default_fr: str = ""
    """Where the default is told in words."""


VARIABLES = (
    Variable(
        name="TRUECOUNT_HOME",
        default="~/.local/share/truecount, as root /var/lib/truecount",
        default_fr="~/.local/share/truecount, en tant que root /var/lib/truecount",
        sentence="Folder of the embedded database and the secret key.",
        sentence_fr="Dossier de la base de données embarquée et de la clé secrète.",
    ),
    Variable(
        name="TRUECOUNT_DATABASE_URL",
        default="the embedded PostgreSQL in HOME/pg/data",
        default_fr="le PostgreSQL embarqué dans HOME/pg/data",
        sentence="Address of a PostgreSQL of your own, for many machines.",
        sentence_fr="Adresse de votre propre PostgreSQL, pour plusieurs machines.",
    ),
    Variable(
        name="TRUECOUNT_SECRET_KEY",
        default="made once in HOME/secret-key",
        default_fr="créée une fois dans HOME/secret-key",
        sentence="Key that seals stored credentials; needed with TRUECOUNT_DATABASE_URL.",
        sentence_fr="Clé qui scelle les identifiants enregistrés ; requise avec TRUECOUNT_DATABASE_URL.",
    ),
    Variable(
        name="TRUECOUNT_SECRET_KEY_FILE",
        default="",
        sentence="File that holds the secret key, instead of TRUECOUNT_SECRET_KEY.",
        sentence_fr="Fichier qui contient la clé secrète, à la place de TRUECOUNT_SECRET_KEY.",
    ),
    Variable(
        name="TRUECOUNT_BASE_URL",
        default="http://127.0.0.1:8400",
        sentence="Address at which people reach the pages; used in mails and for cookies.",
        sentence_fr="Adresse des pages pour les utilisateurs ; sert dans les e-mails et pour les cookies.",
    ),
    Variable(
        name="TRUECOUNT_EMAIL_URL",
        default="dummymail://",
        sentence="Mail server, e.g. smtp+tls://user:password@mail.example:587; without one no mail is sent.",
        sentence_fr="Serveur de messagerie, par ex. smtp+tls://user:password@mail.example:587 ; sans lui, aucun e-mail n'est envoyé.",
    ),
    Variable(
        name="TRUECOUNT_LOG",
        default="text",
        sentence="Form of the log lines: text or json.",
        sentence_fr="Forme des lignes de journal : text ou json.",
    ),
    Variable(
        name="TRUECOUNT_NOW",
        default="the machine's clock",
        default_fr="l'horloge de la machine",
        sentence="Start value of the clock, which then runs; for demonstrations and tests.",
        sentence_fr="Valeur de départ de l'horloge, qui avance ensuite ; pour démonstrations et tests.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The environment, read and checked. `clock_offset` is added to the machine's clock, in seconds."""

    home: Path
    database_url: str | None
    secret_key: str
    base_url: str
    email_url: str
    log: str
    clock_offset: float


def default_home() -> Path:
    return Path("/var/lib/truecount") if os.geteuid() == 0 else Path.home() / ".local/share/truecount"


def read_environment(variables: Mapping[str, str]) -> Environment:
    """All variables, checked; makes the home and its secret key where they are missing."""
    home = Path(variables.get("TRUECOUNT_HOME") or default_home()).expanduser().absolute()
    database_url = variables.get("TRUECOUNT_DATABASE_URL") or None
    if database_url and urlsplit(database_url).scheme not in ("postgresql", "postgres"):
        raise WrongSetting(
            "TRUECOUNT_DATABASE_URL must be the address of a PostgreSQL, as postgresql://user:password@host/name."
        )
    base_url = variables.get("TRUECOUNT_BASE_URL") or "http://127.0.0.1:8400"
    if urlsplit(base_url).scheme not in ("http", "https") or not urlsplit(base_url).hostname:
        raise WrongSetting(
            f"TRUECOUNT_BASE_URL is {base_url!r}, which is not an address like https://truecount.example."
        )
    log = variables.get("TRUECOUNT_LOG") or "text"
    if log not in ("text", "json"):
        raise WrongSetting(f"TRUECOUNT_LOG is {log!r}; it can be text or json.")
    return Environment(
        home=home,
        database_url=database_url,
        secret_key=_secret_key(variables, home, needed=database_url is not None),
        base_url=base_url.rstrip("/"),
        email_url=variables.get("TRUECOUNT_EMAIL_URL") or "dummymail://",
        log=log,
        clock_offset=_clock_offset(variables.get("TRUECOUNT_NOW"), home),
    )


def _secret_key(variables: Mapping[str, str], home: Path, *, needed: bool) -> str:
    if key := variables.get("TRUECOUNT_SECRET_KEY"):
        return _long_enough(key.strip(), "TRUECOUNT_SECRET_KEY")
    if name := variables.get("TRUECOUNT_SECRET_KEY_FILE"):
        try:
            return _long_enough(Path(name).read_text().strip(), name)
        except OSError as error:
            raise WrongSetting(
                f"TRUECOUNT_SECRET_KEY_FILE names {name}, which can't be read: {error.strerror}."
            ) from error
    if needed:
        raise WrongSetting(
            "TRUECOUNT_DATABASE_URL is set, so TRUECOUNT_SECRET_KEY or TRUECOUNT_SECRET_KEY_FILE must be set too: "
            "the key that seals stored credentials has to be the same on every machine."
        )
    return _own_key(home)


def _long_enough(key: str, where: str) -> str:
    if len(key) < 16:
        raise WrongSetting(f"The secret key in {where} is shorter than 16 characters; use a long random text.")
    return key


def _own_key(home: Path) -> str:
    """The home's own key, made at the first start, readable by its owner alone."""
    make_home(home)
    path = home / "secret-key"
    try:
        if not path.exists():
            path.touch(mode=0o600, exist_ok=False)
            path.write_text(secrets.token_urlsafe(48))
        return path.read_text().strip()
    except OSError as error:
        raise WrongSetting(f"The secret key in {path} can't be read or made: {error.strerror}.") from error


def make_home(home: Path) -> None:
    """Make the home; others may pass through it, as the database's own user has to, but not list it."""
    try:
        home.mkdir(mode=0o711, parents=True, exist_ok=True)
    except OSError as error:
        raise WrongSetting(f"TRUECOUNT_HOME {home} can't be made: {error.strerror}.") from error


def _clock_offset(text: str | None, home: Path) -> float:
    """From TRUECOUNT_NOW, else from the home of a demonstration, whose clock is the simulators'."""
    if not text:
        kept = home / "clock.json"
        try:
            return float(json.loads(kept.read_text())["offset"]) if kept.exists() else 0.0
        except (OSError, ValueError, KeyError) as error:
            raise WrongSetting(f"{kept} is not readable as a clock; remove it.") from error
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        raise WrongSetting(f"TRUECOUNT_NOW is {text!r}; it must be a moment like 2026-11-26T09:00:00Z.") from None
    if start.tzinfo is None:
        start = start.replace(tzinfo=UTC)
    return (start - datetime.now(UTC)).total_seconds()
