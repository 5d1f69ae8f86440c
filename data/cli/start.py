"""`init`, `status` and `demo`: a store to start with, what it holds, and the demonstration data in it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from data import boundaries
from data.cli.console import OK, UNUSABLE, Refusal, complain, language, say, sentence
from data.settings import Settings

if TYPE_CHECKING:
    from data.store import ScopedStore

DEMO = Path(__file__).resolve().parents[1] / "demo"
DEMO_FILES = (
    ("parks", "parks.csv"),
    ("survey", "survey.csv"),
    ("events", "events.csv"),
    ("enterprises", "enterprises.csv"),
    ("digitalisation", "survey_digitalisation.csv"),
    ("rent_relief", "survey_rent_relief.csv"),
    ("members", "members.csv"),
    ("partners", "partners.csv"),
    ("offers", "offers.csv"),
    ("needs", "needs.csv"),
    ("followups", "followups.csv"),
    ("publications", "publications.csv"),
    ("scorecards", "scorecards.csv"),
)
DEMO_UNTIL = date(2026, 10, 31)  # the files are no news from the future on a machine whose clock is behind
UPLOADER = "demonstration"
MARKER = "demo-loading"
SHOWN_UPLOADS = 20


def run(arguments: Namespace) -> int:
    """Carries out `init`, `status` or `demo`."""
    if arguments.command == "demo" and arguments.what == "generate":
        return _generate(arguments.folder or DEMO)
    settings = Settings.from_environment()
    if arguments.command == "init":
        return _init(settings, with_demo=not arguments.without_demo)
    if arguments.command == "demo":
        return _load(settings) if arguments.what == "load" else _remove(settings)
    return _status(settings)


def _init(settings: Settings, *, with_demo: bool) -> int:
    from data.cli.opening import is_there, opened

    marker = settings.home / MARKER
    if with_demo and not is_there(settings):
        _mark(marker)
    with opened(settings) as store:
        with _boundaries_meanwhile(settings.home):
            if marker.exists():
                _finish_demo(store, marker)
        _say_where(settings, store)
    return OK


@contextmanager
def _boundaries_meanwhile(home: Path) -> Iterator[None]:
    """Converts the district boundaries beside what the block does; says which are missing."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        found = pool.submit(boundaries.ensure, home)
        yield
        missing = [city for city in boundaries.CHINESE_CITIES if city not in found.result()]
    if missing:
        complain(sentence("init.no_boundaries", cities=", ".join(missing)))


def _mark(marker: Path) -> None:
    """A file that says the demonstration data is being loaded, so that an interrupted first start is completed."""
    try:
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.touch()
    except OSError:  # opening the store says what is wrong with the folder
        return


def _finish_demo(store: ScopedStore, marker: Path) -> None:
    """Loads the demonstration data, unless somebody's own rows are there already."""
    if store.uploads()["is_synthetic"].all():
        if _demo_is_there():
            _load_demo(store)
        else:
            complain(sentence("init.demo_missing", folder=DEMO))
    marker.unlink(missing_ok=True)


def _demo_is_there() -> bool:
    return all((DEMO / name).is_file() for _, name in DEMO_FILES)


def _load_demo(store: ScopedStore) -> tuple[int, int]:
    """The demonstration files by the road of any file; rows and uploads that are new."""
    from data.cli.report import told
    from data.current_registers import registers
    from data.ingest import IngestError, check
    from data.store import Provenance

    rows = uploads = 0
    for dataset, name in DEMO_FILES:
        data = (DEMO / name).read_bytes()
        try:
            checked = check(dataset, data, name, registers(store), max(date.today(), DEMO_UNTIL))
        except IngestError as error:
            raise Refusal("init.demo_failed", file=name, problem=error.sentence(language())) from error
        if checked.rejected.height:
            raise Refusal("init.demo_failed", file=name, problem=told(checked.rejected.head(1))[0])
        if store.add(checked, Provenance(name, data, UPLOADER)).is_new:
            rows, uploads = rows + checked.accepted.height, uploads + 1
    return rows, uploads


def _say_where(settings: Settings, store: ScopedStore) -> None:
    """The three lines: store, rows, address."""
    _say_store(settings, store)
    bare = settings.address.strip("[]")
    say("init.address", address=f"[{bare}]" if ":" in bare else bare, port=settings.port)


def _say_store(settings: Settings, store: ScopedStore) -> None:
    import sqlalchemy as sa

    url = sa.make_url(settings.database_url)
    place = url.database if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    say("init.store", place=place, revision=store.revision())
    active = store.uploads().filter(pl.col("status") == "active")
    counts = {
        "answers": _height(store.answers()),
        "events": _height(store.events().filter(pl.col("retired_on").is_null())),
        "enterprises": _height(store.enterprises()),
        "parks": active.filter(pl.col("dataset") == "parks")["n_rows"].sum(),
    }
    synthetic = sentence("init.synthetic") if active["is_synthetic"].any() else ""
    say("init.rows", **{name: f"{count:,}" for name, count in counts.items()}, synthetic=synthetic)


def _height(frame: pl.LazyFrame) -> int:
    return int(frame.select(pl.len()).collect().item())


def _status(settings: Settings) -> int:
    from data.cli.opening import is_there, opened

    if not is_there(settings):
        raise Refusal("status.no_store", UNUSABLE)
    with opened(settings) as store:
        _say_where(settings, store)
        say("status.boundaries", cities=", ".join(boundaries.cities_with_layer(settings.home)) or "-")
        uploads = store.uploads()
        say("status.uploads" if uploads.height else "status.no_uploads")
        for row in uploads.head(SHOWN_UPLOADS).iter_rows(named=True):
            _say_upload(row)
    return OK


def _say_upload(row: dict[str, Any]) -> None:
    names = {"upload": row["upload_id"], "rows": row["n_rows"], "file": row["file_name"], "uploader": row["uploader"]}
    names |= {"dataset": sentence(f"dataset.{row['dataset']}"), "status": sentence(f"state.{row['status']}")}
    mark = sentence("status.synthetic") if row["is_synthetic"] else ""
    say("status.upload", **names, time=f"{row['stored_at']:%Y-%m-%d %H:%M} UTC", synthetic=mark)


def _load(settings: Settings) -> int:
    from data.cli.opening import opened

    if not _demo_is_there():
        raise Refusal("init.demo_missing", folder=DEMO)
    with opened(settings) as store:
        rows, uploads = _load_demo(store)
    (settings.home / MARKER).unlink(missing_ok=True)
    say("demo.loaded" if uploads else "demo.present", rows=f"{rows:,}", uploads=uploads)
    return OK


def _remove(settings: Settings) -> int:
    from data.cli.opening import is_there, opened

    if not is_there(settings):
        raise Refusal("status.no_store", UNUSABLE)
    with opened(settings) as store:
        say("demo.removed", uploads=store.remove_synthetic())
    return OK


def _generate(folder: Path) -> int:
    from data.demo.generate import generate

    try:
        generate(folder)
    except OSError as error:
        raise Refusal("usage.out_unwritable", file=folder, reason=error.strerror or error) from error
    say("demo.generated", folder=folder)
    return OK
