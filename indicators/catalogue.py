"""What a method of the catalogue is: its columns, units, options and source, and how it is run on one CSV file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from indicators.frames import Column, Contract, require_named, typed

BY_NOTE = "columns that name the cells, with commas between"
"""What the option ``by`` means in every method that has it."""

BY_OUT = ("the columns of by", "as given")
"""The first columns out of a method with the option ``by``."""

_WORDS = {str: "text", int: "a whole number", float: "a number", tuple: "column names or values with commas between"}


class MethodError(ValueError):
    """No such method, no such option, or a value the option does not accept."""


@dataclass(frozen=True)
class Option:
    """An option of a method: its type, its default and what it means."""

    type: type
    default: object
    note: str
    required: bool = False


@dataclass(frozen=True)
class Method:
    """A method: what it computes, from which columns, with which options, into which columns.

    ``named`` maps an option that names columns to what those columns must hold; ``columns_in``
    lists them under the names the options have by default.
    """

    name: str
    summary: str
    function: Callable[..., pl.DataFrame]
    columns_in: Contract
    options: dict[str, Option]
    columns_out: tuple[tuple[str, str], ...]
    source: str
    named: Mapping[str, Column] = field(default_factory=dict)

    def contract(self, chosen: Mapping[str, object]) -> Contract:
        """The columns of the file, once the options have said which columns they name."""
        extra = [replace(like, name=name) for option, like in self.named.items() for name in _names(chosen[option])]
        usual = {name for option in self.named for name in _names(self.options[option].default)}
        known = usual | {column.name for column in extra}
        kept = [column for column in self.columns_in.columns if column.name not in known]
        return replace(self.columns_in, columns=(*kept, *extra))


def execute(
    methods: Mapping[str, Method], name: str, frame: pl.DataFrame, options: Mapping[str, object]
) -> pl.DataFrame:
    """The result of one of ``methods`` on a frame of text or of dtypes; see ``indicators.methods.run``."""
    method = methods.get(name)
    if method is None:
        raise MethodError(f"there is no method '{name}'; accepted: {', '.join(methods)}; choose one of them.")
    chosen = _chosen(method, options)
    contract = method.contract(chosen)
    require_named(frame, [column for option in method.named for column in _names(chosen[option])], contract)
    return method.function(typed(frame, contract), **chosen)


def _chosen(method: Method, options: Mapping[str, object]) -> dict[str, object]:
    unknown = [name for name in options if name not in method.options]
    if unknown:
        known = ", ".join(method.options) or "none"
        raise MethodError(f"{method.name} has no option '{unknown[0]}'; accepted: {known}; leave it out or correct it.")
    given = {name: _read(method, name, value) for name, value in options.items()}
    missing = [name for name, option in method.options.items() if option.required and given.get(name) is None]
    if missing:
        note = method.options[missing[0]].note
        raise MethodError(f"{method.name} needs the option '{missing[0]}' ({note}); give it.")
    return {name: option.default for name, option in method.options.items()} | given


def _read(method: Method, name: str, value: object) -> object:
    """The value of an option in its type; text is read, anything else is taken as it is."""
    option = method.options[name]
    if not isinstance(value, str) or option.type is str:
        return value
    text = value.strip()
    if option.type is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    try:
        if option.type is date:
            return date.fromisoformat(f"{text}-01" if len(text) == len("YYYY-MM") else text)
        return option.type(text)
    except ValueError:
        accepted = _WORDS.get(option.type, "a date written YYYY-MM or YYYY-MM-DD")
        problem = (
            f"{method.name}: option {name} '{value}' is not accepted; accepted: {accepted} ({option.note}); correct it."
        )
        raise MethodError(problem) from None


def _names(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(name) for name in value] if isinstance(value, tuple | list) else []
