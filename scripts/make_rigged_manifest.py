"""Make src/shiage/data/rigged/characters.json from the folder of rigged characters.

The folder's SOURCES.md tells where each file is from. Files that show nearly the same must not be
parted between training and test: those that share most of their triangles are one character, and
those of `SAME` below.

    python scripts/make_rigged_manifest.py ../shared/assets3d
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shiage.data.dataset import split_of
from shiage.data.rigged.gltf import load_rig
from shiage.data.rigged.maker import RiggedFile
from shiage.data.rigged.motion import agree, plain_name
from shiage.data.rigged.rig import Rig

OUT = Path(__file__).parents[1] / "src/shiage/data/rigged/characters.json"

MOST_SHARED = 0.5
"""Files that share more than this part of the smaller one's triangles show one character."""

FINEST = 1e-4
"""Lengths that differ by less than about this share of the body are equal. At 5e-4, one in ten of
the triangles of two bodies that have nothing in common agree by chance; at 1e-4, hardly any do."""

SAME = (
    # Names of files that show one character: what names and pictures tell.
    ("mon_Big_Orc", "mon_Big_Orc_Skull"),
    ("mon_Big_BlueDemon", "mon_Big_Demon", "mon_Flying_Demon"),
    ("mon_Big_Tribal", "mon_Flying_Tribal"),
    ("mon_Flying_Alpaking", "mon_Flying_Alpaking_Evolved"),
    ("mon_Flying_Armabee", "mon_Flying_Armabee_Evolved"),
    ("mon_Flying_Ghost", "mon_Flying_Ghost_Skull"),
    ("mon_Flying_Glub", "mon_Flying_Glub_Evolved"),
    ("mon_Flying_Goleling", "mon_Flying_Goleling_Evolved"),
    ("q_animals_Bull", "q_animals_Cow"),
    ("q_animals_Deer", "q_animals_Stag"),
    ("q_animals_Donkey", "q_animals_Horse"),
    ("q_animals_Husky", "q_animals_ShibaInu", "q_animals_Wolf"),
    ("q_cyberpunk_Enemy_Large", "q_cyberpunk_Enemy_Large_Gun"),
    ("smooth_Female_Alternative", "smooth_Female_Casual", "smooth_Female_TankTop"),
    ("smooth_Male_Casual", "smooth_Male_LongSleeve", "smooth_Male_Shirt"),
    ("toonshooter_Enemy", "toonshooter_Hazmat", "toonshooter_Soldier"),
    ("men_Adventurer", "women_Adventurer"),
    ("men_Suit", "women_Suit", "women_Formal"),
    ("men_Worker", "women_Worker"),
    ("men_Casual_2", "men_Casual_Hoodie"),
    ("men_Swat", "women_Soldier"),
    (
        "uac_BlueSoldier_Female",
        "uac_BlueSoldier_Male",
        "uac_Soldier_Female",
        "uac_Soldier_Male",
    ),
    ("uac_BaseCharacter", "uac_Casual_Bald", "uac_Casual_Female", "uac_Casual_Male"),
    ("uac_Casual2_Female", "uac_Casual2_Male"),
    ("uac_Casual3_Female", "uac_Casual3_Male"),
    ("uac_Chef_Hat", "uac_Chef_Male"),
    ("uac_Cow", "uac_Pug"),
    ("uac_Cowboy_Female", "uac_Cowboy_Hair", "uac_Cowboy_Male"),
    ("uac_Doctor_Female_Old", "uac_Doctor_Male_Old", "uac_Doctor_Male_Young"),
    ("uac_Knight_Golden_Female", "uac_Knight_Golden_Male", "uac_Knight_Male"),
    ("uac_Ninja_Female", "uac_Ninja_Male", "uac_Ninja_Sand", "uac_Ninja_Sand_Female"),
    ("uac_OldClassy_Female", "uac_OldClassy_Male"),
    ("uac_Suit_Female", "uac_Suit_Male"),
    ("uac_VikingHelmet", "uac_Viking_Female"),
    ("uac_Worker_Female", "uac_Worker_Male"),
    ("uac_Zombie_Female", "uac_Zombie_Male"),
)


