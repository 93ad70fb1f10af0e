"""Harmony palettes: lines `Solid name 0x<id> r g b a`, gradients and textures between them.

Drawings refer to colors by their ids, of 64 bits, so that the same color in two palettes may have
the same one: a color that has no id yet gets one that its name and its color give.
"""

from __future__ import annotations

import hashlib
import re

from shiage.errors import DamagedPalette
from shiage.files.palettes.model import Entry, Kept, PaletteFile, own_ids, spread
from shiage.files.palettes.text import Notes, clean, decode_text, quoted, split_lines

_SIGNATURE = "ToonBoomAnimationInc PaletteFile"
_IDS = range(1 << 64)
_SOLID = re.compile(r'Solid[ \t]+(?:"(?P<quoted>(?:\\.|[^"\\])*)"|(?P<bare>[^"].*))')
_ID = re.compile("0[xX]([0-9a-fA-F]{1,16})")
_CHANNEL = re.compile("[0-9]{1,3}")
# Matches whatever comes, also without the second quote: or each quote of a line were tried in vain.
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*+(?:["\\]|$)')
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_BARE = re.compile(r"[!#-\[\]-~]+")  # ASCII but spaces, quotes and backslashes


def detect(data: bytes) -> bool:
    """Return whether this is a Harmony palette."""
    return data[:200].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_SIGNATURE.encode())


def decode(data: bytes) -> PaletteFile:
    """Return the palette.

    Raises:
        DamagedPalette: it ends within a gradient, or there are colors of which none is readable.
    """
    notes = Notes()
    lines = [line.strip() for line in split_lines(decode_text(data, notes).lstrip())]
    if lines[0].split()[-1] not in ("1", "2"):
        notes.add(f"The file begins with {lines[0][:60]!r}; check the colors.")
    entries: list[Entry] = []
    kept: list[tuple[int, list[str]]] = []
    ids: set[int] = set()
    depth = bad = 0
    for number, line in enumerate(lines[1:], 2):
        is_more = depth > 0 or line.startswith(("{", "}", '"'))
        if not line:
            continue
        if is_more and kept:
            kept[-1][1].append(line)
            depth += _depth(line)
        elif entry := _entry(line):
            if entry.id in ids:
                notes.add(f"Line {number}: an earlier color has the id 0x{entry.id:016x} too.")
            ids.add(entry.id or 0)
            entries.append(entry)
        elif is_more or re.match(r"Solid\b", line):
            bad += 1
            notes.add(f"Line {number} is no color and was left out: {line[:60]!r}.")
        else:
            kind = line.split()[0]
            notes.add(f"Line {number} is left out: {kind!r} is no plain color: {line[:60]!r}.")
            kept.append((len(entries), [line]))
            depth = _depth(line)
    if depth > 0 or (bad and not entries):
        what = "is cut off within a gradient" if depth > 0 else "has no color that can be read"
        raise DamagedPalette(
            f"the Harmony palette {what}",
            expected="a } after each {" if depth > 0 else "lines of Solid, name, 0x…, r, g, b, a",
            action="Copy or export the file again",
        )
    return PaletteFile(
        tuple(entries),
        format="plt",
        kept=tuple(Kept(at, "\n".join(text)) for at, text in kept),
        warnings=notes.result(),
    )


def encode(palette: PaletteFile) -> bytes:
    """Return the content of a file. Colors read from one keep their ids."""
    own = own_ids(palette, "plt", _IDS)
    used = {value for value in own if value is not None}
    lines = [f"{_SIGNATURE} 2"]
    kept = list(palette.kept) if palette.format == "plt" else []
    for at, (entry, own_id) in enumerate(zip(palette.entries, own, strict=True)):
        while kept and kept[0].at <= at:
            lines.append(kept.pop(0).text)
        value = _new_id(entry, used) if own_id is None else own_id
        name = clean(entry.name)
        name = name if _BARE.fullmatch(name) else quoted(name)
        numbers = " ".join(f"{channel:3}" for channel in entry.rgba_u8)
        lines.append(f"Solid    {name:26} 0x{value:016x} {numbers}")
    lines += [item.text for item in kept]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _entry(line: str) -> Entry | None:
    """Return the color in a line, if there is one."""
    head, *columns = line.rsplit(None, 5)
    found = _SOLID.fullmatch(head)
    own_id = _ID.fullmatch(columns[0]) if columns else None
    channels = [int(column) for column in columns[1:] if _CHANNEL.fullmatch(column)]
    if found is None or own_id is None or len(channels) < 4 or max(channels) > 255:
        return None
    name = found["bare"]
    if name is None:
        name = re.sub(r"\\(.)", lambda sign: _ESCAPES.get(sign[1], sign[1]), found["quoted"])
    return Entry(name, spread(channels), int(own_id[1], 16))


def _depth(line: str) -> int:
    """Return how many more braces a line opens than it closes."""
    plain = _QUOTED.sub("", line)
    return plain.count("{") - plain.count("}")


def _new_id(entry: Entry, used: set[int]) -> int:
    """Return an id for a color, and add it to those in use."""
    for attempt in range(len(used) + 2):
        text = f"{attempt} {entry.rgba_u8} {clean(entry.name)}"
        digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
        value = int.from_bytes(digest, "big")
        if value and value not in used:
            break
    used.add(value)
    return value
