"""Pages of reports: a file of the package with its blanks filled in, in the style of all."""

from __future__ import annotations

import html
import importlib.resources
from string import Template


class _Page(Template):
    delimiter = "@@"


def fill_page(file: str, **parts: str) -> str:
    """Return a page.

    Args:
        file: its path within the package. `@@style` in it becomes the style that all reports share.
        parts: HTML for each other blank, `@@name`.
    """
    package = importlib.resources.files("shiage")
    style = package.joinpath("html_page.css").read_text("utf-8")
    return _Page(package.joinpath(file).read_text("utf-8")).substitute(parts, style=style)


def as_html(text: str) -> str:
    """Return the text as HTML, good inside attributes too."""
    return html.escape(text, quote=True)
