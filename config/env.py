"""Readers of the environment. Each fails with a hint that says what to set."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

ROOT = Path(__file__).resolve().parent.parent


def text(name: str, default: str | None = None) -> str:
    """Return the variable, or the default; without one the variable is required."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name} in the environment; see .env.example.")
    return value


def whole(name: str, default: int) -> int:
    """Return the variable as a whole number."""
    raw = os.environ.get(name, str(default))
    if not raw.lstrip("-").isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number such as {default}, not '{raw}'.")
    return int(raw)


def at_least_one(name: str, default: int) -> int:
    """Return the variable as a whole number from 1 on."""
    found = whole(name, default)
    if found < 1:
        raise ImproperlyConfigured(f"{name} must be 1 or more, not '{found}'.")
    return found


def words(name: str, default: str = "") -> list[str]:
    """Return the variable as a list, split at commas."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def choice(name: str, allowed: tuple[str, ...], default: str) -> str:
    """Return the variable when it is one of `allowed`."""
    value = os.environ.get(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not '{value}'.")
    return value


def data_dir() -> Path:
    """Return (and create) the folder of the database, files, broker and exports."""
    folder = Path(os.environ.get("DATA_DIR", ROOT / "var")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def secret_key(production: bool, folder: Path) -> str:
    """Return SECRET_KEY; outside production one is made once and kept in the data folder."""
    if production or "SECRET_KEY" in os.environ:
        return text("SECRET_KEY")
    file = folder / "secret_key"
    if not file.exists():
        file.write_text(get_random_secret_key())
        file.chmod(0o600)
    return file.read_text()
