"""Parts of shiage whose libraries are installed with an extra only."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from shiage.errors import ShiageError


def import_part(name: str, extra: str) -> Any:
    """Return a module of shiage, or a library, that needs an extra.

    Args:
        name: of the module, e.g. "shiage.training.loop".
        extra: which installs the libraries it needs.

    Raises:
        ShiageError: a library is missing.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "shiage":
            raise
        raise ShiageError(
            f"this needs the library {error.name}, which is not installed",
            action=f'In the folder of shiage\'s source: pip install ".[{extra}]". Where shiage was '
            f'installed by name: pip install "shiage[{extra}]"',
        ) from error
