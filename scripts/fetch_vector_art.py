"""Collects the openly licensed vector art that `shiage data make vector` draws from.

    python scripts/fetch_vector_art.py FOLDER             # needs npm and node
    python scripts/fetch_vector_art.py FOLDER --survey    # also looks at every picture again and
                                                          # rewrites sources.json

Packages come from whatever registry npm is set up to use. Versions and licenses stand in
src/shiage/data/vector/sources.json.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from shiage.data.vector.library import icon_svg, read_icons
from shiage.data.vector.svg import Element, read_svg

SOURCES = Path(__file__).parents[1] / "src" / "shiage" / "data" / "vector" / "sources.json"

DICEBEAR = """
import { createAvatar } from '@dicebear/core';
import * as collection from '@dicebear/collection';
import { mkdirSync, writeFileSync } from 'node:fs';
const [folder, style, count] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
for (let n = 1; n <= Number(count); n++) {
  const name = String(n).padStart(4, '0');
  const avatar = createAvatar(collection[style], { seed: name });
  writeFileSync(`${folder}/${name}.svg`, avatar.toString());
}
"""

UNWANTED = re.compile(
    r"skin-tone|-(light|medium|dark)\b|-tone\d|flag|keycap|arrow|o-?clock|-thirty|button|digit|letter"
    r"|sign$|symbol|square|circle|speech|^regional|hourglass|latin|fullmoon|-moon$|^(kiss|couple|family)-"
)
"""Names of pictures that are variants of others, or signs rather than things."""

SHAPES = re.compile(r"<(?:path|circle|ellipse|rect|polygon|polyline|line|use)\b|[zZ]\s*[mM]")
"""What makes a part, told from the text: rules out plain pictures before they are read."""

UNWANTED_CATEGORIES = ("Flags", "Symbols", "Modifiers")
MIN_PARTS, MAX_PARTS = 6, 90
KIN = 0.4  # share of elements alike from which two pictures are one family
MIN_KIN = 3


def main() -> None:
    """Fetch, and survey if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--survey", action="store_true")
    options = parser.parse_args()
    told = json.loads(SOURCES.read_text(encoding="utf-8"))
    for name, source in told["packages"].items():
        if "npm" in source and not (options.folder / name).exists():
            fetch(name, source, options.folder)
    if options.survey:
        for name, source in told["packages"].items():
            if (options.folder / name).exists():
                source["families"] = survey(options.folder / name)
                print(f"{name}: {sum(map(len, source['families']))} pictures", file=sys.stderr)
                SOURCES.write_text(to_text(told), encoding="utf-8")


def fetch(name: str, source: dict[str, Any], folder: Path) -> None:
    """Put one package into `folder/name`; the folder appears only when it is whole."""
    package = f"{source['npm']}@{source['version']}"
    print(f"{name}: {package}, {source['license']}", file=sys.stderr)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        work, done = Path(temporary), Path(temporary) / "done"
        if "style" in source:
            core = f"@dicebear/core@{source['version']}"
            run(["npm", "install", "--silent", "--no-audit", core, package], work)
            (work / "make.mjs").write_text(DICEBEAR, encoding="utf-8")
            run(["node", "make.mjs", done.name, source["style"], str(source["count"])], work)
        else:
            run(["npm", "pack", "--silent", package], work)
            with tarfile.open(next(work.glob("*.tgz"))) as archive:
                archive.extractall(work, filter="data")
            done = work / "package"
        shutil.move(done, folder / name)


def run(command: list[str], folder: Path) -> None:
    """Run a program and stop if it fails."""
    program = shutil.which(command[0])
    if program is None:
        sys.exit(f"{command[0]}: not found; install Node.js, which brings it")
    done = subprocess.run([program, *command[1:]], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr.strip()[-2000:]}")


def survey(folder: Path) -> list[list[str]]:
    """Return the pictures worth drawing, in families of those that share parts."""
    looks: dict[str, list[tuple[object, ...]]] = {}
    for name, text in candidates(folder):
        try:
            elements = read_svg(text)
        except ValueError as error:
            print(f"{folder.name}/{name}: {error}", file=sys.stderr)
            continue
        if MIN_PARTS <= sum(is_part(element) for element in elements) <= MAX_PARTS:
            looks[name] = [look(element) for element in elements if is_part(element)]
    if not (folder / "icons.json").exists():
        return [sorted(looks)]  # put together from the same parts
    return group(looks)


def candidates(folder: Path) -> list[tuple[str, str]]:
    """Return names and SVG texts of the pictures that may be worth drawing."""
    if not (folder / "icons.json").exists():
        return [(path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("*.svg"))]
    package = read_icons(folder / "icons.json")
    metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    signs = {
        name
        for category in UNWANTED_CATEGORIES
        for name in metadata.get("categories", {}).get(category, [])
    }
    return [
        (name, icon_svg(package, name))
        for name in sorted(package["icons"])
        if name not in signs
        and not UNWANTED.search(name)
        and len(SHAPES.findall(package["icons"][name]["body"])) >= MIN_PARTS
    ]


def is_part(element: Element) -> bool:
    """Return whether an element holds paint."""
    return bool(element.contours) and not element.is_ink


def look(element: Element) -> tuple[object, ...]:
    """Return what an element has in common with its copies at any place and size."""
    outline = element.contours[0]
    width, height = np.ptp(outline, axis=0) + 1e-3
    x, y = ((outline - outline.min(axis=0)) / (width, height)).T
    fill = abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))) / 2
    return round(float(np.log2(width / height)), 1), round(fill, 2), element.color


def group(looks: dict[str, list[tuple[object, ...]]]) -> list[list[str]]:
    """Return families: pictures linked by a share of like elements, directly or through others."""
    head = {name: name for name in looks}

    def find(name: str) -> str:
        while head[name] != name:
            name = head[name]
        return name

    names, sets = list(looks), [set(look) for look in looks.values()]
    for at, one in enumerate(sets):
        for other in range(at):
            shared = len(one & sets[other])
            if shared >= max(MIN_KIN, KIN * min(len(one), len(sets[other]))):
                head[find(names[at])] = find(names[other])
    families: dict[str, list[str]] = {}
    for name in names:
        families.setdefault(find(name), []).append(name)
    return sorted(families.values())


def to_text(told: dict[str, Any]) -> str:
    """Return the manifest as JSON with one family a line."""
    text = json.dumps(told, indent=1, ensure_ascii=False)
    joined = re.sub(r"\[\s+((?:\"[^\"]*\",?\s+)+)\]", lambda found: _one_line(found[1]), text)
    return joined + "\n"


def _one_line(items: str) -> str:
    return "[" + re.sub(r",\s+", ", ", items.strip()) + "]"


if __name__ == "__main__":
    main()
