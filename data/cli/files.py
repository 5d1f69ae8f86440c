"""`check` and `load`: files and archives against the registers, the report on each, and what is stored of it.

Each file stands for itself: it is stored as a whole upload or not at all, whatever becomes of the others.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from data import looks
from data.cli.arguments import PROGRAM, datasets
from data.cli.console import Refusal, contents, language, sentence, show_json
from data.cli.opening import is_there, opened
from data.cli.outcome import Outcome, document
from data.cli.progress import Bar, bar
from data.cli.report import ending, report
from data.current_registers import registers
from data.ingest import (
    Checked,
    IngestError,
    Limits,
    Reading,
    Registers,
    Table,
    check_table,
    fields_of,
    read_table,
    recognised,
)
from data.ingest.archive import Sent, unpacked
from data.ingest.presets import asked_for, hinted
from data.ingest.warnings import history_warnings
from data.settings import Settings
from data.store import ConflictError, Preview, Provenance
from data.units import with_unit_notes
from data.worklist import waiting_rows

if TYPE_CHECKING:
    import polars as pl

    from data.store import ScopedStore

UPLOADER = "command line"
STEPS = 3  # of each file: read, checked, stored


def today() -> date:
    """The day the file is checked on: what is dated later is refused."""
    return date.today()


def run(arguments: Namespace) -> int:
    """Carries out `check` or `load`; the exit code is the worst of any file."""
    dataset, paths = _words(arguments.words, arguments.command)
    files = [(path, contents(path)) for path in paths]
    settings, limits = Settings.from_environment(), Limits.from_environment()
    with _store(settings, arguments.command) as store, bar(STEPS * len(files)) as progress:
        desk = Desk(arguments, store, registers(store), limits, progress)
        outcomes = [outcome for path, data in files for outcome in desk.handled(path.name, data, dataset)]
    if arguments.json:
        show_json(document(arguments.command, outcomes, language()))
    return max(outcome.exit_code for outcome in outcomes)


def likely_dataset(data: bytes, file_name: str) -> str:
    """The data set whose columns the header fits best; survey when none is known. Errors: IngestError."""
    return recognised(read_table(data, file_name), registers(None)) or "survey"


@dataclass(frozen=True)
class Desk:
    """What every file of one command is checked against and stored in."""

    arguments: Namespace
    store: ScopedStore | None
    registers: Registers
    limits: Limits
    progress: Bar

    def handled(self, name: str, data: bytes, dataset: str | None) -> Iterator[Outcome]:
        """A file, or each file of an archive, checked and stored and told of."""
        try:
            members = unpacked(data, name, self.limits)
        except IngestError as error:
            yield self._told(Outcome(name, "", data, error=error))
            return
        self.progress.expect(STEPS * (len(members) - 1))
        for sent in members:
            archive = "" if len(members) == 1 and sent.name == name else name
            self.progress.name(sent.name)
            try:
                outcome = self._checked(Outcome(sent.name, archive, sent.data), sent, dataset)
            except IngestError as error:
                outcome = Outcome(sent.name, archive, sent.data, error=error)
            self.progress.step(2)
            yield self._told(outcome) if self.arguments.command == "check" else self._loaded(outcome)
            self.progress.step()

    def _checked(self, outcome: Outcome, sent: Sent, dataset: str | None) -> Outcome:
        arguments = self.arguments
        asked = (arguments.encoding, arguments.delimiter, arguments.sheet, arguments.header_row, arguments.sure)
        table = read_table(sent.data, sent.name, Reading(*asked), self.limits)
        table = replace(table, notes=(*sent.notes, *table.notes))
        kind = dataset or ("enterprises" if arguments.preset else recognised(table, self.registers)) or "survey"
        table, mapping = self._as_known_source(kind, table, self._mapping(kind, table))
        checked = check_table(kind, table, self.registers, today(), mapping or None, arguments.coordinates)
        checked = with_unit_notes(checked)
        empty = checked.accepted.is_empty()
        preview = None if self.store is None or empty else self.store.preview(checked)
        return replace(outcome, kind=kind, checked=checked, preview=preview, odd=self._odd(checked))

    def _mapping(self, kind: str, table: Table) -> dict[str, str]:
        """What the headers mean: remembered for the source, then as given now. Errors: Refusal for no such field."""
        given = dict(self.arguments.map)
        known = [entry.name for entry in fields_of(kind, self.registers)]
        if unknown := [field for field in given.values() if field and field not in known]:
            raise Refusal("usage.map_field", field=unknown[0], accepted=", ".join(known))
        source = self.arguments.source
        remembered = self.store.remembered(source, kind) if self.store is not None and source else {}
        return {header: field for header, field in (remembered | given).items() if header in table.header}

    def _as_known_source(self, kind: str, table: Table, mapping: dict[str, str]) -> tuple[Table, dict[str, str]]:
        """A table of enterprises with the preset that was asked for; without one, a remark where one would fit."""
        name = self.arguments.preset
        if kind != "enterprises":
            return table, mapping
        if name is None:
            return hinted(table), mapping
        made = asked_for(table, name, self.registers, self.arguments.city)
        return made.table, made.mapping | mapping

    def _odd(self, checked: Checked) -> pl.DataFrame | None:
        """What is odd against the stored rows; None where there is no store. What tells of answers is audited."""
        if self.store is None:
            return None
        stored = getattr(self.store, checked.dataset)().collect()
        common = [name for name in checked.accepted.columns if name in stored.columns]
        odd = history_warnings(checked, stored.select(common), self.registers)
        if about := looks.in_warnings(checked, odd):
            self.store.viewed(about)
        return odd

    def _told(self, outcome: Outcome) -> Outcome:
        if not self.arguments.json:
            with self.progress.aside():
                report(outcome, self.arguments.command)
        return outcome

    def _loaded(self, outcome: Outcome) -> Outcome:
        """The file stored, where nothing speaks against it."""
        self._told(outcome)
        checked, preview = outcome.checked, outcome.preview
        if checked is None:
            return outcome
        if checked.questions:
            outcome = replace(outcome, ending="asked")
        elif preview is None:
            outcome = replace(outcome, ending="nothing_to_store")
        elif checked.rejected.height and not self.arguments.accept_valid:
            outcome = replace(outcome, ending="nothing_stored")
        elif not self._confirmed(preview):
            outcome = replace(outcome, ending="declined")
        else:
            outcome = self._stored(outcome, checked, preview)
        if not self.arguments.json:
            with self.progress.aside():
                ending(outcome)
        return outcome

    def _confirmed(self, preview: Preview) -> bool:
        """Whether stored records may be superseded: asked of a person at a terminal, not of a script."""
        asked = (preview.n_changed or preview.n_removed) and sys.stdin.isatty() and not self.arguments.json
        if self.arguments.yes or not asked:
            return True
        with self.progress.aside():
            answer = input(sentence("report.confirm", changed=preview.n_changed, removed=preview.n_removed))
        return answer.strip().lower() in ("y", "yes", "是")

    def _stored(self, outcome: Outcome, checked: Checked, preview: Preview) -> Outcome:
        if self.store is None:
            return outcome
        source = self.arguments.source or ""
        sent = Provenance(outcome.file, outcome.data, UPLOADER, outcome.archive, source)
        waiting = waiting_rows(checked) if checked.rejected_rows.height else None
        try:
            stored = self.store.add(checked, sent, preview.seen, waiting=waiting)
        except ConflictError as conflict:
            return replace(outcome, ending="conflict", conflict=str(conflict))
        given = {header: field for header, field in self.arguments.map if header in checked.table.header}
        if source and given:
            self.store.remember(source, outcome.kind, given)
        how = "stored" if stored.part == 1 else "stored_more"
        how = how if stored.is_new else "already" if stored.upload_id else "unchanged"
        return replace(outcome, ending=how, stored=stored)


@contextmanager
def _store(settings: Settings, command: str) -> Iterator[ScopedStore | None]:
    """The store; for a check only one that is there: asking about a file is no reason to create a store."""
    with opened(settings) if command == "load" or is_there(settings) else nullcontext() as store:
        yield store


def _words(words: Sequence[str], command: str) -> tuple[str | None, list[Path]]:
    """[DATASET] FILE … taken apart. Errors: Refusal."""
    named = words[0] in datasets() and len(words) > 1
    if not named and len(words) > 1 and "." not in words[0] and not Path(words[0]).exists():
        problem = sentence("usage.dataset", value=" ".join(words), accepted=", ".join(datasets()))
        raise Refusal("usage.hint", problem=problem, command=f"{PROGRAM} {command}")
    return (words[0], [Path(word) for word in words[1:]]) if named else (None, [Path(word) for word in words])
