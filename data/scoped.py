"""The store's rows cut to what one viewer may see, and the refusals of what the viewer may not do."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, MutableSet
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

import polars as pl
import sqlalchemy as sa

from data import entry_changes, history, records
from data.access import Action, Viewer, decide, sees_park_answers, sees_rows
from data.engines import StoreError, reported
from data.keys import KEYS
from data.library_search import LibraryIndex

if TYPE_CHECKING:
    from data.store import Store


OVERLAID = ("parks", "programmes", "documents")  # stored rows lie over rows the product ships


class AccessError(Exception):
    """The viewer may not do this; `reason` is a key of the text files."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ScopedRows:
    """Every data set through one viewer's eyes."""

    def __init__(self, store: Store, viewer: Viewer) -> None:
        self._store = store
        self._engines = store._engines
        self.viewer = viewer

    def revision(self) -> int:
        """The sum of all data sets' revision numbers: with the scope's key, the key of every cache."""
        return self._store.revision()

    def answers(self) -> pl.LazyFrame:
        """The current answers of the parks in the viewer's districts, one row a park, month and item.

        Columns: questionnaire_id, period (Date), park_id, item_id, answer (a code), is_synthetic, city_id,
        district_code. A park unknown to the register has null city and district; only an unrestricted scope sees it.
        """
        return self._answers()

    def answers_of_park(self, park_id: str) -> pl.LazyFrame:
        """The current answers of one park, for those who may see single answers; for anybody else no rows.

        Columns: those of `answers`. A park unknown to the register has rows for analysts with every district only.
        """
        rows = self._answers().filter(pl.col("park_id") == park_id)
        found = self._store._parks().filter(pl.col("park_id") == park_id).select("district_code").collect()
        district = found["district_code"].item() if found.height else None
        return rows if sees_park_answers(self.viewer, district) else rows.clear()

    def events(self) -> pl.LazyFrame:
        """The current event rows; public, the same for every viewer."""
        return self._store._current("events")

    def enterprises(self) -> pl.LazyFrame:
        """The current enterprise rows; from public registers, the same for every viewer."""
        return self._store._current("enterprises")

    def members(self) -> pl.LazyFrame:
        """The current members of association and alliance; public, the same for every viewer."""
        return self._store._current("members")

    def figures(self) -> pl.LazyFrame:
        """The current city figures that were uploaded, beside the shipped ones; public, the same for every viewer."""
        return self._store._current("figures")

    def parks(self) -> pl.LazyFrame:
        """The register of parks: the shipped rows with the stored ones over them, cell by cell (see `overlay`).

        Columns: those of `registry.parks`, what only stored rows have, is_synthetic, origin (register, stored).
        """
        return self._store._parks()

    def programmes(self) -> pl.LazyFrame:
        """The programmes of events, shipped and stored; public.

        Columns: those of `registry.programmes`, retired_on (Date), retired_reason, is_synthetic, origin.
        """
        return self._store._programmes()

    def documents(self) -> pl.LazyFrame:
        """The library of policies and research, shipped and stored; public.

        Columns: those of `registry.library`, retired_on (Date), retired_reason, is_synthetic, origin.
        """
        return self._store._documents()

    def library_index(self, topics: Mapping[str, str] | None = None) -> LibraryIndex:
        """The full-text search of the documents the viewer sees now; topics: code -> the words a topic is found by."""
        rows = self.documents().collect()
        return LibraryIndex(self._engines, rows.with_columns(pl.col("topic").replace(topics or {})))

    def partners(self) -> pl.LazyFrame:
        """The current partners of the alliance; public."""
        return self._store._current("partners")

    def offers(self) -> pl.LazyFrame:
        """The current offers of partners; public."""
        return self._store._current("offers")

    def needs(self) -> pl.LazyFrame:
        """The current needs of parks in the viewer's districts.

        enterprise_name and retired_reason are null for all but analysts.
        """
        return self._needs()

    def followups(self) -> pl.LazyFrame:
        """What became of offers for needs, for the needs the viewer sees.

        note and retired_reason are null for all but analysts.
        """
        return self._followups()

    def publications(self) -> pl.LazyFrame:
        """The current counts of what was published, by channel, month and kind; public."""
        return self._store._current("publications")

    def scorecards(self) -> pl.LazyFrame:
        """The current scorecards of parks by year; public."""
        return self._store._current("scorecards")

    def as_of(self, dataset: str, at: datetime) -> pl.LazyFrame:
        """A data set as it was at a time (UTC where it has no zone), with the columns it has now, cut to the scope.

        Whose district decides is today's register. Errors: AccessError, StoreError for an unknown data set.
        """
        self._require_upload(f"{dataset} as of {at}")
        records.require_known(dataset)
        return self._seen(dataset, at)

    def revision_of(self, dataset: str) -> int:
        """The revision number of one data set: what `add` takes as `seen`. Errors: StoreError if it is unknown."""
        records.require_known(dataset)
        with self._reading() as connection:
            return records.revision_of(connection, dataset)

    def require_edit(self, attempt: str) -> None:
        """Refuse, and audit, what only those may do who edit registers. Errors: AccessError."""
        self._require(Action.EDIT, attempt)

    def entries(self, dataset: str) -> pl.LazyFrame:
        """A data set as the viewer sees it, by its name. Errors: StoreError if it is unknown."""
        records.require_known(dataset)
        return self._seen(dataset)

    def stored_entry(self, dataset: str, key: Mapping[str, object]) -> dict[str, object]:
        """The current stored row of one key, without what the product ships; empty where there is none.

        Errors: AccessError for all but analysts, StoreError for an unknown data set.
        """
        self._require(Action.EDIT, f"entry of {dataset}")
        records.require_known(dataset)
        rows = self._store._current(dataset) if dataset in OVERLAID else self._seen(dataset)
        found = rows.filter(*(pl.col(name) == value for name, value in key.items())).collect()
        return found.row(0, named=True) if found.height else {}

    def entry_history(self, dataset: str, key: Mapping[str, object]) -> pl.DataFrame:
        """Every change of one entry: what an upload, an undo or a redo made of its cells, newest first.

        key: the value of each column of the key. Columns out: at (UTC), who, role, upload_id, status (active, undone),
        column, before, after (String, null for an empty cell); a shipped row is what stands before the first change.
        A look at answers is audited. Errors: AccessError for all but analysts, and for rows of other districts;
        StoreError for an unknown data set, and where a look at answers cannot be audited.
        """
        self._require(Action.EDIT, f"history of {dataset}")
        records.require_known(dataset)
        with self._reading() as connection:
            rows, changes = entry_changes.changes_of(connection, dataset, key)
        if dataset in ("answers", "needs", "followups") and rows.height:
            self._require_scope(dataset, rows.drop("upload_id"), f"history of {dataset}")
        if dataset == "answers" and rows.height:
            self.viewed(f"history of answers: {', '.join(map(str, key.values()))}")
        return entry_changes.told(rows, changes, self._store._shipped(dataset), dataset, key)

    def viewed(self, about: str, told: MutableSet[str] | None = None) -> None:
        """Audit that the viewer looks at single answers; called before they are shown, also where they are cached.

        about: what is looked at (`data.looks`). told: what one visit was audited for already, kept by the caller: the
        same person's look at the same rows on the same day (UTC) is audited once. Errors: StoreError where the log
        cannot be written: what was not audited is not shown.
        """
        look = f"{history.now():%Y-%m-%d} {self.viewer.name}: {about}"
        if told is not None and look in told:
            return
        with self._writing() as connection:
            history.note(connection, self.viewer, history.VIEWED, about)
        if told is not None:
            told.add(look)

    def uploads(self) -> pl.DataFrame:
        """Every upload, newest first: number, data set, file, uploader, rows, status, time (UTC), questionnaire."""
        with self._reading() as connection:
            return history.upload_list(connection)

    def _seen(self, dataset: str, at: datetime | None = None) -> pl.LazyFrame:
        """A data set, now or at a time, as this viewer sees it."""
        cut = {"answers": self._answers, "needs": self._needs, "followups": self._followups}
        whole = {"parks": self._store._parks, "programmes": self._store._programmes}
        whole["documents"] = self._store._documents
        if dataset in cut or dataset in whole:
            return (cut | whole)[dataset](at)
        return self._store._current(dataset, at)

    def _answers(self, at: datetime | None = None) -> pl.LazyFrame:
        where = self._store._parks().select("park_id", "city_id", "district_code")
        answers = self._store._current("answers", at).join(where, on="park_id", how="left", maintain_order="left")
        scope = self._scope()
        return answers if scope is None else answers.filter(pl.col("district_code").is_in(scope))

    def _needs(self, at: datetime | None = None) -> pl.LazyFrame:
        needs, scope = self._store._current("needs", at), self._scope()
        if scope is not None:
            own = self._store._parks().filter(pl.col("district_code").is_in(scope))
            needs = needs.join(own.select("park_id"), on="park_id", how="semi", maintain_order="left")
        return self._without(needs, "enterprise_name", "retired_reason")

    def _followups(self, at: datetime | None = None) -> pl.LazyFrame:
        followups = self._store._current("followups", at)
        if self._scope() is not None:
            followups = followups.join(self._needs().select("need_id"), on="need_id", how="semi", maintain_order="left")
        return self._without(followups, "note", "retired_reason")

    def _without(self, rows: pl.LazyFrame, *names: str) -> pl.LazyFrame:
        """The rows with these texts blank for all but those who see rows: free text can name an enterprise."""
        return rows if sees_rows(self.viewer) else rows.with_columns(pl.lit(None, pl.String).alias(n) for n in names)

    def _scope(self) -> list[str] | None:
        districts = self.viewer.scope.districts
        return None if districts is None else sorted(districts)

    def _own(self) -> str | None:
        """Whose entries the viewer sees: everybody's (None) or the viewer's own."""
        return None if self._scope() is None else self.viewer.name

    def _require_upload(self, attempt: str) -> None:
        self._require(Action.UPLOAD, attempt)

    def _require(self, action: Action, attempt: str) -> None:
        verdict = decide(self.viewer, action)
        if not verdict.allowed:
            self._refuse(verdict.reason, attempt)

    def _require_scope(self, dataset: str, rows: pl.DataFrame, attempt: str) -> None:
        """Who sees some districts only may store and set aside rows of those only."""
        scope = self._scope()
        if scope is None:
            return
        places = self._places(dataset, rows)
        own = bool(places) and all(place.is_in(scope).fill_null(False).all() for place in places)
        if not own:
            self._refuse("access.outside_scope", attempt)

    def _places(self, dataset: str, rows: pl.DataFrame) -> list[pl.Series]:
        """The districts whose rows these are; none where the data set belongs to no district.

        What a park, an answer, a need or a scorecard is about, and what is stored under the same key, counts as well as
        what the row says: nobody draws a park, an event or a need of another district into the own one.
        """
        parks = self._store._parks().select("park_id", place="district_code").collect()
        places = [rows["district_code"]] if "district_code" in rows.columns else []
        if dataset == "followups":
            needs = self._store._current("needs").select("need_id", "park_id").collect()
            rows = rows.select("need_id").join(needs, on="need_id", how="left")
        if dataset in ("answers", "needs", "followups", "scorecards"):
            places.append(rows.select("park_id").join(parks, on="park_id", how="left")["place"])
        if dataset == "parks":  # a park that is new has no place yet
            places.append(rows.select("park_id").join(parks, on="park_id")["place"])
        if dataset in ("events", "enterprises"):
            key = list(KEYS[dataset])
            held = self._store._current(dataset).select(*key, place="district_code")
            places.append(rows.lazy().select(key).join(held, on=key).collect()["place"])
        if dataset == "needs":
            before = self._store._current("needs").select("need_id", "park_id").collect()
            before = rows.select("need_id").join(before, on="need_id").join(parks, on="park_id", how="left")
            places.append(before["place"])
        return places

    def _refuse(self, reason: str, attempt: str) -> NoReturn:
        """A refused attempt is audited; a store that cannot be written changes nothing about the refusal."""
        with contextlib.suppress(StoreError), self._writing() as connection:
            history.note(connection, self.viewer, "refused", f"{attempt}: {reason}")
        raise AccessError(reason)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with reported(self._engines.url), self._engines.read.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with reported(self._engines.url), self._engines.write.begin() as connection:
            yield connection
