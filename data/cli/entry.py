"""`main`: arguments in, exit code out: 0 done, 1 rows rejected, 2 usage, settings or store."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Sequence

from data.cli.arguments import parsed
from data.cli.console import REJECTED, UNUSABLE, Refusal, complain, sentence

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; the faults a person can mend are one sentence on standard error."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        if words[:1] == ["compute"]:
            from data.cli import calculation

            return calculation.compute(words[1:])
        return _run(parsed(words))
    except SystemExit as end:  # argparse has printed its help
        return int(end.code or 0)
    except KeyboardInterrupt:
        complain(sentence("usage.interrupted"))
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, as in `… | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REJECTED
    except Exception as error:
        known = _explained(error)
        if known is None:
            raise
        code, text = known
        complain(text)
        return code


def _run(arguments: Namespace) -> int:
    if arguments.command == "boundaries":
        from data.cli import layers

        return layers.run(arguments)
    if arguments.command in ("check", "load"):
        from data.cli import files

        return files.run(arguments)
    if arguments.command in ("undo", "redo", "history", "audit", "waiting", "template"):
        from data.cli import past

        return past.run(arguments)
    from data.cli import start

    return start.run(arguments)


def _explained(error: Exception) -> tuple[int, str] | None:
    """Exit code and sentence of a fault a person can mend; None for a defect of ours."""
    if isinstance(error, Refusal):
        return error.exit_code, sentence(error.key, **error.values)
    from data.engines import StoreError
    from data.registry import RegistryError
    from data.settings import SettingsError

    if isinstance(error, SettingsError | StoreError | RegistryError):
        return UNUSABLE, " ".join(str(error).split())
    return None
