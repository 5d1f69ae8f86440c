"""Programme rows: the series of events an organiser runs, kept as a register that grows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from data.ingest.headers import Field, match_headers
from data.ingest.problems import Rule
from data.ingest.registers import Lookup, Registers
from data.ingest.row_rules import NAMES, RETIRED, SOURCE, check_retirement, refuse_taken_names, require_a_name
from data.ingest.rows import Checked, Rows, accepted_frame, read_fields
from data.ingest.survey import SYNTHETIC
from data.ingest.table import Table

PROGRAMME_FIELDS = (
    Field("programme_id", "id", required=True, aliases=("栏目编号", "栏目ID", "栏目代码", "programme id")),
    Field("name_zh", "text", aliases=("栏目名称", "中文名称", "programme name")),
    Field("name_en", "text", aliases=("英文名称", "english name")),
    Field("organiser", "text", aliases=("主办方", "主办单位", "组织方")),
    SOURCE,
    *RETIRED,
    SYNTHETIC,
)


def check_programmes(
    table: Table, registers: Registers, today: date, mapping: Mapping[str, str] | None = None
) -> Checked:
    """Programmes of a table.

    Columns out: programme_id, name_zh, name_en (at least one of the two names), organiser, source_title, retired_on
    (Date, with its reason), retired_reason, is_synthetic. Missing: null. A name that another programme has is a
    problem: events name their programme by it. Errors: IngestError header_not_found.
    """
    lookup = Lookup(registers)
    rows = Rows(table, match_headers(table, PROGRAMME_FIELDS, one_of=(NAMES,), mapping=mapping))
    values = read_fields(rows, PROGRAMME_FIELDS, lookup, today)
    rows.report_doubled(values.select("programme_id"), "programme_id", Rule.DOUBLED_ID)
    require_a_name(rows)
    refuse_taken_names(rows, "programme_id", lambda name: lookup.named("programmes", name))
    check_retirement(rows)
    return rows.checked("programmes", accepted_frame(rows, PROGRAMME_FIELDS))
