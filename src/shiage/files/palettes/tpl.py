"""OpenToonz palettes: styles, whose positions are the ids in drawings, and pages that list them.

A style is `[_flags] [|global name [@original name]] name kind …`; kind 3 is a plain color and goes
on with `r g b a`. One `_` is put before a name where its first sign would be taken for one of
these. Style 0 is the bare paper. Styles on no page were deleted in OpenToonz.
"""

from __future__ import annotations

import itertools
import re

from shiage.errors import DamagedPalette
from shiage.files.palettes.model import (
    Entry,
    Kept,
    Page,
    PaletteFile,
    does_not_fit,
    own_ids,
    spread,
)
from shiage.files.palettes.tags import Tag, is_number, parse, word
from shiage.files.palettes.text import Notes, clean, decode_text, labeled, listed

# The groups are atomic: comments that could be taken in many ways would be tried in all of them.
_SIGNATURE = re.compile(rb"(\xef\xbb\xbf)?(?>(?:\s|<!--(?>.*?-->))*)<\s*palette[\s>]", re.DOTALL)
_HEAD_BYTES = 65536
_MAX_STYLES = 4096
_SOLID = "3"
_AUTOPAINT = 1
_FIRST_PAGE = "colors"
_NEWEST = 71


def detect(data: bytes) -> bool:
    """Return whether this is an OpenToonz palette."""
    return _SIGNATURE.match(data[:_HEAD_BYTES]) is not None


def decode(data: bytes) -> PaletteFile:
    """Return the palette.

    Raises:
        DamagedPalette: a tag is not closed, or there are no styles.
    """
    notes = Notes()
    text = decode_text(data, notes)
    root = parse(text)
    styles = [style for tag in root.find("styles") for style in tag.find("style")]
    if not styles:
        raise DamagedPalette(
            "the OpenToonz palette holds no styles",
            expected="<styles> with a <style> in it",
            action="Copy or export the file again",
        )
    version = next(root.find("version"), Tag("", "", 0)).numbers() or [_NEWEST, 0]
    if version[0] > _NEWEST:
        notes.add(f"The file is of version {version[0]}, newer than {_NEWEST}; check the colors.")
    pages = tuple(_page(page) for tag in root.find("stylepages") for page in tag.find("page"))
    places = {at: name for name, ids in reversed(pages) for at in ids}
    order = list(dict.fromkeys(at for _, ids in pages for at in ids)) or range(len(styles))
    read = {at: _entry(style, at, places.get(at, "")) for at, style in enumerate(styles) if at > 0}
    entries = [entry for at in order if (entry := read.get(at))]
    taken = {entry.id for entry in entries}
    for at, entry in read.items():
        if entry is None:
            notes.add(f"{labeled(at, _name(styles[at]))} is left out: it is no plain color.")
    if deleted := [at for at, entry in read.items() if entry and at not in taken]:
        notes.add(f"Colors on no page are left out, as in OpenToonz: {listed(deleted)}.")
    if missing := sorted(set(order) - set(range(len(styles)))):
        notes.add(f"Pages list colors that are not there: {listed(missing)}.")
    return PaletteFile(
        tuple(entries),
        format="tpl",
        kept=tuple(
            Kept(at, text[style.start : style.end])
            for at, style in enumerate(styles)
            if at not in taken
        ),
        pages=pages,
        rest=(
            root.attributes,
            " ".join(map(str, version)),
            *(
                text[tag.start : tag.end]
                for tag in root.children
                if tag.name not in ("version", "styles", "stylepages")
            ),
        ),
        warnings=notes.result(),
    )


def encode(palette: PaletteFile) -> bytes:
    """Return the content of a file. Colors that have a position in it keep it.

    Raises:
        WriteFailed: there are too many colors.
    """
    is_own = palette.format == "tpl"
    styles = {kept.at: kept.text for kept in palette.kept} if is_own else {}
    opaque = {at for at in styles if 0 <= at < _MAX_STYLES} | {0}
    ids = _positions(palette, opaque)
    count = max([*ids, *opaque]) + 1
    if count > _MAX_STYLES:
        raise does_not_fit(
            f"{len(ids):,} colors do not fit into .tpl", f"at most {_MAX_STYLES - 1:,}"
        )
    for at, entry in zip(ids, palette.entries, strict=True):
        styles[at] = _style(entry, is_own)
    attributes, version, *others = palette.rest if is_own and palette.rest else (" id='1'", "71 0")
    # Indented as OpenToonz does it, so that what did not change is the same to the byte.
    lines = [f"<palette{attributes}>", f"  <version>\n    {version} \n  </version>", "  <styles>"]
    # Where an id is no longer in use, a transparent style on no page keeps the others in place.
    lines += [f"    {styles.get(at) or _gap(at)}" for at in range(count)]
    lines += ["    </styles>", "  <stylepages>"]
    for name, listing in _pages(palette, ids, opaque):
        lines += ["    <page>", f"      <name>\n        {word(clean(name))}\n      </name>"]
        numbers = "".join(f"{at} " for at in listing)
        lines += [f"      <indices>\n        {numbers}\n      </indices>", "      </page>"]
    lines += ["    </stylepages>", *(f"  {other}" for other in others), "  </palette>"]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _page(page: Tag) -> Page:
    """Return the name of a page and the positions it lists."""
    name = next((" ".join(tag.words) for tag in page.find("name")), "")
    return name, tuple(at for tag in page.find("indices") for at in tag.numbers())


