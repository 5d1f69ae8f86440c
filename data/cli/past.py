"""`undo`, `redo`, `history`, `audit`, `waiting` and `template`: the store's past, its work list, and empty files."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.cli.console import OK, REJECTED, UNUSABLE, Refusal, language, say, sentence, show_json, written
from data.cli.opening import is_there, opened
from data.settings import Settings

if TYPE_CHECKING:
    from data.store import ScopedStore

BOM = b"\xef\xbb\xbf"


def run(arguments: Namespace) -> int:
    """Carries out one of these commands; all but `template` need a store that is there."""
    settings = Settings.from_environment()
    if arguments.command == "template":
        return _template(settings, arguments)
    if not is_there(settings):
        raise Refusal("status.no_store", UNUSABLE)
    with opened(settings) as store:
        if arguments.command in ("undo", "redo"):
            return _change(store, arguments)
        return {"history": _history, "audit": _audit, "waiting": _waiting}[arguments.command](store, arguments)


def _change(store: ScopedStore, arguments: Namespace) -> int:
    """Each upload for itself, in the order given."""
    done = []
    for number in arguments.uploads:
        before = store.revision()
        after = store.undo(number) if arguments.command == "undo" else store.redo(number)
        done.append({"upload": number, "changed": after != before, "revision": after})
        if not arguments.json:
            say(f"past.{arguments.command}" if after != before else f"past.no_{arguments.command}", **done[-1])
    if arguments.json:
        show_json({"command": arguments.command, "exit_code": OK, "uploads": done})
    return OK


def _history(store: ScopedStore, arguments: Namespace) -> int:
    changes = store.history()
    shown = changes.head(arguments.limit) if arguments.limit > 0 else changes
    if arguments.json:
        show_json({"command": "history", "exit_code": OK, "n": changes.height, "changes": shown.to_dicts()})
        return OK
    for row in shown.iter_rows(named=True):
        say("past.change", **_spoken(row))
    if shown.height < changes.height:
        say("past.older", n=changes.height - shown.height)
    return OK


def _spoken(row: dict[str, Any]) -> dict[str, Any]:
    what = "upload" if row["number"] == 1 else "redo" if row["status"] == "active" else "undo"
    words = {"what": sentence(f"past.word_{what}"), "dataset": sentence(f"dataset.{row['dataset']}")}
    return row | words | {"time": f"{row['at']:%Y-%m-%d %H:%M:%S} UTC", "state": sentence(f"state.{row['now']}")}


def _audit(store: ScopedStore, arguments: Namespace) -> int:
    entries, intact = store.audit(), store.audit_intact()
    code = OK if intact else REJECTED
    if arguments.out is not None:
        written(arguments.out, store.audit_csv())
    if arguments.json:
        show_json({"command": "audit", "exit_code": code, "intact": intact, "entries": entries.to_dicts()})
        return code
    if arguments.out is not None:
        say("past.written", file=arguments.out)
    else:
        for row in entries.iter_rows(named=True):
            say("past.entry", **row, time=f"{row['at']:%Y-%m-%d %H:%M:%S} UTC")
    say("past.intact" if intact else "past.broken", n=entries.height)
    return code


def _waiting(store: ScopedStore, arguments: Namespace) -> int:
    from data import looks
    from data.cli.report import told
    from data.worklist import waiting_problems

    settled = sum(store.settle(rows, how) for rows, how in ((arguments.drop, "dropped"), (arguments.stored, "stored")))
    rows = store.waiting()
    if about := looks.in_waiting(rows, store.viewer.name):
        store.viewed(about)
    if arguments.json:
        listed = rows.drop("cells", "reasons").to_dicts()
        problems = waiting_problems(rows).partition_by("waiting_id", as_dict=True)
        for row, cells in zip(listed, rows["cells"], strict=True):
            found = problems.get((row["waiting_id"],))
            row |= {"cells": _parsed(cells), "problems": [] if found is None else found.drop("waiting_id").to_dicts()}
        show_json({"command": "waiting", "exit_code": OK, "settled": settled, "rows": listed})
        return OK
    if settled:
        say("past.settled", n=settled)
    for row in rows.iter_rows(named=True):
        say("past.waits", **row | {"dataset": sentence(f"dataset.{row['dataset']}")})
        for problem in told(waiting_problems(rows.filter(waiting_id=row["waiting_id"]))):
            say("past.reason", problem=problem)
    say("past.waiting" if rows.height else "past.none_waits", n=rows.height)
    return OK


def _parsed(cells: str) -> Any:
    import json

    return json.loads(cells)


def _template(settings: Settings, arguments: Namespace) -> int:
    from data.current_registers import registers
    from data.ingest.templates import template_csv, template_xlsx

    path: Path = arguments.out or Path(f"{arguments.dataset}.xlsx")
    if path.suffix.lower() not in (".xlsx", ".csv"):
        raise Refusal("usage.template_kind", file=path)
    if is_there(settings):
        with opened(settings) as store:
            known = registers(store)
    else:
        known = registers(None)
    made = template_csv if path.suffix.lower() == ".csv" else template_xlsx
    written(path, made(arguments.dataset, known, language()))
    if arguments.json:
        show_json({"command": "template", "exit_code": OK, "dataset": arguments.dataset, "file": str(path)})
        return OK
    say("past.written", file=path)
    return OK
