"""Cadmium projects as they are in their files.

A project is JSON between literal markers, `[{"version": …}]BEGINSAVESTATE{…}BEGINTEMPIMAGES[…]`,
since format 2 with `BEGINDOCUMENT{…}` after it. The first `{…}`, the state, holds everything; what
comes after it is derived from it, or is the program's own segmentation. The format is described in
docs/app.md of latentspacelabs/cadmium-oss.
"""

from __future__ import annotations

import base64
import mmap
from pathlib import Path

import msgspec

from shiage.errors import DamagedImage, DamagedProject
from shiage.files.nesting import shallow

_STATE, _IMAGES = b"BEGINSAVESTATE", b"BEGINTEMPIMAGES"
_NOTHING = msgspec.Raw(b"null")


class Frame(msgspec.Struct, rename="camel"):
    """What a layer shows at one frame."""

    image_data_id: str | None = None
    is_original: bool | None = None


class Layer(msgspec.Struct, rename="camel"):
    """Drawings, or their paintings; `linked_layer_id` is the other one of the pair."""

    frames: list[Frame | None] = []
    type: str | None = None
    linked_layer_id: str | None = None
    name: str | None = None


class Image(msgspec.Struct, rename="camel"):
    """A picture that frames name; placeholders have no data."""

    data_uri: msgspec.Raw = _NOTHING

    @property
    def is_there(self) -> bool:
        """Whether the file holds its data."""
        return bytes(memoryview(self.data_uri)[:5]) not in (b"null", b'""')


class Store(msgspec.Struct, rename="camel"):
    """The pictures."""

    image_data_by_id: dict[str, Image] = {}


class Swatch(msgspec.Struct, rename="camel"):
    """A color of the palette, and what it is to become."""

    hex: str
    new_hex: str | None = None
    opacity: float | None = None


class LibraryPicture(msgspec.Struct):
    """A picture that artists have at hand to look at."""

    name: str | None = None
    data: msgspec.Raw = msgspec.field(name="b64Data", default=_NOTHING)


class State(msgspec.Struct, rename="camel"):
    """What a project is made of, as far as it makes a cut."""

    layers: dict[str, Layer]
    store: Store = msgspec.field(name="ImageStore")
    color_palette: list[Swatch] = []
    player_fps: float | None = None
    reference_images: list[LibraryPicture] = []


def is_cadmium(head: bytes) -> bool:
    """Return whether a file that begins so is a Cadmium project."""
    return head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"[") and _STATE in head


def read_state(path: Path) -> tuple[State, str, list[str]]:
    """Return a project's state, the version that wrote it ("" if unknown), and what is odd.

    Its pictures stay in the file, which is mapped into memory, until `read_uri` takes them.

    Raises:
        DamagedProject: cut off or corrupt.
    """
    with path.open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    start = content.find(_STATE)
    stop = content.find(_IMAGES, start)
    if stop < 0:
        raise damaged(path, "the project is cut off within its pictures")
    try:
        metadata = msgspec.json.decode(shallow(content[:start].lstrip(b"\xef\xbb\xbf")))
        version = str(metadata[0]["version"])
    except (ValueError, LookupError, TypeError):
        version = ""
    try:
        state_json = shallow(memoryview(content)[start + len(_STATE) : stop])
        state = msgspec.json.decode(state_json, type=State)
    except ValueError as error:
        raise damaged(path, f"the project's data is damaged ({error})") from error
    warnings = []
    if content[-16:].rstrip()[-1:] not in (b"]", b"}"):
        warnings.append("The file is cut off after its drawings; these are complete.")
    return state, version, warnings


def damaged(path: Path, found: str) -> DamagedProject:
    """Return the error for a project that cannot be used."""
    return DamagedProject(
        found,
        path=path,
        expected="a complete Cadmium project",
        action="Copy the file again, or save it again in Cadmium",
    )


def read_uri(path: Path, uri: msgspec.Raw) -> bytes:
    """Return what a data URI holds.

    Args:
        path: what errors call it.
        uri: a string as JSON.

    Raises:
        DamagedImage: it is no whole data URI.
    """
    try:
        head, _, data = msgspec.json.decode(uri, type=str).partition(",")
        if not head.endswith(";base64"):
            raise ValueError("no data URI")
        return base64.b64decode(data, validate=True)
    except (msgspec.MsgspecError, ValueError) as error:
        raise DamagedImage(
            f"the picture's data is damaged ({error})",
            path=path,
            expected="a PNG as data URI",
            action="Copy the project again, or replace the picture in Cadmium",
        ) from error
