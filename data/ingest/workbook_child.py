"""The process that parses a workbook: a parser that dies of a hostile file takes nobody with it.

Run as a script with the workbook as its standard input, by `data.ingest.workbook`. Arguments: bytes of address space,
seconds of processor time, name of the sheet or nothing, and letters: m when merged cells matter, d when days count from
1904. On its standard output a line of JSON, then the cells of the sheet as an Arrow stream of text columns.
"""

from __future__ import annotations

import contextlib
import json
import sys
from datetime import date, datetime
from typing import Any

WORKBOOK = "/dev/stdin"
LEAST_ROWS, LEAST_COLUMNS = 2, 2
MOST_ERRORS = 100_000


def main(memory: int, seconds: int, wanted: str, flags: str) -> None:
    """Parse the workbook on standard input and write one sheet of it to standard output."""
    limit_itself(memory, seconds)
    import fastexcel

    try:
        reader = fastexcel.read_excel(WORKBOOK)
    except fastexcel.FastExcelError as why:
        tell({"error": "password" if "assword" in str(why) else "damaged"})
        return
    names = list(reader.sheet_names)
    if wanted and wanted not in names:
        tell({"error": "sheet", "sheets": names})
        return
    sheet, others = chosen(reader, [wanted] if wanted else names)
    if sheet is None:
        tell({"error": "empty", "sheets": names})
        return
    cells, errors = sheet.to_arrow_with_errors()
    found = [(*error.position, error.detail) for error in errors.errors[:MOST_ERRORS]] if errors else []
    facts = {"sheets": names, "sheet": sheet.name, "others": others, "errors": found, "merged": [], "left": 0}
    if flags:
        same = second_reading(sheet.name)
        facts |= {"merged": list(same.merged_cell_ranges or []), "left": same.start[1] if same.start else 0}
        if "d" in flags:
            cells = with_days(cells, same, facts["left"])
    tell(facts)
    import pyarrow as pa  # type: ignore[import-untyped]

    with pa.ipc.new_stream(sys.stdout.buffer, cells.schema) as stream:
        stream.write_batch(cells)


def limit_itself(memory: int, seconds: int) -> None:
    """Take at most so much address space and processor time, where the system can see to that."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def chosen(reader: Any, names: list[str]) -> tuple[Any, list[str]]:
    """The visible sheet with the most cells, and the names of others that could be meant; hidden ones come last."""
    best, best_rank, plausible = None, (False, 0), []
    for name in names:
        try:
            sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        except Exception:  # a chart or a dialogue is no sheet of cells; the reader has one error for many reasons
            continue
        seen, size = sheet.visible == "visible", sheet.height * sheet.width
        if seen and sheet.height >= LEAST_ROWS and sheet.width >= LEAST_COLUMNS:
            plausible.append(name)
        if size and (best is None or (seen, size) > best_rank):
            best, best_rank = sheet, (seen, size)
    return best, [name for name in plausible if best is not None and name != best.name]


def second_reading(name: str) -> Any:
    """The sheet by the other reader, which knows merged cells and counts days from 1904 where the workbook says so."""
    import python_calamine

    with open(WORKBOOK, "rb") as stream:
        return python_calamine.CalamineWorkbook.from_filelike(stream).get_sheet_by_name(name)


def with_days(cells: Any, sheet: Any, left: int) -> Any:
    """The cells with the days of the other reader; the first one is four years early in some of these workbooks."""
    import pyarrow as pa

    columns = [column.to_pylist() for column in cells.columns]
    for row, values in enumerate(sheet.to_python(skip_empty_area=False)):
        for place, value in enumerate(values[left : left + len(columns)]):
            if isinstance(value, date):
                moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
                columns[place][row] = moment.strftime("%Y-%m-%d %H:%M:%S")
    return pa.RecordBatch.from_arrays([pa.array(column, pa.string()) for column in columns], schema=cells.schema)


def tell(facts: dict[str, Any]) -> None:
    """Write the facts as one line."""
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4])
