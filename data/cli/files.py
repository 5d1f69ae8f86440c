"""`check` and `load`: a file against the registers, the report on it, and what is stored."""

from __future__ import annotations

import sys
from argparse import Namespace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from data import registry
from data.cli.arguments import PROGRAM, datasets
from data.cli.console import OK, REJECTED, Refusal, contents, language, say, sentence, show
from data.cli.opening import is_there, opened
from data.cli.report import report
from data.ingest import Checked, IngestError, Registers, check, read_table, recognised
from data.settings import Settings
from data.store import Preview, Provenance

if TYPE_CHECKING:
    from data.store import ScopedStore

UPLOADER = "command line"


def today() -> date:
    """The day the file is checked on: what is dated later is refused."""
    return date.today()


def run(arguments: Namespace) -> int:
    """Carries out `check` or `load`."""
    dataset, path = _words(arguments.words, arguments.command)
    data = contents(path)
    settings = Settings.from_environment()
    try:
        dataset = dataset or likely_dataset(data, path.name)
        if arguments.command == "load":
            return _load(settings, dataset, path.name, data, arguments)
        return _check(settings, dataset, path.name, data)
    except IngestError as error:
        show(f"{path.name}: {error.sentence(language())}")
        say("report.nothing_to_store" if arguments.command == "load" else "report.would_store")
        return REJECTED


def registers(store: ScopedStore | None) -> Registers:
    """What a file is checked against: the shipped registers, with the store's additional parks if there is a store."""
    return Registers(
        parks=registry.parks() if store is None else store.parks().collect(),
        items=registry.questionnaire_items(),
        answers=registry.answer_scales(),
        programmes=registry.programmes(),
        districts=registry.districts(),
        industries=registry.industries(),
    )


def likely_dataset(data: bytes, file_name: str) -> str:
    """The data set whose columns the header fits best; survey when none is known. Errors: IngestError."""
    return recognised(read_table(data, file_name), registers(None)) or "survey"


def _words(words: list[str], command: str) -> tuple[str | None, Path]:
    """[DATASET] FILE taken apart. Errors: Refusal."""
    if len(words) == 1:
        return None, Path(words[0])
    if len(words) > 2 or words[0] not in datasets():
        problem = sentence("usage.dataset", value=" ".join(words), accepted=", ".join(datasets()))
        raise Refusal("usage.hint", problem=problem, command=f"{PROGRAM} {command}")
    return words[0], Path(words[1])


def _check(settings: Settings, dataset: str, name: str, data: bytes) -> int:
    if not is_there(settings):  # asking about a file is no reason to create a store
        checked, preview = check(dataset, data, name, registers(None), today()), None
    else:
        with opened(settings) as store:
            checked = check(dataset, data, name, registers(store), today())
            preview = _preview(store, checked)
    report(checked, name, preview)
    say("report.would_store")
    return REJECTED if checked.rejected.height else OK


def _load(settings: Settings, dataset: str, name: str, data: bytes, arguments: Namespace) -> int:
    with opened(settings) as store:
        checked = check(dataset, data, name, registers(store), today())
        preview = _preview(store, checked)
        report(checked, name, preview)
        if preview is None:
            say("report.nothing_to_store")
            return REJECTED
        if checked.rejected.height and not arguments.accept_valid:
            say("report.nothing_stored")
            return REJECTED
        if not (arguments.yes or _confirmed(preview)):
            say("report.declined")
            return REJECTED
        stored = store.add(checked, Provenance(name, data, UPLOADER))
        say("report.stored" if stored.is_new else "report.already", upload=stored.upload_id, revision=stored.revision)
    return OK


def _preview(store: ScopedStore, checked: Checked) -> Preview | None:
    """What storing would change; None when no row was accepted."""
    return None if checked.accepted.is_empty() else store.preview(checked)


def _confirmed(preview: Preview) -> bool:
    """Whether stored records may be superseded: asked of a person at a terminal, not of a script."""
    if not (preview.n_changed or preview.n_removed) or not sys.stdin.isatty():
        return True
    answer = input(sentence("report.confirm", changed=preview.n_changed, removed=preview.n_removed))
    return answer.strip().lower() in ("y", "yes", "是")
