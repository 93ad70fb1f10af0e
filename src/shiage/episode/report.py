"""What became of an episode, as a page and as JSON."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from shiage.episode.records import MEANINGS, RECORD_FILE, CutSummary, EpisodeRecord
from shiage.files.atomic import write_atomically
from shiage.html_page import as_html, fill_page

PAGE_FILE = "episode.html"

COLUMNS = ("cels", "painted", "given", "same", "failed", "segments", "doubtful", "undecided")
"""Numbers of a cut, and of all cuts, that the page shows."""


def write_report(record: EpisodeRecord, out: Path) -> None:
    """Write `episode.json` and `episode.html`.

    Raises:
        WriteFailed: the disk is full or the like.
    """
    write_atomically(out / RECORD_FILE, record.to_json().encode())
    write_atomically(out / PAGE_FILE, _page(record, out).encode("utf-8", "backslashreplace"))


def tell_counts(record: EpisodeRecord) -> str:
    """Return how many cuts have each status, as in "20 painted, 4 partly"."""
    counts = {status: record.count(status) for status in reversed(MEANINGS)}
    return ", ".join(f"{count} {status}" for status, count in counts.items() if count)


def _page(record: EpisodeRecord, out: Path) -> str:
    """Return the page."""
    facts = {"cuts": tell_counts(record)}
    facts |= {what: f"{record.total(what):,}" for what in COLUMNS}
    facts |= {"time": f"{record.seconds:.0f} s", "at once": str(record.processes)}
    facts["shiage"] = record.version
    cuts = record.by_need()
    return fill_page(
        "episode/report.html",
        title=as_html(Path(record.episode).resolve().name),
        episode=as_html(record.episode),
        out=as_html(record.out),
        facts="".join(f"<div><dt>{k}</dt><dd>{as_html(v)}</dd></div>" for k, v in facts.items()),
        notices=_notices(record, cuts),
        headings="".join(f"<th>{what}</th>" for what in (*COLUMNS, "seconds")),
        cuts="".join(_row(cut, out) for cut in cuts),
    )


def _notices(record: EpisodeRecord, cuts: list[CutSummary]) -> str:
    """Return everything that went wrong or is odd as one list, "" if all is well."""
    items = []
    if record.interrupted:
        said = "This run has not finished. If it is no longer running, go on with --resume."
        items.append(f'<li class="bad"><b>Not finished</b> {said}</li>')
    items += [
        f'<li class="bad"><b>{as_html(cut.name)}</b> {as_html(error)}</li>'
        for cut in cuts
        for error in cut.errors
    ]
    items += [f'<li class="warn">{as_html(warning)}</li>' for warning in record.warnings]
    items += [
        f'<li class="warn"><b>{as_html(cut.name)}</b> {as_html(warning)}</li>'
        for cut in cuts
        for warning in cut.warnings
    ]
    return f"<section><h2>Needs attention</h2><ul>{''.join(items)}</ul></section>" if items else ""


def _row(cut: CutSummary, out: Path) -> str:
    """Return the row of one cut; its name leads to its own report, if it has one."""
    name = as_html(cut.name)
    if (out / cut.name / "report.html").is_file():
        name = f'<a href="{quote(os.fsencode(cut.name))}/report.html">{name}</a>'
    numbers = "".join(
        f'<td class="{"some" if getattr(cut, what) else "none"} {what}">{getattr(cut, what):,}</td>'
        for what in COLUMNS
    )
    status = f'<td class="status {cut.status}" title="{MEANINGS[cut.status]}">{cut.status}</td>'
    return f"<tr><th>{name}</th>{status}{numbers}<td>{cut.seconds:.1f}</td></tr>\n"