def main(assets: Path) -> None:
    """Write the manifest."""
    rows = [read_row(assets, line) for line in (assets / "SOURCES.md").read_text().splitlines()]
    known = sorted((row for row in rows if row), key=lambda row: row.file)
    rigs = {row.file: load_rig(assets / row.file) for row in known}
    characters = find_characters(rigs)
    full = []
    for row in known:
        character, givers = characters[row.file], find_givers(row.file, rigs)
        told = asdict(replace(row, character=character, motions_from=givers))
        full.append(told | {"split": split_of(character)})
    OUT.write_text(json.dumps(full, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(full)} files, {len({row['character'] for row in full})} characters")
    print(f"{sum(bool(row['motions_from']) for row in full)} borrow motions")


def read_row(assets: Path, line: str) -> RiggedFile | None:
    """Return the manifest's row for a row of SOURCES.md, or None for other lines."""
    cells = [cell.strip() for cell in line.split(" | ")]
    if len(cells) < 5 or not cells[0].endswith(".glb") or cells[0] == "name.glb":
        return None
    file, repository, path, commit, told = cells[:5]
    license_name = told.partition(" (")[0]
    return RiggedFile(
        file=file,
        character=file.removesuffix(".glb"),
        author="Kay Lousberg" if file.startswith("kaykit") else "Quaternius",
        license=license_name,
        repository=repository,
        path=path,
        commit=commit,
        note=told.removeprefix(license_name).strip(),
        sha256=hashlib.sha256((assets / file).read_bytes()).hexdigest(),
    )


def find_characters(rigs: dict[str, Rig]) -> dict[str, str]:
    """Return the character that each file shows: the name of the first file that shows it."""
    sides = {file: side_lengths(rig) for file, rig in rigs.items()}
    sizes = {file: float(np.ptp(rig.vertices, axis=0).max()) for file, rig in rigs.items()}
    groups = {file: {file} for file in rigs}
    pairs = [(f"{group[0]}.glb", f"{name}.glb") for group in SAME for name in group[1:]]
    for one, other in pairs + list(combinations(rigs, 2)):
        if groups[one] is groups[other]:
            continue
        # A hat makes a body no smaller in its file's units; other files have other units.
        smaller = min(sizes[one], sizes[other])
        if (
            (one, other) in pairs
            or share_of(sides[one] / smaller, sides[other] / smaller) > MOST_SHARED
            or share_of(sides[one] / sizes[one], sides[other] / sizes[other]) > MOST_SHARED
        ):
            groups[one] |= groups[other]
            groups |= dict.fromkeys(groups[one], groups[one])
    return {file: min(group).removesuffix(".glb") for file, group in groups.items()}


def side_lengths(rig: Rig) -> NDArray[np.float64]:
    """Return the lengths of each triangle's sides, ascending, (T, 3)."""
    corners = rig.vertices.astype(np.float64)[rig.triangles]
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)
    return np.sort(sides, axis=1)


def share_of(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the share of the smaller body's triangles that the other one has too."""
    both = [
        np.round(sides / FINEST).astype(np.int64) @ (1, 1 << 20, 1 << 40) for sides in (one, other)
    ]
    (keys, counts), (others, other_counts) = (np.unique(key, return_counts=True) for key in both)
    _, ours, theirs = np.intersect1d(keys, others, assume_unique=True, return_indices=True)
    shared = int(np.minimum(counts[ours], other_counts[theirs]).sum())
    return shared / min(len(one), len(other))


def find_givers(file: str, rigs: dict[str, Rig]) -> tuple[str, ...]:
    """Return files with motions that `file` lacks and that fit it, no more than it takes."""
    taker = rigs[file]
    known = {plain_name(motion) for motion in taker.motions}
    givers = []
    for other, rig in rigs.items():
        fresh = {plain_name(motion) for motion in rig.motions} - known
        if fresh and agree(taker, rig):
            givers.append(other)
            known |= fresh
    return tuple(givers)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
