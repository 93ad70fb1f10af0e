"""The README's example runs as it stands."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import shiage.demo
from shiage import Painter
from tests.integration.conftest import load

README = Path(__file__).parents[2] / "README.md"


def test_python_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block = re.search(r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.M | re.S)
    assert block
    for name in ("line", "color"):
        shutil.copytree(shiage.demo.DEMO_CUT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(block.group(1), str(README), "exec"), names)  # noqa: S102
    assert isinstance(names["painter"], Painter)
    painted, truth = (load(tmp_path / kind / "0002.png") for kind in ("painted", "color"))
    assert (painted == truth).all(axis=-1).mean() > 0.8
