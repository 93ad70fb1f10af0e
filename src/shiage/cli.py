"""The command line: finds a command, runs it, and says in one line what went wrong."""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from importlib.metadata import version
from keyword import iskeyword

import rich_click as click
from click import Context
from rich_click import RichCommand, RichGroup

from shiage.commands.terminal import make_console, print_error
from shiage.errors import INTERRUPTED, ShiageError

COMMANDS = (
    "batch",
    "bench",
    "check",
    "data",
    "demo",
    "export",
    "import",
    "paint",
    "palette",
    "recolor",
    "segments",
    "train",
    "ui",
)
"""Each has a module in `shiage.commands` and a function there that are called like it."""


def main() -> None:
    """Run the command line; every deliberate error becomes one line and exit code 1."""
    try:
        sys.exit(app(standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        make_console(stderr=True).print("[bold red]interrupted[/]")
        sys.exit(INTERRUPTED)
    except ShiageError as error:
        print_error(str(error))
        sys.exit(1)
    except RuntimeError as error:
        if "Symlink loop" not in str(error):  # which `Path.resolve` finds, before Python 3.13
            raise
        print_error(f"{error}; expected links that lead to a file or folder. Correct the link")
        sys.exit(1)


class CommandsInFiles(RichGroup):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> RichCommand | None:  # noqa: ARG002
        """Return a command, None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: RichCommand = getattr(import_module(f"shiage.commands.{name}"), name)
        return command


@click.group(cls=CommandsInFiles, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("shiage"), prog_name="shiage", message="%(prog)s %(version)s")
def app() -> None:
    """Colour one frame; shiage paints the rest of the cut."""
    import cv2  # here, so that --version and --help need not wait for it

    # Cels are spread over threads; OpenCV's own threads on top of them only get in the way.
    cv2.setNumThreads(1)
    # What matters of a file that OpenCV grumbles at is said by shiage's own errors.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    logging.getLogger("psd_tools").addHandler(logging.NullHandler())  # what matters is an error
