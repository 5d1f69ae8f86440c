"""A progress bar on standard error: at a terminal only, and only for work that takes longer than a second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

DELAY_S = 1.0


class Bar:
    """The steps of a command as they are done."""

    def __init__(self, shown: Any) -> None:
        self._shown = shown

    def expect(self, more: int) -> None:
        """There are more (or fewer) steps than thought."""
        self._shown.total += more
        self._shown.refresh()

    def name(self, text: str) -> None:
        """What is being worked on."""
        self._shown.set_description_str(text, refresh=False)

    def step(self, n: int = 1) -> None:
        """So many steps more."""
        self._shown.update(n)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Takes the bar away while the block prints or asks."""
        self._shown.clear()
        yield
        self._shown.refresh()


@contextmanager
def bar(steps: int) -> Iterator[Bar]:
    """A bar of so many steps."""
    from tqdm import tqdm

    with tqdm(total=steps, disable=None, delay=DELAY_S, leave=False, bar_format="{l_bar}{bar}| {elapsed}") as shown:
        yield Bar(shown)
