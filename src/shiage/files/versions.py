"""Which version of a file is at hand: people save drawings while shiage works on them.

What was made of one version must never be laid beside another one. So a file's version is noted
before it is read, and looked at again when all is read that belongs together: if it is still the
same, everything read meanwhile was of it, too.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from shiage.errors import FileChanged, UnreadableFile
from shiage.files.reading import readable

GRAIN_NS = 2 * 10**9
"""The coarsest clock that a file system has (FAT). Of a file that was written so lately, its times
do not tell whether it has been written again since."""

QUIET_SECONDS = 0.2
"""A file that did not change for so long is not being saved any more, ..."""

MOST_SECONDS = 2.0
"""... but no longer is waited for it."""


@dataclass(frozen=True)
class FileVersion:
    """One version of a file.

    Attributes:
        sha256: of its content; "" if it could not be read.
        stamp: size, times and place on disk, by which it is known again without being read; None:
            these tell nothing yet.
    """

    sha256: str
    stamp: tuple[int, ...] | None = None


@dataclass
class Versions:
    """The versions of files that are worked with; each is noted when a file is first met."""

    _noted: dict[Path, FileVersion] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, path: Path) -> FileVersion:
        """Return the version of a file that is worked with: the one it had at first."""
        with self._lock:
            version = self._noted.get(path)
        if version is None:
            version = look_at(path)
            with self._lock:
                version = self._noted.setdefault(path, version)
        return version

    def changed(self, paths: Iterable[Path], *, closely: bool = False) -> list[Path]:
        """Return which files have another version by now; what is noted stays.

        Args:
            paths: the files.
            closely: read each of them, whatever its times and size say.
        """
        found = []
        for path in paths:
            noted = self.note(path)
            now = look_at(path, None if closely else noted)
            if now.sha256 != noted.sha256:
                found.append(path)
            elif now != noted:  # by now its times can be relied on
                with self._lock:
                    self._noted[path] = now
        return found

    def renew(self, paths: Iterable[Path]) -> None:
        """Work with the present versions of files from now on."""
        for path in paths:
            version = look_at(path)
            with self._lock:
                self._noted[path] = version

    def require(self, path: Path, sha256: str) -> None:
        """Raise unless a file is of that version at this moment.

        Raises:
            FileChanged: it is not.
        """
        require_version(path, sha256, self.note(path))


def require_version(path: Path, sha256: str, before: FileVersion | None = None) -> None:
    """Raise unless a file is of that version at this moment.

    Args:
        path: the file.
        sha256: of the version.
        before: a version of it, known again by time and size; see `look_at`.

    Raises:
        FileChanged: it is not.
    """
    if look_at(path, before).sha256 != sha256:
        raise FileChanged(
            "was saved again meanwhile",
            path=path,
            expected="the same file from beginning to end",
            action="Wait until it is saved, then try again",
        )


def look_at(path: Path, before: FileVersion | None = None) -> FileVersion:
    """Return the version of a file, that of before if its times and size tell that it is the same.

    Whoever keeps the old times when saving is found out by the others: the system's own time of
    the change, and the file's place on disk.
    """
    stamp = _stamp(path)
    if before is not None and stamp is not None and before.stamp == stamp:
        return before
    lately = time.time_ns() - GRAIN_NS
    try:
        digest = hash_file(path)
    except UnreadableFile:
        return FileVersion("")
    known = stamp is not None and max(stamp[1:3]) < lately and _stamp(path) == stamp
    return FileVersion(digest, stamp if known else None)


def wait_until_quiet(paths: Iterable[Path]) -> None:
    """Wait until files that are being saved at this moment are whole, but not for long."""
    watched = list(paths)
    give_up = time.monotonic() + MOST_SECONDS
    stamps = [_stamp(path) for path in watched]
    while time.monotonic() < give_up:
        time.sleep(QUIET_SECONDS)
        before, stamps = stamps, [_stamp(path) for path in watched]
        if stamps == before:
            return


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's content.

    Raises:
        UnreadableFile: it cannot be read.
    """
    with readable(path, "a readable picture"), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stamp(path: Path) -> tuple[int, ...] | None:
    """Return size, times and place on disk of a file, None if there is none."""
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return None
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino
