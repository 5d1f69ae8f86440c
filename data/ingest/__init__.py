"""An uploaded file to rows that may be stored: bytes, text, table of text cells, typed rows with every problem named.

Nothing here knows the store. `check` is the one entry; `explained` gives its problems as sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import polars as pl

from data.ingest.delimited import LINE
from data.ingest.documents import DOCUMENT_FIELDS, check_documents
from data.ingest.enterprises import ENTERPRISE_FIELDS, check_enterprises
from data.ingest.events import EVENT_FIELDS, check_events
from data.ingest.exchange import (
    FOLLOWUP_FIELDS,
    NEED_FIELDS,
    OFFER_FIELDS,
    check_followups,
    check_needs,
    check_offers,
)
from data.ingest.figures import FIGURE_FIELDS, check_figures
from data.ingest.headers import Field, match_headers
from data.ingest.limits import Limits
from data.ingest.members import MEMBER_FIELDS, check_members
from data.ingest.parks import PARK_FIELDS, check_parks
from data.ingest.partners import PARTNER_FIELDS, check_partners
from data.ingest.problems import PARTS, IngestError, Note, Rule
from data.ingest.programmes import PROGRAMME_FIELDS, check_programmes
from data.ingest.publications import PUBLICATION_FIELDS, check_publications
from data.ingest.registers import Registers
from data.ingest.rows import Checked
from data.ingest.scorecards import SCORECARD_FIELDS, check_scorecards
from data.ingest.survey import check_survey, survey_fields
from data.ingest.table import DEFAULT_LIMITS, DEFAULT_READING, Reading, Table, read_table
from data.questionnaires import MONTHLY, further
from data.text import messages

__all__ = [
    "DATASETS",
    "Checked",
    "Field",
    "IngestError",
    "Limits",
    "Note",
    "Reading",
    "Registers",
    "Rule",
    "Table",
    "check",
    "check_enterprises",
    "check_events",
    "check_figures",
    "check_members",
    "check_parks",
    "check_survey",
    "check_table",
    "datasets",
    "edited",
    "explained",
    "fields_of",
    "questionnaire_of",
    "read_table",
    "recognised",
]

Check = Callable[[Table, Registers, date, Mapping[str, str] | None], Checked]
_CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "answers": check_survey,
        "events": check_events,
        "enterprises": check_enterprises,
        "parks": check_parks,
        "members": check_members,
        "figures": check_figures,
        "programmes": check_programmes,
        "partners": check_partners,
        "offers": check_offers,
        "needs": check_needs,
        "followups": check_followups,
        "documents": check_documents,
        "publications": check_publications,
        "scorecards": check_scorecards,
    }
)
_FIELDS: Mapping[str, tuple[Field, ...]] = MappingProxyType(
    {
        "events": EVENT_FIELDS,
        "enterprises": ENTERPRISE_FIELDS,
        "parks": PARK_FIELDS,
        "members": MEMBER_FIELDS,
        "figures": FIGURE_FIELDS,
        "programmes": PROGRAMME_FIELDS,
        "partners": PARTNER_FIELDS,
        "offers": OFFER_FIELDS,
        "needs": NEED_FIELDS,
        "followups": FOLLOWUP_FIELDS,
        "documents": DOCUMENT_FIELDS,
        "publications": PUBLICATION_FIELDS,
        "scorecards": SCORECARD_FIELDS,
    }
)
_ALSO_CALLED = {"survey": "answers", MONTHLY: "answers"}
DATASETS = tuple(_CHECKS)


def datasets(registers: Registers) -> tuple[str, ...]:
    """What a file can be: answers (the monthly survey), the other data sets, and each further questionnaire."""
    return (*DATASETS, *further(registers.items))


def check(
    dataset: str,
    data: bytes,
    file_name: str,
    registers: Registers,
    today: date,
    reading: Reading = DEFAULT_READING,
    mapping: Mapping[str, str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
    coordinates: str | None = None,
) -> Checked:
    """An uploaded file checked against one of `datasets`; answers are also called survey or monthly.

    today: months and days after it are refused. reading: how the file is to be read, where a person has said so.
    mapping: header as in the file -> field, "" to leave a column out, as a person has confirmed it; it goes before the
    spellings that are known. coordinates: the coordinate system of a file of enterprises, as a person has agreed to it.
    Out: Checked, with every problem found in one pass; the answers to any questionnaire are rows of the data set
    answers.
    Errors: IngestError when the file as a whole cannot be read as a table of this data set.
    """
    _known(dataset, registers)
    return check_table(dataset, read_table(data, file_name, reading, limits), registers, today, mapping, coordinates)


def check_table(
    dataset: str,
    table: Table,
    registers: Registers,
    today: date,
    mapping: Mapping[str, str] | None = None,
    coordinates: str | None = None,
) -> Checked:
    """A table that is read already, checked as `check` does; after `edited` this is the check of mended rows."""
    name = _known(dataset, registers)
    if name == "enterprises":
        return check_enterprises(table, registers, today, mapping, coordinates)
    if name in _CHECKS:
        return _CHECKS[name](table, registers, today, mapping)
    return check_survey(table, registers, today, mapping, name)


def edited(table: Table, rows: pl.DataFrame) -> Table:
    """The table with some of its rows replaced.

    rows: line (of a row of the table) and the table's columns (String); lines that are not in it stay as they are, and
    so do columns. A cell without text is a blank one. What was told of the shape of a replaced row is told no more.
    """
    cells = (pl.col(name).cast(pl.String).fill_null("") for name in table.columns)
    mended = rows.select(pl.col(LINE).cast(pl.UInt32), *cells)
    mended = mended.unique(LINE, keep="last").join(table.frame.select(LINE), on=LINE, how="semi")
    kept = table.frame.join(mended, on=LINE, how="anti")
    lines = set(mended[LINE])
    problems = tuple(problem for problem in table.problems if problem.line not in lines)
    return replace(table, frame=pl.concat([kept, mended]).sort(LINE), problems=problems)


def fields_of(dataset: str, registers: Registers) -> tuple[Field, ...]:
    """The columns of a data set as a file may name them.

    Errors: IngestError unknown_dataset.
    """
    name = _known(dataset, registers)
    return _FIELDS[name] if name in _FIELDS else survey_fields(registers.items, questionnaire_of(name))


def questionnaire_of(dataset: str) -> str:
    """The questionnaire whose answers a data set of answers holds.

    >>> questionnaire_of("answers"), questionnaire_of("digitalisation")
    ('monthly', 'digitalisation')
    """
    return MONTHLY if dataset == "answers" else dataset


def _known(dataset: str, registers: Registers) -> str:
    """The data set's own name. Errors: IngestError unknown_dataset."""
    name, accepted = _ALSO_CALLED.get(dataset, dataset), datasets(registers)
    if name not in accepted:
        raise IngestError(Rule.UNKNOWN_DATASET, value=dataset, accepted=", ".join(("survey", *accepted)))
    return name


