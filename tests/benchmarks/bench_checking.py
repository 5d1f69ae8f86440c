"""How long a file of 200,000 enterprises in 18 columns takes to check, beside pandera and frictionless.

    python tests/benchmarks/bench_checking.py [--peers PYTHON] [--rows 200000] [--runs 5]

The file is generated with a fixed seed and 2,400 seeded errors of 24 kinds in 2,400 rows. Ours is the public `check`,
from bytes to Checked; the peers get the same file and, as far as they can say them, the same rules, without the typed
rows and suggestions that are part of `Checked`. pandera runs twice: with rules for the spellings that happen to be in
the file only ("pandera, plain": ISO days, plain digits, one word for yes), and with rules that accept what ours
accept ("pandera": full-width digits, thousands marks, 万 and 亿, percent, five ways to write a day, Chinese and English
words, parks by id or name), for which the cells are first cleaned by Polars expressions, as its users do. Every
engine runs in a process of its own, which tells its times and its peak memory (ru_maxrss), imports included; what it
found is compared with the seeded errors at (line, column, raw value). PYTHON is an interpreter that has polars,
pandera[polars] and frictionless; a peer that is not installed there is left out. It prints a Markdown table.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 22)
N_ERRORS = 2_400
COLUMNS = (
    "enterprise_id", "name", "city_id", "district_code", "lon", "lat", "coord_system", "industry_code",
    "industry_scheme", "culture_code", "park_id", "opened_on", "closed_on", "employees", "status", "is_synthetic",
    "remark", "telephone",
)  # fmt: skip
BOX = (115.3, 39.3, 117.7, 41.2)
STATUSES = ("active", "closed", "vacant", "unknown")
Found = set[tuple[int, str, str]]
# kind of error: the column it is found in, and what it makes of a row (row, chance) -> value of that column
KINDS: dict[str, tuple[str, Callable[[dict[str, str], random.Random], str]]] = {
    "missing id": ("enterprise_id", lambda row, draw: ""),
    "id as number": ("enterprise_id", lambda row, draw: f"{draw.randint(1, 9)}.{draw.randint(10000, 99999)}E+11"),
    "doubled id": ("enterprise_id", lambda row, draw: row["enterprise_id"]),
    "name too long": ("name", lambda row, draw: "长" * 501),
    "missing city": ("city_id", lambda row, draw: "-"),
    "unknown city": ("city_id", lambda row, draw: f"atlantis{draw.randint(0, 99)}"),
    "unknown district": ("district_code", lambda row, draw: f"99{draw.randint(1000, 9999)}"),
    "district elsewhere": ("district_code", lambda row, draw: "310107"),
    "lon no number": ("lon", lambda row, draw: row["lon"] + "°"),
    "lon missing": ("lon", lambda row, draw: ""),
    "lon outside": ("lon", lambda row, draw: f"{draw.uniform(80, 100):.5f}"),
    "lat outside": ("lat", lambda row, draw: f"{draw.uniform(20, 30):.5f}"),
    "no coordinate system": ("coord_system", lambda row, draw: "无"),
    "unknown coordinate system": ("coord_system", lambda row, draw: "UTM 50N"),
    "unknown industry": ("industry_code", lambda row, draw: draw.choice(["99", "Z9", "???"])),
    "unknown culture class": ("culture_code", lambda row, draw: draw.choice(["77", "x"])),
    "unknown park": ("park_id", lambda row, draw: f"没有的园区{draw.randint(0, 9999)}"),
    "no day": ("opened_on", lambda row, draw: draw.choice(["2021-02-30", "not known", "2021-13-01"])),
    "day to come": ("opened_on", lambda row, draw: f"20{draw.randint(27, 60)}-01-15"),
    "closed before opened": ("closed_on", lambda row, draw: f"{draw.randint(1950, 1999)}-05-05"),
    "not whole": ("employees", lambda row, draw: f"{draw.randint(1, 99)}.5"),
    "negative": ("employees", lambda row, draw: f"-{draw.randint(1, 99)}"),
    "unknown status": ("status", lambda row, draw: draw.choice(["gone", "moved?", "活跃吗"])),
    "neither yes nor no": ("is_synthetic", lambda row, draw: draw.choice(["maybe", "2"])),
}  # fmt: skip


def file_with_errors(folder: Path, n_rows: int) -> tuple[Path, Found, dict[str, Any]]:
    """The file, its errors at (line, column, value), and the codes a peer needs for its rules."""
    sys.path.insert(0, str(ROOT))
    known = registers_known()
    draw = random.Random(11)
    rows = [good_row(number, known, draw) for number in range(n_rows)]
    errors: Found = set()
    chosen = draw.sample(range(n_rows), N_ERRORS)
    kinds = [kind for kind in KINDS for _ in range(N_ERRORS // len(KINDS))]
    for kind, at in zip(kinds, chosen, strict=True):
        column, value = KINDS[kind]
        rows[at][column] = value(rows[at], draw)
        errors.add((at + 2, column, rows[at][column]))
    doubled = [at for kind, at in zip(kinds, chosen, strict=True) if kind == "doubled id"]
    for first, second in zip(doubled[::2], doubled[1::2], strict=True):
        errors.discard((second + 2, "enterprise_id", rows[second]["enterprise_id"]))
        rows[second]["enterprise_id"] = rows[first]["enterprise_id"]
        errors.add((second + 2, "enterprise_id", rows[second]["enterprise_id"]))
    path = folder / "enterprises.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path, errors, known


def registers_known() -> dict[str, Any]:
    """The codes a row may have."""
    from data import registry

    beijing = pl.col("city_id") == "beijing"
    districts = registry.districts().filter(pl.col("level") == "district")
    return {
        "park_id": registry.parks().filter(beijing)["park_id"].to_list(),
        "district_code": districts.filter(beijing)["district_code"].to_list(),
        "all_districts": registry.districts()["district_code"].to_list(),
        "city_id": registry.districts()["city_id"].unique().to_list(),
        "industry_code": ["59", "65", "71", "72", "74", "75", "87", "88", "90"],
        "culture_code": [f"0{number}" for number in range(1, 10)],
        **spellings_known(),
    }


def spellings_known() -> dict[str, Any]:
    """Words for a missing value, and for columns of words each accepted spelling in small letters with its meaning."""
    from data import registry
    from data.ingest.enterprises import BY_NAME
    from data.ingest.registers import CITY_NAMES
    from data.ingest.values import MISSING, NO, YES

    def named(frame: pl.DataFrame, key: str) -> dict[str, str]:
        cells = ((row[key], row[name]) for row in frame.to_dicts() for name in (key, "name_zh", "name_en"))
        return {text.lower(): code for code, text in cells if text}

    spelt: dict[str, dict[str, str]] = {
        name: {word.lower(): value for value, words in BY_NAME[name].choices.items() for word in (value, *words)}
        for name in ("coord_system", "industry_scheme", "status")
    }
    spelt["is_synthetic"] = dict.fromkeys(YES, "是") | dict.fromkeys(NO, "否")
    spelt["city_id"] = {word.lower(): city for city, words in CITY_NAMES.items() for word in (city, *words)}
    spelt["park_id"] = named(registry.parks(), "park_id")
    spelt["district_code"] = named(registry.districts(), "district_code")
    return {"missing": sorted(MISSING), "spelt": spelt}


def good_row(number: int, known: dict[str, Any], draw: random.Random) -> dict[str, str]:
    """A row that every engine accepts."""
    opened = date(2000, 1, 2) + timedelta(days=draw.randrange(9_000))
    closed = draw.random() < 0.1
    return {
        "enterprise_id": f"E{number:07d}",
        "name": f"文化创意公司{number:06d}号",
        "city_id": "beijing",
        "district_code": draw.choice(known["district_code"]),
        "lon": f"{draw.uniform(116.0, 117.0):.5f}",
        "lat": f"{draw.uniform(39.6, 40.4):.5f}",
        "coord_system": "WGS84",
        "industry_code": draw.choice(known["industry_code"]),
        "industry_scheme": "GB/T 4754-2017",
        "culture_code": draw.choice(known["culture_code"]),
        "park_id": draw.choice(known["park_id"]) if draw.random() < 0.6 else "",
        "opened_on": opened.isoformat(),
        "closed_on": (opened + timedelta(days=draw.randrange(1, 700))).isoformat() if closed else "",
        "employees": str(draw.randrange(0, 900)),
        "status": "closed" if closed else draw.choice(STATUSES),
        "is_synthetic": "是",
        "remark": "",
        "telephone": f"010-{number:08d}",
    }


# ---- the engines, each in a process of its own -----------------------------------------------------------------------


def ours(path: Path, known: dict[str, Any]) -> Callable[[], Found]:
    """The public `check` from bytes on."""
    sys.path.insert(0, str(ROOT))
    from data import registry
    from data.ingest import Registers, check

    registers = Registers(
        parks=registry.parks(),
        items=registry.questionnaire_items(),
        answers=registry.answer_scales(),
        programmes=registry.programmes(),
        districts=registry.districts(),
        industries=registry.industries(),
    )

    def run() -> Found:
        checked = check("enterprises", path.read_bytes(), path.name, registers, TODAY)
        assert checked.n_accepted + checked.rejected_rows.height == checked.n_rows
        return set(checked.rejected.select("line", "column", "value").iter_rows())

    return run


def columns_cast() -> list[pl.Expr]:
    """Typed columns beside the raw ones: what a peer needs so that one bad cell does not hide the others."""
    numbers = [pl.col(name).cast(pl.Float64, strict=False) for name in ("lon", "lat", "employees")]
    days = [pl.col(name).str.to_date("%Y-%m-%d", strict=False) for name in ("opened_on", "closed_on")]
    return [typed.name.suffix(":typed") for typed in (*numbers, *days)]


WORDS = ("coord_system", "industry_scheme", "status", "is_synthetic", "city_id", "park_id", "district_code")
NUMBERS, DAYS = ("lon", "lat", "employees"), ("opened_on", "closed_on")
DAY_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日")


def cells_cleaned(known: dict[str, Any]) -> list[list[pl.Expr]]:
    """The spellings that ours accept, step by step as Polars expressions: a step names what the one before has made."""
    text = [pl.col(name).str.normalize("NFKC").str.strip_chars() for name in COLUMNS]
    said = pl.col(COLUMNS).str.to_lowercase().is_in(known["missing"])
    spelt = [pl.col(name).str.to_lowercase().replace(known["spelt"][name]).alias(name) for name in WORDS]
    amount = {
        name: pl.col(name).str.replace_all("[, ]", "").str.replace(r"^\((.*)\)$", "-$1").alias(name) for name in NUMBERS
    }
    unit = [(pl.col(name).str.extract("([万亿%])$"), pl.col(name).str.strip_chars_end("万亿%")) for name in NUMBERS]
    factor = {"万": 1e4, "亿": 1e8, "%": 0.01}
    typed = [
        (digits.cast(pl.Float64, strict=False) * mark.replace_strict(factor, default=1.0)).name.suffix(":typed")
        for mark, digits in unit
    ]
    days = [
        pl.coalesce(pl.col(name).str.to_date(form, strict=False) for form in DAY_FORMATS).alias(f"{name}:typed")
        for name in DAYS
    ]
    return [text, [pl.when(~said).then(pl.col(COLUMNS))], [*spelt, *amount.values()], [*typed, *days]]


def pandera(path: Path, known: dict[str, Any]) -> Callable[[], Found]:
    """pandera with the spellings that ours accept: cells cleaned, then its own checks; values as the file has them."""
    return pandera_after(path, known, cells_cleaned(known))


def pandera_plain(path: Path, known: dict[str, Any]) -> Callable[[], Found]:
    """pandera with rules for the spellings of this file only: a lenient cast first, then its own checks."""
    return pandera_after(path, known, [columns_cast()])


def pandera_after(path: Path, known: dict[str, Any], steps: list[list[pl.Expr]]) -> Callable[[], Found]:
    """pandera on Polars: some steps first, then its own checks by column, and four of the whole row."""
    import pandera.polars as pa
    from pandera.errors import SchemaErrors

    schema = pa.DataFrameSchema(pandera_columns(known), checks=row_checks(known))

    def run() -> Found:
        frame = cleaned = pl.read_csv(path, infer_schema=False)
        for step in steps:
            cleaned = cleaned.with_columns(step)
        try:
            schema.validate(cleaned, lazy=True)
        except SchemaErrors as errors:
            column = pl.when(pl.col("check").is_in(list(ROW_RULES))).then("check").otherwise("column")
            about = column.replace(ROW_RULES).str.strip_suffix(":typed").alias("about")
            cases = errors.failure_cases.select(pl.col("index").cast(pl.UInt32), about).drop_nulls().unique()
            rows = cases.join(frame.with_row_index("index"), on="index", maintain_order="left")
            return {(row["index"] + 2, row["about"], row[row["about"]] or "") for row in rows.iter_rows(named=True)}
        return set()

    return run


ROW_RULES = {
    "lon where lat": "lon",
    "no lon that is no number": "lon",
    "district of the city": "district_code",
    "closed after opened": "closed_on",
    "no day that is none": "opened_on",
    "system of a position": "coord_system",
}


def pandera_columns(known: dict[str, Any]) -> dict[str, Any]:
    """The rules of single columns."""
    import pandera.polars as pa

    west, south, east, north = BOX
    check = pa.Check
    enums = {name: known[name] for name in ("industry_code", "culture_code", "park_id")}
    enums |= {"coord_system": ["WGS84"], "industry_scheme": ["GB/T 4754-2017"], "is_synthetic": ["是", "否"]}
    columns = {name: pa.Column(str, check.isin(words), nullable=True) for name, words in enums.items()}
    return columns | {
        "enterprise_id": pa.Column(str, check.str_matches("^[A-Za-z0-9_-]+$"), unique=True),
        "name": pa.Column(str, check.str_length(max_value=500), nullable=True),
        "city_id": pa.Column(str, check.isin(known["city_id"])),
        "district_code": pa.Column(str, check.isin(known["all_districts"]), nullable=True),
        "lon:typed": pa.Column(float, check.in_range(west, east), nullable=True),
        "lat:typed": pa.Column(float, check.in_range(south, north), nullable=True),
        "opened_on:typed": pa.Column(pl.Date, check.le(TODAY), nullable=True),
        "employees": pa.Column(str, check.str_matches("^[0-9]+$"), nullable=True),
        "employees:typed": pa.Column(float, check.in_range(0, 1_000_000), nullable=True),
        "status": pa.Column(str, check.isin(list(STATUSES))),
    }


def row_checks(known: dict[str, Any]) -> list[Any]:
    """The rules across columns, and those of cells that the cast has lost."""
    import pandera.polars as pa

    col = pl.col
    rules = {
        "lon where lat": col("lon").is_not_null() | col("lat").is_null(),
        "no lon that is no number": col("lon:typed").is_not_null() | col("lon").is_null(),
        "district of the city": col("district_code").is_in(known["district_code"]) | (col("city_id") != "beijing"),
        "closed after opened": col("closed_on:typed") >= col("opened_on:typed"),
        "no day that is none": col("opened_on:typed").is_not_null() | col("opened_on").is_null(),
        "system of a position": col("coord_system").is_not_null() | col("lon").is_null(),
    }

    def check_of(name: str, rule: pl.Expr) -> Any:
        return pa.Check(lambda found: found.lazyframe.select(rule.fill_null(True)), name=name)

    return [check_of(name, rule) for name, rule in rules.items()]


def frictionless(path: Path, known: dict[str, Any]) -> Callable[[], Found]:
    """frictionless: the rules its table schema can say; rules across columns are left out."""
    from frictionless import Resource, Schema, system

    west, south, east, north = BOX

    def enum(name: str, **more: Any) -> dict[str, Any]:
        return {"name": name, "type": "string", "constraints": {"enum": known[name], **more}}

    fields = [
        {
            "name": "enterprise_id",
            "type": "string",
            "constraints": {"required": True, "unique": True, "pattern": "E[0-9]{7}"},
        },
        {"name": "name", "type": "string", "constraints": {"maxLength": 500}},
        enum("city_id", required=True),
        enum("district_code"),
        {"name": "lon", "type": "number", "constraints": {"minimum": west, "maximum": east, "required": True}},
        {"name": "lat", "type": "number", "constraints": {"minimum": south, "maximum": north}},
        {"name": "coord_system", "type": "string", "constraints": {"enum": ["WGS84", "GCJ-02", "BD-09"]}},
        enum("industry_code"),
        {"name": "industry_scheme", "type": "string", "constraints": {"enum": ["GB/T 4754-2017"]}},
        enum("culture_code"),
        enum("park_id"),
        {"name": "opened_on", "type": "date", "constraints": {"maximum": TODAY.isoformat()}},
        {"name": "closed_on", "type": "date"},
        {"name": "employees", "type": "integer", "constraints": {"minimum": 0, "maximum": 1_000_000}},
        {"name": "status", "type": "string", "constraints": {"enum": list(STATUSES), "required": True}},
        {"name": "is_synthetic", "type": "string", "constraints": {"enum": ["是", "否", "yes", "no"]}},
        {"name": "remark", "type": "string"},
        {"name": "telephone", "type": "string"},
    ]
    schema = Schema.from_descriptor({"fields": fields})

    def run() -> Found:
        os.chdir(path.parent)
        with system.use_context(trusted=True):
            report = Resource(path=path.name, schema=schema, encoding="utf-8").validate(limit_errors=1_000_000)
        found: Found = set()
        for error in report.tasks[0].errors:
            told = error.to_dict()
            if "fieldName" in told:
                found.add((told["rowNumber"], told["fieldName"], told.get("cell") or ""))
        return found

    return run


ENGINES = {"ours": ours, "pandera": pandera, "pandera, plain": pandera_plain, "frictionless": frictionless}


def child(engine: str, path: Path, known_path: Path, runs: int) -> None:
    """Run one engine and print what it found, its times and its peak memory."""
    known = json.loads(known_path.read_text())
    try:
        run = ENGINES[engine](path, known)
    except ModuleNotFoundError as missing:
        print(json.dumps({"missing": str(missing)}))
        return
    times, cpu, peaks, found = [], [], [], set()
    for _ in range(runs):
        wall, busy = time.perf_counter(), time.process_time()
        found = run()
        times.append(time.perf_counter() - wall)
        cpu.append(time.process_time() - busy)
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)
    told = {"first": times[0], "best": min(times), "median": statistics.median(times), "cpu": min(cpu)}
    told |= {"peak": peaks[0], "last_peak": peaks[-1]}
    print(json.dumps({**told, "found": sorted(found)}))


def measured(engine: str, python: str, path: Path, known: Path, runs: int) -> dict[str, Any]:
    """One engine in a process of its own."""
    command = [python, __file__, "--child", engine, str(path), str(known), str(runs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"missing": done.stderr.strip().splitlines()[-1]}
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def shown(value: str) -> str:
    """A cell as a report shows it."""
    return value if len(value) <= 200 else value[:200] + "…"


def main() -> None:
    """Generate the file, run every engine, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", default=sys.executable)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path, errors, known = file_with_errors(Path(folder), options.rows)
        told = Path(folder, "known.json")
        told.write_text(json.dumps(known))
        wanted = {(line, column, shown(value)) for line, column, value in errors}
        size = path.stat().st_size / 1e6
        head = f"{options.rows:,} rows x {len(COLUMNS)} columns, {size:.1f} MB, {len(wanted):,} errors of {len(KINDS)}"
        print(f"{head} kinds; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
        names = "best s, median s, first s, CPU s, peak MB after one run, after all, found, recall, precision, x ours"
        print(f"| engine | {names.replace(', ', ' | ')} |\n|{'---|' * 11}")
        best = 0.0
        for engine in ENGINES:
            python = sys.executable if engine == "ours" else options.peers
            runs = max(1, options.runs if engine != "frictionless" else 1)
            result = measured(engine, python, path, told, runs)
            if "missing" in result:
                print(f"| {engine} | left out: {result['missing']} |")
                continue
            best = best or result["best"]
            found = {(line, column, shown(value)) for line, column, value in result["found"]}
            right = len(found & wanted)
            cells = [f"{result[name]:.2f}" for name in ("best", "median", "first", "cpu")]
            cells += [f"{result[name]:.0f}" for name in ("peak", "last_peak")]
            cells += [f"{len(found):,}", f"{right / len(wanted):.3f}", f"{right / max(1, len(found)):.3f}"]
            print(f"| {engine} | {' | '.join(cells)} | {result['best'] / best:.1f} |", flush=True)
            for extra in sorted(found - wanted)[:3] if engine != "frictionless" else ():
                print(f"<!-- {engine}, not seeded: {extra} -->")
            for missed in sorted(wanted - found)[:3] if engine != "frictionless" else ():
                print(f"<!-- {engine}, missed: {missed} -->")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), int(sys.argv[5]))
    else:
        main()
