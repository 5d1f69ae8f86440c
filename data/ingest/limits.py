"""How large an uploaded file may be in every direction, so that no file can bring the product down.

A limit is a setting: the variable PARK_LIMIT_<NAME> takes the place of the value below.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from data.settings import SettingsError

PREFIX = "PARK_LIMIT_"


@dataclass(frozen=True)
class Limits:
    """The limits of one reading.

    file_bytes (PARK_LIMIT_FILE_BYTES): size of the file as sent. rows (PARK_LIMIT_ROWS): rows of data of a table.
    columns (PARK_LIMIT_COLUMNS): columns of a table. cell_chars (PARK_LIMIT_CELL_CHARS): characters of one cell, in a
    delimited file never more than 131,072.
    record_lines (PARK_LIMIT_RECORD_LINES): lines one quoted record may go over.
    unpacked_bytes (PARK_LIMIT_UNPACKED_BYTES): all parts of a workbook or archive unpacked. ratio (PARK_LIMIT_RATIO):
    unpacked to packed size of one part above 1 MB. zip_members (PARK_LIMIT_ZIP_MEMBERS): files in an archive.
    sheet_box (PARK_LIMIT_SHEET_BOX): rows x columns up to the last cell of a sheet. sheet_cells
    (PARK_LIMIT_SHEET_CELLS): cells of a sheet that are really there. seconds (PARK_LIMIT_SECONDS): processor time of
    the process that parses a workbook. memory_bytes (PARK_LIMIT_MEMORY_BYTES): its address space.

    >>> Limits().rows, Limits.from_environment({"PARK_LIMIT_ROWS": "5000"}).rows
    (1000000, 5000)
    """

    file_bytes: int = 64_000_000
    rows: int = 1_000_000
    columns: int = 2_000
    cell_chars: int = 65_536
    record_lines: int = 50
    unpacked_bytes: int = 400_000_000
    ratio: int = 200
    zip_members: int = 200
    sheet_box: int = 40_000_000
    sheet_cells: int = 10_000_000
    seconds: int = 20
    memory_bytes: int = 3_000_000_000

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Limits:
        """The limits as the PARK_LIMIT_* variables set them; unset or empty: the default.

        Errors: SettingsError names the variable, its value and what is accepted.

        >>> Limits.from_environment({"PARK_LIMIT_RATIO": "0"})
        Traceback (most recent call last):
        data.settings.SettingsError: PARK_LIMIT_RATIO=0: a limit is a whole number of at least 1, for example 200.
        """
        given = {name: text for name, value in environ.items() if (text := value.strip())}
        found: dict[str, int] = {}
        for limit in fields(cls):
            name = f"{PREFIX}{limit.name.upper()}"
            text = given.get(name, str(limit.default))
            if not (text.isascii() and text.isdigit() and int(text) >= 1):
                raise SettingsError(
                    f"{name}={text}: a limit is a whole number of at least 1, for example {limit.default}."
                )
            found[limit.name] = int(text)
        return cls(**found)