def _entry(style: Tag, at: int, page: str) -> Entry | None:
    """Return a style as a color, or None if it is no plain one."""
    words = style.words.copy()
    flags = int(words.pop(0)[1]) if words and re.fullmatch("_[0-9]", words[0]) else 0
    global_name = words.pop(0) if words and words[0].startswith("|") else ""
    original = words.pop(0) if global_name and words and words[0].startswith("@") else ""
    if words and re.match("[0-9]", words[0]):
        name = "color"  # as OpenToonz calls styles of old files, which have no names
    else:
        name = words.pop(0).removeprefix("_") if words else ""
    numbers = [int(value) for value in words[:5] if is_number(value)]
    if words[:1] != [_SOLID] or len(numbers) < 5 or not all(0 <= v < 256 for v in numbers):
        return None
    kept = (style.attributes, str(flags & ~_AUTOPAINT), global_name, original)
    return Entry(name, spread(numbers[1:]), at, page, bool(flags & _AUTOPAINT), kept)


def _name(style: Tag) -> str:
    """Return what a style that is no plain color may be called."""
    names = [word for word in style.words if not re.match(r"_[0-9]$|[|@0-9-]", word)]
    return names[0].removeprefix("_") if names else ""


def _style(entry: Entry, is_own: bool) -> str:
    """Return a color as a style."""
    kept = entry.kept if is_own and len(entry.kept) == 4 else ("", "0", "", "")
    attributes, flags, global_name, original = kept
    flag = int(flags) | (_AUTOPAINT if entry.autopaint else 0)
    name = clean(entry.name)
    is_numbered = re.match("[0-9_]", name) is not None
    words = [f"_{flag} "] if flag or (len(name) == 1 and is_numbered) else []
    words += [word(kept) for kept in (global_name, original) if kept]
    words.append(word("_" + name if is_numbered or name.startswith(("|", "@")) else name))
    words += [f"{number} " for number in (_SOLID, *entry.rgba_u8)]
    return f"<style{attributes}>\n      {''.join(words)}\n    </style>"


def _gap(at: int) -> str:
    return f"<style>\n      color_{at} 3 255 255 255 0 \n    </style>"


def _positions(palette: PaletteFile, opaque: set[int]) -> list[int]:
    """Return the position of each entry: its own, or the next that is free behind all others."""
    own = [at if at not in opaque else None for at in own_ids(palette, "tpl", range(_MAX_STYLES))]
    free = itertools.count(max([*opaque, *(at for at in own if at is not None)]) + 1)
    return [next(free) if at is None else at for at in own]


def _pages(palette: PaletteFile, ids: list[int], opaque: set[int]) -> list[Page]:
    """Return the pages: those that the file had, in their order, and then one per new group.

    On a page, what is no plain color keeps its place among the colors.
    """
    pages: list[Page] = []
    before = palette.pages if palette.format == "tpl" else ()
    last = {name: number for number, (name, _) in enumerate(before)}
    waiting: dict[str, list[int]] = {}
    for at, entry in zip(ids, palette.entries, strict=True):
        group = entry.group if entry.group in last else entry.group or _FIRST_PAGE
        waiting.setdefault(group, []).append(at)
    for number, (name, slots) in enumerate(before):
        queue = waiting.get(name, [])
        listing: list[int] = []
        for slot in slots:
            if slot in opaque:
                listing.append(slot)
            elif queue:
                listing.append(queue.pop(0))
        if last[name] == number:
            listing += queue
            waiting.pop(name, None)
        pages.append((name, tuple(listing)))
    pages += [(name, tuple(queue)) for name, queue in waiting.items()]
    if not before:  # the paper stands first on the first page
        name, listing_ids = pages[0] if pages else (_FIRST_PAGE, ())
        pages[:1] = [(name, (0, *listing_ids))]
    return pages