def recognised(table: Table, registers: Registers) -> str | None:
    """The data set whose columns a table's header fits best: fewest required columns missing, then most known.

    None when no data set knows any of the headers.
    """
    fits = []
    for place, name in enumerate(datasets(registers)):
        try:
            headers = match_headers(table, fields_of(name, registers))
        except IngestError:
            continue
        fits.append((len(headers.problems), -len(headers.titles), place, name))
    return min(fits)[3] if fits else None


def explained(rejected: pl.DataFrame, language: str) -> pl.DataFrame:
    """The problems of `Checked.rejected` in sentences.

    Columns out: line UInt32, column, value, rule, what, accepted, todo (String); the closest known spelling, where
    there is one, stands at the end of todo. Errors: TextError for an unknown language.
    """
    texts = messages()
    told = []
    for row in rejected.iter_rows(named=True):
        key = f"problem.{row['rule']}"
        what, accepted, todo = (texts.sentence(f"{key}.{part}", language, **row) for part in PARTS)
        if row["suggestion"]:
            between = "" if language == "zh" else " "
            todo += between + texts.sentence("report.closest", language, suggestion=row["suggestion"])
        told.append((row["line"], row["column"], row["value"], row["rule"], what, accepted, todo))
    names = ("line", "column", "value", "rule", "what", "accepted", "todo")
    schema = {name: pl.UInt32 if name == "line" else pl.String for name in names}
    return pl.DataFrame(told, schema=schema, orient="row")
