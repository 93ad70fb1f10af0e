"""Pages of reports: a file of the package with its blanks filled in."""

from __future__ import annotations

import html
import importlib.resources
from string import Template


class _Page(Template):
    delimiter = "@@"


def fill_page(file: str, **parts: str) -> str:
    """Return a page.

    Args:
        file: its path within the package.
        parts: HTML for each blank, `@@name`.
    """
    shell = importlib.resources.files("shiage").joinpath(file).read_text("utf-8")
    return _Page(shell).substitute(parts)


def as_html(text: str) -> str:
    """Return the text as HTML, good inside attributes too."""
    return html.escape(text, quote=True)
