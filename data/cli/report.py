"""The report on a checked file: counts, problems with place and remedy, warnings, remarks, changes in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.cli.console import language, say, sentence, show
from data.ingest import Checked, explained
from data.ingest.problems import PARTS

if TYPE_CHECKING:
    from data.cli.outcome import Outcome

SHOWN = 20


def report(outcome: Outcome, command: str) -> None:
    """Prints what was read, accepted and rejected, every remark, and the changes against the store if there is one."""
    name = f"{outcome.archive} › {outcome.file}" if outcome.archive else outcome.file
    nothing = "report.would_store" if command == "check" else "report.nothing_to_store"
    if outcome.error is not None:
        show(f"{name}: {outcome.error.sentence(language())}")
        say(nothing)
        return
    if outcome.checked is not None:
        _report_checked(outcome.checked, name, outcome.warnings())
    if (preview := outcome.preview) is not None:
        counts = {"new": preview.n_new, "changed": preview.n_changed, "identical": preview.n_identical}
        say("report.changes", **counts, removed=preview.n_removed)
    if command == "check":
        say("report.would_store")


def ending(outcome: Outcome) -> None:
    """Prints what became of a file that was to be stored, and how many of its rows wait."""
    say(f"report.{outcome.ending}", **outcome.figures())
    if outcome.stored is not None and outcome.stored.n_waiting:
        say("report.waits", n=outcome.stored.n_waiting)


def _report_checked(checked: Checked, name: str, warnings: pl.DataFrame) -> None:
    how = " ".join(part for part in (checked.table.kind, checked.table.sheet, checked.encoding) if part)
    dataset = sentence(f"dataset.{checked.dataset}")
    say("report.file", file=name, dataset=dataset, encoding=how, rows=checked.n_rows)
    say("report.accepted", rows=checked.n_accepted, records=checked.accepted.height)
    if checked.rejected.height:
        say("report.rejected", rows=checked.rejected_rows.height)
        _list(checked.rejected)
    if warnings.height:
        say("report.warnings", n=warnings.height)
        _list(warnings)
    for note in checked.notes:
        show(f"  {note.sentence(language())}")
    for header, field in _likeliest(checked.unknown_headers):
        say("report.unknown_header", header=header, field=field)
    for question in checked.questions:
        say("report.question", question=question.sentence(language()))


def _likeliest(headers: pl.DataFrame) -> list[tuple[str, str]]:
    """The first field that is suggested for each unknown header."""
    suggested = headers.filter(pl.col("field").is_not_null() & (pl.col("field") != ""))
    return suggested.unique("header", keep="first", maintain_order=True).select("header", "field").rows()[:SHOWN]


def _list(found: pl.DataFrame) -> None:
    for problem in told(found.head(SHOWN)):
        show(f"  {problem}")
    if found.height > SHOWN:
        say("report.more", n=found.height - SHOWN)


def told(rejected: pl.DataFrame) -> list[str]:
    """The problems in the person's language: what and where, what is accepted, what to do, the closest known value."""
    between = "" if language() == "zh" else " "
    return [between.join(row) for row in explained(rejected, language()).select(PARTS).iter_rows()]
