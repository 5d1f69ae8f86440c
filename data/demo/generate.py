"""Write the demonstration files: seeded, so the same seed and registers give the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from data import registry
from data.demo.enterprises import ENTERPRISE_COLUMNS, enterprise_rows
from data.demo.events import EVENT_COLUMNS, event_rows
from data.demo.exchange import (
    FOLLOWUP_COLUMNS,
    NEED_COLUMNS,
    OFFER_COLUMNS,
    PARTNER_COLUMNS,
    followup_rows,
    need_rows,
    offer_rows,
    partner_rows,
    state_signed,
)
from data.demo.parks import PARK_COLUMNS, DemoPark, demo_parks, sample_parks
from data.demo.registers import (
    MEMBER_COLUMNS,
    PUBLICATION_COLUMNS,
    SCORECARD_COLUMNS,
    member_rows,
    publication_rows,
    scorecard_rows,
)
from data.demo.special import SURVEYS, special_rows
from data.demo.survey import ITEMS, survey_rows

SEED = 20220101
SURVEY_KEYS = ("月份", "园区编号", "园区名称")
SURVEY_MARK = "合成数据"


def generate(folder: Path, seed: int = SEED) -> None:
    """Write the demonstration files into the folder: parks, surveys, events, enterprises and the other registers.

    Reads the shipped registers (parks, districts, questionnaires, scales). UTF-8, comma, LF; survey_2026-11.csv,
    made to be opened and uploaded by a person, starts with a byte order mark for spreadsheets. Every row is marked
    synthetic. Existing files are replaced. Errors: OSError when the folder cannot be written.
    Source: data/demo/README.md.
    """
    folder.mkdir(parents=True, exist_ok=True)
    register = registry.parks()
    samples = sample_parks(register, registry.districts(), seed)
    parks = demo_parks(register, samples)
    names = dict(registry.survey_items().select("item_id", "name_zh").iter_rows())
    survey, following = survey_rows(parks, names, seed)
    columns = (*SURVEY_KEYS, *(names[item_id] for item_id in ITEMS), SURVEY_MARK)
    _write(folder / "parks.csv", PARK_COLUMNS, samples)
    _write(folder / "survey.csv", columns, survey)
    _write(folder / "survey_2026-11.csv", columns, following, encoding="utf-8-sig")
    for questionnaire_id in SURVEYS:
        _write_special(folder, questionnaire_id, parks, seed)
    programmes = dict(registry.programmes().select("programme_id", "name_zh").iter_rows())
    events = event_rows(parks, programmes, seed)
    _write_registers(folder, [row["park_id"] for row in samples], events, seed)
    _write(folder / "events.csv", EVENT_COLUMNS, events)
    _write(folder / "enterprises.csv", ENTERPRISE_COLUMNS, enterprise_rows(parks, seed))


def _write_registers(folder: Path, park_ids: Sequence[str], events: Sequence[dict[str, str]], seed: int) -> None:
    """The registers kept by hand; whatever speaks of a park speaks of an invented one.

    The events at which a follow-up was signed are given their number of cooperations.
    """
    partners, needs = partner_rows(seed), need_rows(park_ids, seed)
    offers = offer_rows(partners, seed)
    _write(folder / "members.csv", MEMBER_COLUMNS, member_rows(seed))
    _write(folder / "partners.csv", PARTNER_COLUMNS, partners)
    _write(folder / "offers.csv", OFFER_COLUMNS, offers)
    _write(folder / "needs.csv", NEED_COLUMNS, needs)
    followups = followup_rows(needs, offers, events, seed)
    state_signed(events, followups)
    _write(folder / "followups.csv", FOLLOWUP_COLUMNS, followups)
    _write(folder / "publications.csv", PUBLICATION_COLUMNS, publication_rows(seed))
    _write(folder / "scorecards.csv", SCORECARD_COLUMNS, scorecard_rows(park_ids, seed))


def _write_special(folder: Path, questionnaire_id: str, parks: Sequence[DemoPark], seed: int) -> None:
    items = registry.survey_items(questionnaire_id).sort("position")
    names = dict(items.select("item_id", "name_zh").iter_rows())
    answers = items.select("item_id", "scale_id").join(registry.answer_scales(), on="scale_id")
    labels = {(item, code): label for item, code, label in answers.select("item_id", "answer", "label_zh").iter_rows()}
    rows = special_rows(questionnaire_id, parks, names, labels, seed)
    _write(folder / f"survey_{questionnaire_id}.csv", (*SURVEY_KEYS, *names.values(), SURVEY_MARK), rows)


def _write(path: Path, columns: Sequence[str], rows: Sequence[dict[str, str]], encoding: str = "utf-8") -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
