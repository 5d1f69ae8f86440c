"""How a source is shown where it can be opened: links in a sentence, link columns in a table. No Streamlit in here."""

from __future__ import annotations

import re

import polars as pl

from data import registry
from data.registry import Citation, RegistryError

MOST_LINKS = 3
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~$])")


def escaped(text: str) -> str:
    r"""The text as Markdown that shows it letter by letter.

    >>> escaped("a_b [c] $5")
    'a\\_b \\[c\\] \\$5'
    """
    return _MARKS.sub(r"\\\1", text)


def citations(title: str | None, url: str | None) -> tuple[Citation, ...]:
    """The sources of a row one by one; an uploaded row whose titles and addresses do not match is one source.

    >>> citations("A | B", "https://a.example")
    (Citation(title='A | B', url='https://a.example'),)
    """
    if not title:
        return ()
    try:
        return registry.citations(title, url)
    except RegistryError:
        return (Citation(title, url),)


def address(url: str | None) -> str | None:
    """The address if a browser can open it.

    >>> address("https://a.example/x"), address("seed:003.txt"), address(None)
    ('https://a.example/x', None, None)
    """
    return url if url and re.match(r"https?://", url) else None


def cited(title: str | None, url: str | None, publisher: str | None = None) -> str:
    """The sources as Markdown: a link where there is an address, else the title with its publisher.

    >>> cited("Yearbook | Radio", "https://a.example/(x) | ", "City"), cited("Radio", None, "City")
    ('[Yearbook](https://a.example/%28x%29) · Radio', 'Radio (City)')
    """
    found = citations(title, url)
    by = f" ({escaped(publisher)})" if publisher and len(found) == 1 and publisher not in (title or "") else ""
    parts = []
    for one in found:
        target = address(one.url)
        safe = target.replace("(", "%28").replace(")", "%29").replace(" ", "%20") if target else ""
        parts.append(f"[{escaped(one.title)}]({safe})" if target else escaped(one.title))
    return " · ".join(parts) + by


def with_links(rows: pl.DataFrame, prefix: str) -> pl.DataFrame:
    """The rows (source_title, source_url) with one column per address: `prefix` 1, 2 …, as many as any row has.

    A row without an address has empty cells; without rows or addresses there is one empty column.
    """
    found = [
        [target for one in citations(title, url) if (target := address(one.url))][:MOST_LINKS]
        for title, url in rows.select("source_title", "source_url").iter_rows()
    ]
    width = max(1, *map(len, found)) if found else 1
    names = [prefix] if width == 1 else [f"{prefix} {place + 1}" for place in range(width)]
    cells = {name: [row[place] if place < len(row) else None for row in found] for place, name in enumerate(names)}
    return rows.with_columns(pl.Series(name, values, dtype=pl.String) for name, values in cells.items())
