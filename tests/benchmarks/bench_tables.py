"""How many messy tables are read with the right rows x columns without help, and how fast large files are read.

``nice .venv/bin/python tests/benchmarks/bench_tables.py`` prints Markdown. Readers that are not installed are left out
(`--peers FOLDER` adds a folder of packages). Cases: tables polluted here, whose shape is known; the example files
beside the repository where they are; and with `--folder FOLDER` any files listed in its truth.csv (file, rows, cols).
The last part reads 200,000 x 18 cells as CSV and as XLSX, each in a process of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import importlib.util
import io
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
EXAMPLES = ROOT.parent / "shared" / "csv_examples"
HEADER = ["填报单位", "园区名称", "所属区", "调查月份", "营业收入(万元)", "备注"]
ROWS, COLUMNS = 200_000, 18
Shape = tuple[int, int]
Case = tuple[str, bytes, Shape]


def survey(rows: int, seed: int = 3) -> list[list[str]]:
    """Rows of a made-up survey."""
    rnd = random.Random(seed)
    parks, districts = ["798艺术区", "首钢园", "751D·PARK", "竞园"], ["朝阳区", "石景山区"]
    notes = ["", "租金上涨", "订单减少", "新签约企业3家"]
    return [
        [
            f"R{i:04d}",
            rnd.choice(parks),
            rnd.choice(districts),
            f"2024-{i % 12 + 1:02d}",
            f"{i * 37}.5",
            rnd.choice(notes),
        ]
        for i in range(rows)
    ]


def written(rows: list[list[str]], mark: str, **options: object) -> str:
    """Rows as delimited text."""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=mark, lineterminator="\n", **options).writerows(rows)  # type: ignore[arg-type]
    return stream.getvalue()


def polluted(mark: str) -> Iterator[tuple[str, str, Shape]]:
    """One kind of mess after the other, as text, with the rows and columns that are really there."""
    rows = survey(12)
    plain = written([HEADER, *rows], mark)
    pad = mark * (len(HEADER) - 1)
    head, *body = plain.splitlines(keepends=True)
    lines = "".join(body)
    other = {",": ";", ";": ",", "\t": ",", "|": ","}[mark]
    shape = (12, 6)
    yield "clean", plain, shape
    yield "title", f"2026年10月景气调查\n{plain}", shape
    yield "title in a full row", f"2026年10月景气调查{pad}\n{plain}", shape
    yield "title, blank row, unit", f"景气调查\n\n单位：万元\n{plain}", shape
    yield "title of several cells", f"景气调查{mark}2026年\n{plain}", shape
    yield "remarks above", f"# made by the register\n# v2\n{plain}", shape
    yield "remark between", head + body[0] + "# checked\n" + "".join(body[1:]), shape
    yield "blank rows between", head + "\n".join(body), shape
    yield "rows of delimiters", head + body[0] + f"{pad}\n" * 3 + "".join(body[1:]), shape
    yield "blank rows around", f"\n\n{plain}\n\n\n", shape
    yield "CR LF", plain.replace("\n", "\r\n"), shape
    yield "CR", plain.replace("\n", "\r"), shape
    yield "no last line end", plain.rstrip("\n"), shape
    yield "all quoted", written([HEADER, *rows], mark, quoting=csv.QUOTE_ALL), shape
    yield "delimiter in cells", written([HEADER, *([*row[:5], f"a{mark} b{mark}c"] for row in rows)], mark), shape
    yield "line ends in cells", written([HEADER, *([*row[:5], "一\n二\n\n三"] for row in rows)], mark), shape
    yield "line ends in names", written([[f"{name}\n(必填)" for name in HEADER], *rows], mark), shape
    yield "quotes in cells", written([HEADER, *([*row[:5], 'a "b" c'] for row in rows)], mark), shape
    yield "quotes not doubled", head + "".join(line.replace("区", '"区"') for line in body), shape
    yield (
        "other delimiter in cells",
        written([HEADER, *([*row[:5], f"a{other}b{other}c"] for row in rows)], mark),
        shape,
    )
    yield "blanks after delimiters", plain.replace(mark, f"{mark} "), shape
    yield "separator line", f"sep={mark}\n{plain}", shape
    yield "one row", head + body[0], (1, 6)
    yield "two columns", written([row[:2] for row in [HEADER, *rows]], mark), (12, 2)
    yield (
        "wide",
        written([[f"n{i}" for i in range(60)], *([str(i) for i in range(60)] for _ in range(5))], mark),
        (5, 60),
    )
    yield (
        "years as names",
        written([["城市", *map(str, range(2015, 2025))], *(["北京", *"0123456789"] for _ in rows)], mark),
        (
            12,
            11,
        ),
    )
    yield "a name missing", written([["", *HEADER[1:]], *rows], mark), shape
    yield "thousands", written([HEADER, *([*row[:4], "1,234,567.5", ""] for row in rows)], mark), shape
    yield "decimal comma", written([HEADER, *([*row[:4], "1234,5", ""] for row in rows)], mark), shape
    yield (
        "dates and times",
        written([HEADER, *([*row[:3], "2024-03-01 12:30:00", *row[4:]] for row in rows)], mark),
        shape,
    )
    yield "a short row", head + body[0].rsplit(mark, 2)[0] + "\n" + "".join(body[1:]), shape
    yield "a long row", head + body[0].rstrip("\n") + f"{mark}{mark}\n" + "".join(body[1:]), shape
    yield "a stray NUL", plain.replace("首钢园", "首钢\x00园", 1), shape
    yield "long cells", head + lines.replace("订单减少", "很长" * 5_000), shape
    escaped = [mark.join([*row[:5], f"a\\{mark} b" if i % 2 else "c"]) + "\n" for i, row in enumerate(rows)]
    yield "backslash before delimiters", head + "".join(escaped), shape


def cases(folder: Path | None) -> Iterator[tuple[str, list[Case]]]:
    """Groups of cases."""
    texts = [(f"{name} {mark!r}", text, shape) for mark in ",;\t|" for name, text, shape in polluted(mark)]
    yield "polluted here", [(name, text.encode(), shape) for name, text, shape in texts]
    encodings = ("utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be")
    yield (
        "polluted here, encodings",
        [(f"{n} {e}", t.encode(e), s) for n, t, s in texts if "\x00" not in t for e in encodings],
    )
    if (EXAMPLES / "INDEX.csv").exists():
        yield "example files", [*listed(EXAMPLES, "INDEX.csv")]
    if folder:
        yield folder.name, [*listed(folder, "truth.csv")]


def listed(folder: Path, index: str) -> Iterator[Case]:
    """Files of a folder whose rows and columns are known; a first row of data counts as the names, as with readers."""
    with open(folder / index, encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["rows"] and row.get("expected", "ok") != "warn":
                rows = int(row["rows"]) - (row.get("header_lines") == "0")
                if rows:
                    yield row["file"], (folder / row["file"]).read_bytes(), (rows, int(row["cols"]))


def ours(data: bytes) -> tuple[Shape | None, bool]:
    """Shape and whether a person is asked; a refusal asks."""
    from data.ingest.problems import IngestError
    from data.ingest.table import read_table

    try:
        table = read_table(data, "file.csv")
    except IngestError:
        return None, True
    return (table.frame.height, len(table.header)), bool(table.questions)


def decoded(data: bytes) -> str:
    """Text by charset-normalizer, for the readers that need text."""
    import charset_normalizer

    best = charset_normalizer.from_bytes(data).best()
    return str(best) if best else data.decode("latin-1")


def shape_of(rows: Iterator[list[str]]) -> Shape:
    """Rows below the first one and its cells, blank rows left out."""
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    return len(kept) - 1, len(kept[0])


def by_sniffer(data: bytes) -> Shape:
    """csv.Sniffer."""
    text = decoded(data)
    return shape_of(csv.reader(io.StringIO(text, newline=""), csv.Sniffer().sniff(text[:100_000])))


def by_clevercsv(data: bytes) -> Shape:
    """CleverCSV, on the first 50,000 characters; the field limit it may leave lowered is put back."""
    import clevercsv

    text = decoded(data)
    try:
        found = clevercsv.Sniffer().sniff(text[:50_000])
        return shape_of(clevercsv.reader(io.StringIO(text, newline=""), found))
    finally:
        csv.field_size_limit(131_072)


def by_polars(data: bytes) -> Shape:
    """polars.read_csv as it is."""
    import polars as pl

    return pl.read_csv(data, infer_schema=False).shape


def by_pandas(data: bytes) -> Shape:
    """pandas.read_csv with a guessed separator and encoding."""
    import pandas as pd

    return pd.read_csv(io.StringIO(decoded(data)), sep=None, engine="python").shape


PEERS: dict[str, tuple[str, Callable[[bytes], Shape]]] = {
    "csv.Sniffer": ("csv", by_sniffer),
    "CleverCSV": ("clevercsv", by_clevercsv),
    "Polars": ("polars", by_polars),
    "pandas sep=None": ("pandas", by_pandas),
}


def judged(read: Callable[[bytes], Shape], data: bytes) -> tuple[Shape | None, bool]:
    """What a peer finds; an exception counts as asking."""
    try:
        return read(data), False
    except BaseException:
        return None, True


def compare(folder: Path | None, show: bool) -> None:
    """The table of shapes."""
    readers = {"this product": ours}
    for name, (module, read) in PEERS.items():
        if importlib.util.find_spec(module):
            readers[name] = lambda data, read=read: judged(read, data)  # type: ignore[misc]
    for group, members in cases(folder):
        print(
            f"\n### {group}: {len(members)} files\n\n| reader | right, unasked | asks or refuses | silently wrong | s |"
        )
        print("|---|---|---|---|---|")
        for name, read in readers.items():
            right = asks = wrong = 0
            began = time.perf_counter()
            for case, data, shape in members:
                found, asked = read(data)
                right += found == shape and not asked
                asks += asked
                wrong += found != shape and not asked
                if show and name == "this product" and (asked or found != shape):
                    print(f"<!-- {case}: {found} for {shape}{', asks' if asked else ''} -->")
            share = f"{right} ({100 * right / len(members):.1f} %)"
            print(f"| {name} | {share} | {asks} | {wrong} | {time.perf_counter() - began:.1f} |")


def large_files(folder: Path) -> None:
    """200,000 x 18 as CSV, GB18030 CSV, quoted CSV and XLSX."""
    import xlsxwriter

    rnd = random.Random(4)
    rows = [
        [
            *row,
            *(str(rnd.randint(0, 99_999)) for _ in range(COLUMNS - len(row) - 1)),
            "回款慢,租金上涨" if i % 50 == 0 else "",
        ]
        for i, row in enumerate(survey(ROWS))
    ]
    names = [*HEADER, *(f"n{i}" for i in range(COLUMNS - len(HEADER)))]
    text = written([names, *rows], ",")
    (folder / "plain.csv").write_text(text, encoding="utf-8")
    (folder / "gb18030.csv").write_bytes(text.encode("gb18030"))
    (folder / "quoted.csv").write_text(written([names, *rows], ",", quoting=csv.QUOTE_ALL), encoding="utf-8")
    with xlsxwriter.Workbook(folder / "book.xlsx", {"constant_memory": True, "strings_to_numbers": True}) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate([names, *rows]):
            sheet.write_row(line, 0, row)


def speed(repeats: int) -> None:
    """The table of times and memory; the peak is that of the process and the one that parses a workbook together."""
    print(
        f"\n### {ROWS:,} x {COLUMNS}, median of {repeats}\n\n| file | MB | s | processor s | peak MB |\n"
        "|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(
            [sys.executable, __file__, "--make", str(folder)], check=True
        )  # its memory would count as theirs
        for path in sorted(folder.iterdir()):
            command = [sys.executable, __file__, "--one", str(path)]
            runs = [json.loads(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(repeats)]
            wall, cpu, peak = (statistics.median(run[key] for run in runs) for key in ("wall", "cpu", "peak"))
            print(f"| {path.name} | {path.stat().st_size / 1e6:.1f} | {wall:.2f} | {cpu:.2f} | {peak:.0f} |")


def watch(together: list[float]) -> None:
    """Note again and again the memory of this process and its children together, MB."""
    own = f"/proc/{os.getpid()}"
    while os.path.exists(own):
        with contextlib.suppress(OSError):
            tasks = Path(own, "task").iterdir()
            children = [child for task in tasks for child in (task / "children").read_text().split()]
            pages = [
                Path("/proc", process, "statm").read_text().split()[1] for process in (str(os.getpid()), *children)
            ]
            together.append(sum(map(int, pages)) * resource.getpagesize() / 2**20)
        time.sleep(0.01)


def measure(path: Path) -> None:
    """Read one file in this process and print what it took."""
    from data.ingest.table import read_table

    data = path.read_bytes()
    together: list[float] = [0.0]
    threading.Thread(target=watch, args=(together,), daemon=True).start()
    wall, cpu = time.perf_counter(), time.process_time()
    table = read_table(data, path.name)
    taken = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    assert table.frame.shape == (ROWS, COLUMNS + 1), table.frame.shape
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken["cpu"] += child.ru_utime + child.ru_stime
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**taken, "peak": max(own, *together)}))


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="further files, with a truth.csv")
    parser.add_argument("--peers", type=Path, help="a folder of packages to compare with")
    parser.add_argument("--show", action="store_true", help="name the cases that ask or are wrong")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", choices=["shapes", "speed"])
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        measure(options.one)
        return
    if options.make:
        large_files(options.make)
        return
    if options.peers:
        sys.path.append(str(options.peers))
    warnings.simplefilter("ignore")
    if options.only != "speed":
        compare(options.folder, options.show)
    if options.only != "shapes":
        speed(options.repeats)


if __name__ == "__main__":
    main()
