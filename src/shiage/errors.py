"""Every error shiage raises on purpose.

```
ShiageError
├── FileError              one file could not be used
│   ├── UnreadableFile     missing, no permission, a folder, empty
│   ├── NotAnImage         not a picture in a format we read
│   ├── DamagedImage       a picture whose data is cut off or corrupt
│   ├── UnsupportedImage   a picture of a kind we do not read (e.g. CMYK, animation)
│   ├── ImageTooLarge      more pixels than the limit
│   ├── NothingToPaint     a drawing without lines, or nothing but ink
│   ├── DamagedModel       a model whose files are damaged or do not belong together
│   ├── DamagedProject     a project file that is damaged, or of a newer shiage
│   ├── NotAContainer      no file that holds a whole cut in a format that we take apart
│   ├── FileChanged        saved again while something was made of it
│   ├── DamagedHints       hints that are neither a layer, nor on a copy of the drawing, nor a list
│   ├── DamagedPalette     a palette that is cut off or corrupt, or in no format that we read
│   ├── DamagedTimesheet   no timesheet, or one that is cut off or corrupt
│   └── BadPresets         presets that are no TOML, or say what no option knows
├── WriteFailed            output could not be written (full disk, permission)
├── OutputExists           output is there already and neither --force nor --resume was given
├── CutError               the folder as a whole cannot be painted
│   ├── EmptyCut           no drawing found
│   └── SizeMismatch       drawings, references of different sizes
├── ReferenceUnusable      no reference, or one without any color
│   └── NotPaintedYet      a blank one, where the artist has not painted yet
├── DatasetError           a clip with truth that is damaged or contradicts itself
└── BadOption              an option whose value cannot be used
```

Each message is made of four parts: which file, what was found, what was expected, what to do.
"""

from __future__ import annotations

from pathlib import Path

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


class ShiageError(Exception):
    """Base of all deliberate errors; `str(error)` is ready to show to an artist.

    Args:
        found: what is wrong, in one clause.
        path: the file or folder it is about, if any.
        expected: what would have been right.
        action: what the user can do now.
    """

    def __init__(
        self, found: str, *, path: Path | None = None, expected: str = "", action: str = ""
    ) -> None:
        super().__init__(found)
        self.found = found
        self.path = path
        self.expected = expected
        self.action = action

    def __str__(self) -> str:
        """Return the four parts as one line."""
        where = f"{self.path}: " if self.path is not None else ""
        expected = f"; expected {self.expected}" if self.expected else ""
        action = f". {self.action}" if self.action else ""
        return f"{where}{self.found}{expected}{action}"


class FileError(ShiageError):
    """One file could not be used; the others are not affected."""


class UnreadableFile(FileError):
    """The file is missing, empty, a folder, or not permitted to be read."""


class NotAnImage(FileError):
    """The file is no picture in a format that shiage reads."""


class DamagedImage(FileError):
    """The picture's data is cut off or corrupt."""


class UnsupportedImage(FileError):
    """The picture is of a kind that shiage does not read."""


class ImageTooLarge(FileError):
    """The picture has more pixels than the limit."""


class NothingToPaint(FileError):
    """The drawing has no lines, or is nothing but ink, so that there are no segments."""


class DamagedModel(FileError):
    """A model's card or weights are damaged, or do not belong together."""


class DamagedProject(FileError):
    """A project file, of ours or of another program, is damaged, or written by a newer shiage."""


class NotAContainer(FileError):
    """The file holds no whole cut in a format that shiage takes apart."""


class FileChanged(FileError):
    """The file was saved again while something was made of it, or after it was looked at."""


class DamagedHints(FileError):
    """A file of hints is damaged, or neither a layer, nor a copy of the drawing, nor a list."""


class DamagedPalette(FileError):
    """A palette file is cut off or corrupt, or is no palette in a format that shiage reads."""


class DamagedTimesheet(FileError):
    """The file is no timesheet (XDTS or TDTS), or one that is cut off or corrupt."""


class BadPresets(FileError):
    """A file of presets is no TOML, or says what no option knows or takes."""


class WriteFailed(ShiageError):
    """An output could not be written; nothing half-written is left behind."""


class OutputExists(ShiageError):
    """Finished work is already there and would have been overwritten."""


class CutError(ShiageError):
    """The cut as a whole cannot be painted."""


class EmptyCut(CutError):
    """No drawing was found in the folder."""


class SizeMismatch(CutError):
    """Pictures that belong together differ in size."""


class ReferenceUnusable(ShiageError):
    """There is no reference, or one that carries no color."""


class NotPaintedYet(ReferenceUnusable):
    """A reference is blank: it waits to be painted."""


class DatasetError(ShiageError):
    """A clip of a dataset is damaged, contradicts itself, or is not there."""


class BadOption(ShiageError):
    """An option's value cannot be used."""
