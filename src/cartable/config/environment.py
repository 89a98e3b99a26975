"""Read the environment: typed, and loud where a value is wrong."""

import os
import re
import secrets
from pathlib import Path
from typing import Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from cartable.config.embedded import embedded_server

PROJECT_DIRECTORY = Path(__file__).resolve().parents[3]
VAR_DIRECTORY = Path(os.environ.get("CARTABLE_VAR", PROJECT_DIRECTORY / "var"))

# A page asks for a few hundred rows of a large table, whose pages lie in memory or on a disk without a head to move. By
# PostgreSQL's own costs reading 100,000 students in order looked cheaper than looking up the 570 of a lycée: 20 times slower.
# Nothing here runs long enough to be worth compiling.
PLANNING = "-c random_page_cost=1.1 -c jit=off"


def uses_embedded_server() -> bool:
    """Say whether no server of one's own is named."""
    return not os.environ.get("DATABASE_URL")


def database_urls() -> tuple[str, str]:
    """Return the connection strings of the runtime role and of the owner.

    Raises SystemExit where only one of the two is set: migrations as the runtime role would own the tables, and
    the runtime role could then rewrite history.
    """
    runtime_url, owner_url = os.environ.get("DATABASE_URL"), os.environ.get("DATABASE_OWNER_URL")
    if runtime_url and owner_url:
        return runtime_url, owner_url
    if runtime_url or owner_url:
        raise SystemExit("Set both DATABASE_URL (runtime role) and DATABASE_OWNER_URL (owner), or neither.")
    server = embedded_server(VAR_DIRECTORY)
    return server.runtime_url, server.owner_url


def django_database(url: str) -> dict[str, Any]:
    """Translate a connection string (libpq's own syntax) into Django's settings. Raises SystemExit for another text."""
    try:
        parts = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    except ProgrammingError:
        # Not said again: it may hold a password.
        raise SystemExit(
            "DATABASE_URL or DATABASE_OWNER_URL is no connection string: postgresql://role:password@host:5432/database."
        ) from None
    named = {
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
    }
    # What the connection string says itself comes last, and wins.
    planned = f"{PLANNING} {parts.pop('options', '')}".strip()
    options: dict[str, Any] = {"server_side_binding": True, "prepare_threshold": 3, "options": planned, **parts}
    return {
        "ENGINE": "cartable.config.postgresql",
        **named,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": options,
    }


def flag(name: str, default: bool = False) -> bool:
    """Read a yes/no variable: 1, true, yes, on."""
    value = os.environ.get(name)
    if value is None:
        return default
    return value.strip().lower() in {"1", "true", "yes", "on"}


def comma_list(name: str, default: str) -> list[str]:
    """Read a comma-separated variable."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def web_address(name: str) -> str:
    """Read the address of somebody's web service, empty where none is set. Raises SystemExit for another text."""
    address = os.environ.get(name, "").strip()
    if address and not re.fullmatch(r"https?://[^/\s]+\S*", address):
        raise SystemExit(f"{name} is no web address: https://gateway.example/send.")
    return address


def secret(name: str) -> str:
    """Read a secret from the environment, else from a file under ``var/`` that is made on first use (mode 0600)."""
    if value := os.environ.get(name):
        return value
    path = VAR_DIRECTORY / "secrets" / name.lower()
    try:
        return path.read_text()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # Another process was faster: its secret is the one.
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text()
