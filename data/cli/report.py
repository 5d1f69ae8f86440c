"""The report on a checked file: counts, problems with place and remedy, remarks, and what would change in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.cli.console import language, say, sentence, show
from data.ingest import explained
from data.ingest.problems import PARTS

if TYPE_CHECKING:
    from data.ingest import Checked
    from data.store import Preview

SHOWN = 20


def report(checked: Checked, file_name: str, preview: Preview | None) -> None:
    """Prints what was read, accepted and rejected, every remark, and the changes against the store if there is one."""
    dataset = sentence(f"dataset.{checked.dataset}")
    say("report.file", file=file_name, dataset=dataset, encoding=checked.encoding, rows=checked.n_rows)
    say("report.accepted", rows=checked.n_accepted, records=checked.accepted.height)
    if checked.rejected.height:
        say("report.rejected", rows=checked.rejected_rows.height)
        for problem in told(checked.rejected.head(SHOWN)):
            show(f"  {problem}")
        if checked.rejected.height > SHOWN:
            say("report.more", n=checked.rejected.height - SHOWN)
    for note in checked.notes:
        show(f"  {note.sentence(language())}")
    if preview is not None:
        counts = {"new": preview.n_new, "changed": preview.n_changed, "identical": preview.n_identical}
        say("report.changes", **counts, removed=preview.n_removed)


def told(rejected: pl.DataFrame) -> list[str]:
    """The problems in the person's language: what and where, what is accepted, what to do, the closest known value."""
    between = "" if language() == "zh" else " "
    return [between.join(row) for row in explained(rejected, language()).select(PARTS).iter_rows()]
