"""The house rules that a program can check: layers, sizes, names, the tree in README, no addresses in the tree."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [
    path
    for folder in ("pages", "data", "indicators")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "versions" not in path.parts
] + [ROOT / "dashboard.py"]
DRAWERS = {"utils", "helpers", "common", "misc", "core", "manager"}
ADDRESSES = re.compile(r"py[p]i\.org|python[h]osted|registry\.np[m]js|deb\.de[b]ian|/(?:wor[k]|far[m])/", re.IGNORECASE)
SECRETS = re.compile(r"AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----|gh[pousr]_[A-Za-z0-9]{36}|xox[bap]-\w{10,}")


def tracked() -> list[Path]:
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def loaded_by(module: str, forbidden: tuple[str, ...]) -> str:
    script = f"import sys, {module}; print([m for m in {forbidden!r} if m in sys.modules])"
    return subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.parametrize("module", ["indicators.methods", "indicators.prosperity", "indicators.clustering.hotspots"])
def test_indicators_load_neither_screen_nor_store(module):
    assert loaded_by(module, ("streamlit", "sqlalchemy", "plotly", "pydeck", "data", "pages")) == "[]"


def test_data_loads_no_screen():
    assert loaded_by("data.store, data.ingest", ("streamlit", "plotly", "pydeck", "pages")) == "[]"


def test_import_contracts_hold():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_entry_script_is_short_and_knows_only_the_parts():
    path = ROOT / "dashboard.py"
    ours = {name for name in imported(path) if name.split(".")[0] in {"pages", "data", "indicators"}}
    assert all(name.startswith(("pages.parts", "data.access")) for name in ours), ours
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 60


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda path: path.stem)
def test_a_page_is_thin_and_opens_through_the_session(path):
    text = path.read_text(encoding="utf-8")
    if path.name == "__init__.py":
        return
    assert len(text.splitlines()) <= 80
    assert "def render(visit: Visit) -> None:" in text
    assert re.search(r'if __name__ == "__main__":\n    render\(session\.open_page\(Action\.\w+\)\)\n$', text)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_functions_are_small_named_and_explained(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert path.stem not in DRAWERS
    assert len(text.splitlines()) <= 400
    assert ast.get_docstring(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert body_lines(node) <= 40, f"{node.name} has {body_lines(node)} lines"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_public_functions_of_indicators_and_data_are_documented_and_typed(path):
    if path.relative_to(ROOT).parts[0] not in {"indicators", "data"} or "migrations" in path.parts:
        return
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name


def test_indicators_use_no_clock_file_or_unseeded_chance():
    for path in (ROOT / "indicators").rglob("*.py"):
        names = imported(path)
        files = {"pathlib", "os"} if path.name != "x13_program.py" else set()  # a program that reads and writes files
        assert not names & ({"random", "time", "io"} | files), path
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\.now\(|\.today\(|\bopen\(|read_csv|\bscan_", text), path


def test_a_frame_is_never_a_hashed_cache_argument():
    """The cache hashes a frame by a shortened text: frames may come in behind an underscore only."""
    caches = sorted((ROOT / "pages" / "parts").rglob("cached*.py"))
    for other in (ROOT / "pages").rglob("*.py"):
        if other not in {*caches, ROOT / "pages" / "parts" / "session.py"}:
            assert "cache_data" not in other.read_text(encoding="utf-8"), other
    for node in [node for path in caches for node in ast.parse(path.read_text(encoding="utf-8")).body]:
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            for argument in node.args.args:
                kind = ast.unparse(argument.annotation) if argument.annotation else ""
                hashed = not argument.arg.startswith("_")
                assert not (hashed and ("pl." in kind or "Visit" in kind)), (node.name, argument.arg)
            first = node.args.args[0].arg
            if any(argument.arg == "_visit" for argument in node.args.args):
                assert first == "key", f"{node.name}: revision and scope come first"


def test_the_tree_in_readme_is_the_tree_on_disk():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.split("<!-- tree -->")[1]
    tops = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert not [top for top in tops if not top.startswith(".") and top not in block]
    rooms = sorted({str(path.parent.relative_to(ROOT)) for path in (ROOT / "pages" / "parts").glob("*/*.py")})
    folders = ("pages", "pages/parts", "indicators", "data", "data/registry", "tests", *rooms)
    for folder in folders:
        here = {
            p.relative_to(ROOT).parts[len(Path(folder).parts)] for p in tracked() if p.is_relative_to(ROOT / folder)
        }
        here -= {"__init__.py"}
        missing = {name for name in here if not re.search(rf"(?<![\w.]){re.escape(name)}", block)}
        assert not missing, f"{folder}: {missing} not in the tree of README.md"
    for name in re.findall(r"[\w-]+\.(?:py|csv|toml|md|lock)\b", block):
        assert any(path.name == name for path in tracked()), f"{name} is in README.md but not on disk"


def test_no_addresses_secrets_or_large_files_in_the_tree():
    for path in tracked():
        assert path.stat().st_size <= 5_000_000, path
        if path.suffix in {".png", ".parquet", ".ico"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not ADDRESSES.search(text), f"{path}: {ADDRESSES.search(text)}"
        assert not SECRETS.search(text), path


def test_locks_are_pinned_with_hashes():
    for name in ("requirements.lock", "tests/requirements.lock"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        pins = [line for line in lines if re.match(r"^[a-zA-Z]", line)]
        assert pins
        assert all("==" in line and line.rstrip().endswith("\\") for line in pins)
        assert not any(
            line.lstrip().startswith(("--index", "--extra-index", "--find-links", "-f ", "-i ")) for line in lines
        )


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_python_runs_inside_polars(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    inside = {"map_elements", "map_batches", "map_groups"}
    assert not [node.lineno for node in calls if isinstance(node.func, ast.Attribute) and node.func.attr in inside]
