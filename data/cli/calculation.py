"""`compute`: run one method of the catalogue on a CSV file; list the methods, describe one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from data.cli.arguments import PROGRAM, Grammar
from data.cli.console import OK, REJECTED, Refusal, complain, contents, language, say, sentence, show, show_csv
from data.cli.report import SHOWN, told
from data.ingest.findings import REJECTED_SCHEMA
from data.ingest.problems import IngestError
from data.ingest.table import Table, read_table
from indicators.frames import Column, ContractError
from indicators.methods import METHODS, Method, MethodError, Option, run


def compute(words: Sequence[str]) -> int:
    """`compute --list`, `compute METHOD --help` or `compute METHOD FILE.csv [--option value …] [--out FILE]`."""
    if words and words[0] in ("--list", "--help", "-h"):
        if words[0] != "--list":
            say("compute.no_method")
        width = max(map(len, METHODS))
        show("\n".join(f"{name:<{width}}  {method.summary}" for name, method in METHODS.items()))
        return OK
    if not words or words[0].startswith("-"):
        raise Refusal("compute.no_method")
    method = METHODS.get(words[0])
    if method is None:
        raise Refusal("compute.unknown_method", method=words[0], accepted=", ".join(METHODS))
    if {"--help", "-h"} & set(words[1:]):
        show(described(method))
        return OK
    return _compute(method, words[1:])


def described(method: Method) -> str:
    """What the method needs and gives: columns in and out with units, options, source."""
    options = "".join(f" [--{name} {name.upper()}]" for name in method.options)
    lines = [method.summary, "", sentence("compute.usage", method=method.name, options=options)]
    lines += ["", sentence("compute.columns_in"), *map(_column, _fixed(method))]
    lines += [_named(method, option, column) for option, column in method.named.items()]
    if method.options:
        lines += ["", sentence("compute.options"), *(_option(*item) for item in method.options.items())]
    lines += ["", sentence("compute.columns_out"), *(f"  {name} ({unit})" for name, unit in method.columns_out)]
    return "\n".join([*lines, "", sentence("compute.source", source=method.source)])


def _fixed(method: Method) -> list[Column]:
    """The columns whose names no option decides."""
    named = {method.options[option].default for option in method.named}
    return [column for column in method.columns_in.columns if column.name not in named]


def _column(column: Column) -> str:
    absent = f"; {sentence('compute.optional')}" if column.optional else ""
    return f"  {column.name} ({column.dtype.__name__}, {column.unit}): {column.note}; {column.accepted()}{absent}"


def _named(method: Method, option: str, column: Column) -> str:
    told = sentence("compute.named", accepted=column.accepted(), option=option)
    return f"  <{option}> ({column.dtype.__name__}, {column.unit}): {column.note}; {told}"


def _option(name: str, option: Option) -> str:
    shown = ",".join(option.default) if isinstance(option.default, tuple) else option.default
    default = "" if shown in (None, "") else f" ({sentence('compute.default', value=shown)})"
    return f"  --{name}: {option.note}" + (f" ({sentence('compute.required')})" if option.required else default)


def _compute(method: Method, words: Sequence[str]) -> int:
    grammar = Grammar(prog=f"{PROGRAM} compute {method.name}", add_help=False)
    grammar.add_argument("file", type=Path, metavar="FILE.csv")
    grammar.add_argument("--out", type=Path)
    for name in method.options:
        grammar.add_argument(*dict.fromkeys((f"--{name}", f"--{name.replace('_', '-')}")), dest=f"option_{name}")
    arguments = vars(grammar.parse_args(words))
    chosen = {name: arguments[f"option_{name}"] for name in method.options}
    frame = _frame(arguments["file"])
    if frame is None:
        return REJECTED
    result = _result(
        method, frame, {name: value for name, value in chosen.items() if value is not None}, arguments["file"]
    )
    if result is None:
        return REJECTED
    _write(result, arguments["out"])
    return OK


def _frame(path: Path) -> pl.DataFrame | None:
    """The file as text columns under their own names; None after its faults have been told."""
    try:
        table = read_table(contents(path), path.name)
    except IngestError as error:
        complain(sentence("compute.bad_rows", file=path.name, problem=error.sentence(language())))
        return None
    if table.problems:
        _tell_rows(path, table)
        return None
    return table.frame.drop("line").rename(_own_names(table))


def _own_names(table: Table) -> dict[str, str]:
    """The frame's columns back to the header's spelling, where that names one column only."""
    pairs = zip(table.columns, table.header, strict=True)
    return {column: title for column, title in pairs if title and table.header.count(title) == 1}


def _tell_rows(path: Path, table: Table) -> None:
    """The rows that have too few or too many cells."""
    rejected = pl.DataFrame(table.problems[:SHOWN], schema=REJECTED_SCHEMA, orient="row")
    for problem in told(rejected):
        complain(sentence("compute.bad_rows", file=path.name, problem=problem))
    if len(table.problems) > SHOWN:
        complain(sentence("report.more", n=len(table.problems) - SHOWN))


def _result(method: Method, frame: pl.DataFrame, options: dict[str, str], path: Path) -> pl.DataFrame | None:
    """The method's result; None after its contract's problems have been told. Errors: Refusal for a wrong option."""
    try:
        return run(method.name, frame, **options)
    except ContractError as error:
        for problem in error.problems:
            complain(sentence("compute.bad_rows", file=path.name, problem=problem))
    except MethodError as error:
        raise Refusal("usage.plain", problem=str(error)) from error
    except (ValueError, RuntimeError) as error:  # a method's own errors, and a projection that does not exist
        text = " ".join(str(error).split())
        complain(sentence("compute.failed", method=method.name, file=path.name, problem=text))
    return None


def _write(result: pl.DataFrame, out: Path | None) -> None:
    if out is None:
        show_csv(result)
        return
    try:
        out.write_text(result.write_csv(), encoding="utf-8", newline="")
    except OSError as error:
        raise Refusal("usage.out_unwritable", file=out, reason=error.strerror or error) from error
