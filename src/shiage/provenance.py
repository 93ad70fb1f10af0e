"""Where results come from: the commit of the code, and the machine."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path


def find_commit() -> str:
    """Return the commit of the source tree, "" if it is no checkout.

    "+" at its end tells of uncommitted changes.
    """

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(Path(__file__).parent), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        return git("rev-parse", "HEAD") + ("+" if git("status", "--porcelain", "-uno") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def describe_machine() -> str:
    """Return the processor and its cores, in words."""
    model = platform.processor() or platform.machine()
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        names = [line.partition(":")[2] for line in text.splitlines() if "model name" in line]
        model = names[0].strip() if names else model
    except OSError:
        pass  # only Linux has it
    return f"{model}, {os.cpu_count() or 1} cores"
