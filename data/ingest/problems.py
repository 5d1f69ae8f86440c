"""What can be wrong with an uploaded file: the rules by name, and how a problem or a remark is carried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from data.text import messages

PARTS = ("what", "accepted", "todo")
VALUES = ("line", "column", "value", "suggestion", "accepted", "limit")


class Rule(StrEnum):
    """Every rule a file, a header, a row or a cell can break, with three sentences at `problem.<rule>`."""

    EMPTY_FILE = "empty_file"
    FILE_TOO_LARGE = "file_too_large"
    BINARY_FILE = "binary_file"
    WRONG_ENCODING = "wrong_encoding"
    NOT_A_TABLE = "not_a_table"
    HEADER_NOT_FOUND = "header_not_found"
    OPEN_QUOTE = "open_quote"
    CELL_TOO_LONG = "cell_too_long"
    TOO_MANY_COLUMNS = "too_many_columns"
    TOO_MANY_ROWS = "too_many_rows"
    NO_ROWS = "no_rows"
    DAMAGED_ARCHIVE = "damaged_archive"
    FORGED_ARCHIVE = "forged_archive"
    ENCRYPTED_FILE = "encrypted_file"
    MACROS = "macros"
    UNPACKED_TOO_LARGE = "unpacked_too_large"
    SHEET_TOO_LARGE = "sheet_too_large"
    UNREADABLE_WORKBOOK = "unreadable_workbook"
    UNKNOWN_SHEET = "unknown_sheet"
    UNSAFE_NAME = "unsafe_name"
    NESTED_ARCHIVE = "nested_archive"
    TOO_MANY_FILES = "too_many_files"
    CELL_ERROR = "cell_error"
    UNKNOWN_DATASET = "unknown_dataset"
    MISSING_HEADER = "missing_header"
    DOUBLED_HEADER = "doubled_header"
    SHORT_ROW = "short_row"
    LONG_ROW = "long_row"
    MISSING_VALUE = "missing_value"
    BAD_MONTH = "bad_month"
    FUTURE_MONTH = "future_month"
    BAD_DATE = "bad_date"
    FUTURE_DATE = "future_date"
    TWO_DIGIT_YEAR = "two_digit_year"
    SERIAL_DATE = "serial_date"
    BAD_NUMBER = "bad_number"
    NOT_WHOLE_NUMBER = "not_whole_number"
    NEGATIVE_NUMBER = "negative_number"
    NUMBER_TOO_LARGE = "number_too_large"
    BAD_YES_NO = "bad_yes_no"
    BAD_CHOICE = "bad_choice"
    BAD_ID = "bad_id"
    TEXT_TOO_LONG = "text_too_long"
    BAD_ANSWER = "bad_answer"
    ITEM_NOT_ASKED = "item_not_asked"
    EMPTY_ROW_ANSWERS = "empty_row_answers"
    UNKNOWN_PARK = "unknown_park"
    PARK_ID_NAME_CONFLICT = "park_id_name_conflict"
    DOUBLED_PARK_MONTH = "doubled_park_month"
    DOUBLED_ID = "doubled_id"
    UNKNOWN_PROGRAMME = "unknown_programme"
    UNKNOWN_CITY = "unknown_city"
    UNKNOWN_DISTRICT = "unknown_district"
    DISTRICT_OF_OTHER_CITY = "district_of_other_city"
    BAD_COORDINATE = "bad_coordinate"
    HALF_POSITION = "half_position"
    BAD_COORD_SYSTEM = "bad_coord_system"
    UNKNOWN_INDUSTRY = "unknown_industry"
    CLOSED_BEFORE_OPENED = "closed_before_opened"
    COORD_SYSTEM_NOT_AGREED = "coord_system_not_agreed"
    MIXED_COORD_SYSTEMS = "mixed_coord_systems"
    BAD_CODE = "bad_code"
    MIXED_CODE_DEPTH = "mixed_code_depth"
    PLACEHOLDER_DATE = "placeholder_date"
    LEFT_BEFORE_JOINED = "left_before_joined"
    BAD_PERIOD = "bad_period"
    BAD_URL = "bad_url"
    STRAIGHT_LINE = "straight_line"
    LASTING_STRAIGHT_LINE = "lasting_straight_line"
    BALANCE_JUMP = "balance_jump"
    UNUSUAL_BALANCE = "unusual_balance"
    FIRST_ANSWER = "first_answer"
    TENFOLD_CHANGE = "tenfold_change"
    EVENT_TWICE = "event_twice"
    BAD_TIME = "bad_time"
    BAD_YEAR = "bad_year"
    ENDS_BEFORE_START = "ends_before_start"
    PLANNED_WITH_RESULTS = "planned_with_results"
    RETIRED_PROGRAMME = "retired_programme"
    PARK_ELSEWHERE = "park_elsewhere"
    FUNNEL_WIDENS = "funnel_widens"
    MODE_AND_PEOPLE = "mode_and_people"
    RETIRED_WITHOUT_REASON = "retired_without_reason"
    NAME_TAKEN = "name_taken"
    UNKNOWN_PARTNER = "unknown_partner"
    UNKNOWN_OFFER = "unknown_offer"
    UNKNOWN_NEED = "unknown_need"
    BACK_FROM_SIGNED = "back_from_signed"
    DOCUMENT_WITHOUT_SOURCE = "document_without_source"
    DOUBLED_PUBLICATION = "doubled_publication"
    SHARES_ABOVE_WHOLE = "shares_above_whole"
    SHARES_OF_ONE = "shares_of_one"


class IngestError(Exception):
    """The whole file is refused: `.rule` names the rule, `.key` its sentences, `.values` what goes into them.

    The values always have line, column, value, limit, accepted and suggestion (None where they do not apply).
    """

    def __init__(self, rule: Rule, **values: object) -> None:
        super().__init__(rule, values)
        self.rule = rule
        self.key = f"problem.{rule}"
        self.values: dict[str, object] = {**dict.fromkeys(VALUES), **values}

    def sentence(self, language: str) -> str:
        """What is wrong, what would be accepted, what to do: one paragraph in the language asked for."""
        between = "" if language == "zh" else " "
        return between.join(messages().sentence(f"{self.key}.{part}", language, **self.values) for part in PARTS)

    def __str__(self) -> str:
        return self.sentence("en")


class Refused(Exception):
    """One cell is not accepted: the rule, the closest accepted spelling, and what would be accepted."""

    def __init__(self, rule: Rule, suggestion: str = "", accepted: str = "") -> None:
        super().__init__(rule)
        self.rule = rule
        self.suggestion = suggestion
        self.accepted = accepted


@dataclass(frozen=True)
class Unsure:
    """A value that is read with a reservation: a warning of this rule goes with it, the reading as suggestion."""

    value: Any
    rule: Rule
    suggestion: str = ""
    accepted: str = ""


class Problem(NamedTuple):
    """One problem: line of the file, column as the file names it, value as written, rule."""

    line: int
    column: str
    value: str
    rule: Rule
    suggestion: str = ""
    accepted: str = ""


@dataclass(frozen=True)
class Note:
    """A remark that stops nothing: `key` is a dotted text key, `values` what goes into the sentence."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        """The remark as a sentence."""
        return messages().sentence(self.key, language, **self.values)
