"""The store's rows cut to what one viewer may see, and the refusals of what the viewer may not do."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

import polars as pl
import sqlalchemy as sa

from data import history, records
from data.access import Action, Viewer, decide
from data.engines import StoreError, reported

if TYPE_CHECKING:
    from data.store import Store


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
        """The shipped register and the stored additions, with is_synthetic; a shipped park is never replaced."""
        return self._store._parks()

    def as_of(self, dataset: str, at: datetime) -> pl.LazyFrame:
        """A data set as it was at a time (UTC where it has no zone), with the columns it has now, cut to the scope.

        Whose district decides is today's register. Errors: AccessError, StoreError for an unknown data set.
        """
        self._require_upload(f"{dataset} as of {at}")
        records.require_known(dataset)
        if dataset == "answers":
            return self._answers(at)
        return self._store._parks(at) if dataset == "parks" else self._store._current(dataset, at)

    def uploads(self) -> pl.DataFrame:
        """Every upload, newest first: number, data set, file, uploader, rows, status, time (UTC), questionnaire."""
        with self._reading() as connection:
            return history.upload_list(connection)

    def _answers(self, at: datetime | None = None) -> pl.LazyFrame:
        where = self._store._parks().select("park_id", "city_id", "district_code")
        answers = self._store._current("answers", at).join(where, on="park_id", how="left", maintain_order="left")
        scope = self._scope()
        return answers if scope is None else answers.filter(pl.col("district_code").is_in(scope))

    def _scope(self) -> list[str] | None:
        districts = self.viewer.scope.districts
        return None if districts is None else sorted(districts)

    def _own(self) -> str | None:
        """Whose entries the viewer sees: everybody's (None) or the viewer's own."""
        return None if self._scope() is None else self.viewer.name

    def _require_upload(self, attempt: str) -> None:
        verdict = decide(self.viewer, Action.UPLOAD)
        if not verdict.allowed:
            self._refuse(verdict.reason, attempt)

    def _require_scope(self, dataset: str, rows: pl.DataFrame, attempt: str) -> None:
        """Who sees some districts only may store and set aside rows of those only."""
        scope = self._scope()
        if scope is None:
            return
        if dataset == "answers":
            where = self._store._parks().select("park_id", "district_code").collect()
            rows = rows.select("park_id").join(where, on="park_id", how="left")
        own = "district_code" in rows.columns and rows["district_code"].is_in(scope).fill_null(False).all()
        if not own:
            self._refuse("access.outside_scope", attempt)

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
