"""Files that are saved again while a cut is open: found out, and taken in.

An artist mends a line in another program while the page is open. Whoever is about to use a cel
looks first whether its files are still those that were read. A drawing that has changed gets a new
start, as a `DeskCel` of its own: nothing that was made of the old one is ever laid on it, but what
the artist has decided, which is pixels and colors.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from shiage.cuts.project import Project, apply_palette
from shiage.cuts.sources import Sources
from shiage.errors import ShiageError, WriteFailed
from shiage.files.versions import wait_until_quiet
from shiage.web.desk import DeskCel
from shiage.web.drawings import Drawings
from shiage.web.session import Session


def look_again(
    session: Session, cels: Iterable[DeskCel] | None = None, *, closely: bool = False
) -> set[int]:
    """Take in what was saved again on disk, and return the places of the cels that begin again.

    The session's lock must not be held.

    Args:
        session: the open cut.
        cels: the cels that matter, with their references; None: all, and all references.
        closely: read the files, whatever their times and sizes say.
    """
    with session.looking:
        paths = _files_of(session, cels)
        changed = session.versions.changed(paths, closely=closely)
        if not changed:
            return set()
        wait_until_quiet(changed)
        session.versions.renew(changed)
        return _take_in(session, set(changed))


def _files_of(session: Session, cels: Iterable[DeskCel] | None) -> list[Path]:
    """Return the files that cels, or all of them, are shown from."""
    sources = session.sources
    if cels is None:
        return list({*(desk.cel.path for desk in session.cels), *sources.used})
    shown = [desk.cel for desk in cels]
    given = [reference.file for cel in shown if (reference := sources.keys.get(cel))]
    return [*(cel.path for cel in shown), *filter(None, given)]


def _take_in(session: Session, changed: set[Path]) -> set[int]:
    """Let a session follow files that have changed, and return the places of cels begun again."""
    now = time.strftime("%H:%M:%S")
    notes: list[str] = []
    sources = None
    for path in changed:
        session.notes.forget(path)
    if not changed.isdisjoint(session.sources.used):
        drawings = {cel.path for cel in session.cut.cels}
        notes += [
            f"{path}: was saved again at {now} and is read again; all cels follow it"
            for path in sorted(changed & session.sources.used.keys() - drawings)
        ]
        try:
            sources = session.read_sources()
        except ShiageError as error:
            notes = [f"{now}: what was known of the references is kept, since {error}"]
    with session.changed:
        session.renewed = notes or session.renewed
        if sources is not None:
            _take_sources(session, sources)
        begun = _begin_anew(session, changed, now)
        if sources is not None:
            _decide_anew(session)
        session.hurry = True
        session.tell()
    return begun


def _take_sources(session: Session, sources: Sources) -> None:
    """Let a session go by other references, hints and palettes; ids stand for other colors then."""
    session.sources = sources
    session.palette = apply_palette(sources.workshop.palette, session.project.palette)
    session.palette_version += 1
    session.drawings = Drawings(sources.workshop, session.versions)  # they have a color profile


def _decide_anew(session: Session) -> None:
    """Work out again what is decided of all cels, by the ids of the palette as it is now."""
    for desk in session.cels:
        desk.painting = None
        desk.paint += 1
        if desk.encoded is not None:
            session.follow(desk, anew=False)
    session.dirty |= set(session.columns)


def _begin_anew(session: Session, changed: set[Path], now: str) -> set[int]:
    """Put new cels in the place of those that must begin again, and return their places.

    These are the ones whose drawing is another one or shared with other cels than before, or has
    another size than it must have now.
    """
    before = [desk.original for desk in session.cels]
    sizes = [session.size_for(desk) for desk in session.cels]
    session.lay_out()
    after = [desk.original for desk in session.cels]
    begun: set[int] = set()
    for desk in session.cels:
        size_hw = session.size_for(desk)
        other_size = sizes[desk.index] != size_hw and (
            size_hw not in (None, desk.size_hw) or desk.state == "failed"
        )
        if desk.cel.path in changed or before[desk.index] != after[desk.index] or other_size:
            begun.add(desk.index)
    # Numbers that no cel has had: whatever was shown of one of these places is old.
    shape = 1 + max(desk.shape for desk in session.cels)
    paint = 1 + max(desk.paint for desk in session.cels)
    for index in begun:
        old = session.cels[index]
        anew = now if old.cel.path in changed else old.anew
        digest = session.versions.note(old.cel.path).sha256
        session.cels[index] = DeskCel(
            index, old.cel, digest, after[index], anew,
            size_hw=old.size_hw, shape=shape, paint=paint,
        )  # fmt: skip
        session.dirty.add(old.cel.column)
    for index in {after[index] for index in begun} - begun:
        session.cels[index].shape, session.cels[index].paint = shape, paint
    for index in begun:
        if after[index] == index != before[index]:
            _keep_decisions(session, session.cels[before[index]], session.cels[index])
        if not session.cels[index].digest:  # tell at once that it is gone
            session.prepare(session.cels[index])
    return begun


def _keep_decisions(session: Session, original: DeskCel, desk: DeskCel) -> None:
    """Leave a cel what was decided of its drawing as long as that was another one's, too."""
    name = desk.cel.name

    def copy(project: Project) -> Project:
        work, own = project.work(original.cel.name), project.work(name)
        if not work.is_decided or own.is_decided:
            return project
        return project.with_work({name: msgspec.structs.replace(work, hold=own.hold)})

    try:
        session.rewrite(copy)
    except WriteFailed as error:
        session.renewed.append(str(error))
