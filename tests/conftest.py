"""What several tests share: the marks' conditions and the folder of full reference files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT.parent / "shared"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HOW_TO_GET = "no Chromium here: install it with 'apt-get install chromium fonts-noto-cjk', or put one on the PATH"


settings.register_profile("patient", deadline=None)  # a busy machine is no failure
settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    """Of several processes each compiles for itself: two that write numba's files at once mix up what they compiled."""
    if one := os.environ.get("PYTEST_XDIST_WORKER"):
        os.environ["NUMBA_CACHE_DIR"] = str(config.cache.mkdir(f"numba-{one}"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("reference") and not REFERENCE.is_dir():
            item.add_marker(pytest.mark.skip(reason="the full reference files are not on this machine"))
        if item.get_closest_marker("browser") and CHROMIUM is None and os.environ.get("CI") != "true":
            item.add_marker(pytest.mark.skip(reason=HOW_TO_GET))


@pytest.fixture(scope="session")
def chromium() -> str:
    if CHROMIUM is None:
        pytest.fail(HOW_TO_GET)
    return CHROMIUM
