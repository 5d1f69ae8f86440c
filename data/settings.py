"""Where the data live and where the dashboard listens, read once from PARK_* environment variables."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
STORE_FILE = "parkpulse.db"
DEMONSTRATION = "demo"


class SettingsError(ValueError):
    """A PARK_* variable that cannot be used; the text is one sentence for the person who starts the product."""


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach the address.

    >>> [is_loopback(a) for a in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "192.168.1.5", "example.org")]
    [True, True, True, False, False, False]
    """
    if address.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Settings:
    """The settings of one running product; the database address is left out of the text form, it may hold a password.

    >>> Settings(Path("/x"), "sqlite:////x/p.db", 8501, "0.0.0.0", "demo")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    data.settings.SettingsError: PARK_ADDRESS=0.0.0.0: without sign-in the dashboard listens on this machine only...
    """

    home: Path
    database_url: str = field(repr=False)
    port: int
    address: str
    auth: str

    def __post_init__(self) -> None:
        """Refuse a port out of range, an unknown kind of sign-in, and an open address without sign-in."""
        if not 1 <= self.port <= 65535:
            raise SettingsError(f"PARK_PORT={self.port}: a port is a whole number from 1 to 65535, for example 8501.")
        if self.auth != DEMONSTRATION:
            raise SettingsError(
                f"PARK_AUTH={self.auth}: only `demo` exists in this version; leave PARK_AUTH unset or set it to demo."
            )
        if not is_loopback(self.address):
            raise SettingsError(
                f"PARK_ADDRESS={self.address}: without sign-in the dashboard listens on this machine only; "
                "leave PARK_ADDRESS unset or set it to 127.0.0.1."
            )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """The settings in PARK_HOME, PARK_DATABASE_URL, PARK_PORT, PARK_ADDRESS and PARK_AUTH; unset or empty: default.

        Errors: SettingsError names the variable, its value and what is accepted.

        >>> Settings.from_environment({"PARK_PORT": "8600"}).port
        8600
        >>> Settings.from_environment({"PARK_PORT": "many"})
        Traceback (most recent call last):
        data.settings.SettingsError: PARK_PORT=many: a port is a whole number from 1 to 65535, for example 8501.
        """
        given = {name: text for name, value in environ.items() if (text := value.strip())}
        home = _home(given.get("PARK_HOME"))
        port = given.get("PARK_PORT", "8501")
        if not (port.isascii() and port.isdigit()):
            raise SettingsError(f"PARK_PORT={port}: a port is a whole number from 1 to 65535, for example 8501.")
        return cls(
            home=home,
            database_url=given.get("PARK_DATABASE_URL") or _sqlite_url(home / STORE_FILE),
            port=int(port),
            address=given.get("PARK_ADDRESS", "127.0.0.1"),
            auth=given.get("PARK_AUTH", DEMONSTRATION),
        )


def _home(text: str | None) -> Path:
    if text is None:
        return REPOSITORY / ".parkpulse"
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:
        raise SettingsError(f"PARK_HOME={text}: there is no such user; give the data folder as a full path.") from error


def _sqlite_url(path: Path) -> str:
    """The address of an SQLite file; `%` and `?` would end or change the path in an address."""
    return f"sqlite:///{str(path).replace('%', '%25').replace('?', '%3F')}"
