"""The command line of the product: `python -m data --help`."""

from __future__ import annotations

from data.cli.entry import main

if __name__ == "__main__":
    raise SystemExit(main())
