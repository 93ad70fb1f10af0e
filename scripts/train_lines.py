"""Train the networks that see lines, and write them as they come with shiage.

    shiage data make procedural --characters 4000 --clips 500 --frames 2 --size 768 --seed 17 \
        --split train --out DATA
    shiage data make rendered --assets ASSETS --clips 250 --frames 2 --size 768 --seed 17 \
        --split train --out DATA
    (the same with --split validation, 30 and 12 clips, --out HELDOUT)
    python scripts/train_lines.py RUN DATA HELDOUT

Takes up to two hours on one core; what was interrupted goes on when it is called again.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from shiage.commands.terminal import show_progress
from shiage.data.dataset import list_clips
from shiage.lines.border_map import SHIPPED, LineSight
from shiage.lines.parting import FEATURES
from shiage.models.line_export import export_join_net, export_line_net, write_line_card
from shiage.provenance import find_commit
from shiage.training.joining import JoinNet, train_joining
from shiage.training.lines import LineTraining, load_line_net, train_lines, validate
from shiage.training.shipping import list_credits

STEPS = 8_500


def main() -> None:
    """Train, join, export."""
    run, *folders = (Path(name) for name in sys.argv[1:])
    job = LineTraining(tuple(folders), run, steps=STEPS, jobs=1)
    with show_progress({"patches": 1, "steps": 1}, "training", hidden=False) as advance:
        net = load_line_net(train_lines(job, advance))
    see = export_line_net(net)
    infos = [info for folder in folders for info in list_clips(folder, "train")]
    card = {
        "commit": find_commit(),
        "training": {
            name: value for name, value in asdict(job).items() if name not in ("folders", "run")
        },
        "metrics": validate(net, run / "validation", job.validation),
        "license": "Apache-2.0",
        "credits": list_credits(infos),
    }
    with TemporaryDirectory() as folder:
        untrained = export_join_net(JoinNet(), FEATURES)
        write_line_card(Path(folder) / "lines.json", see, untrained, card)
        sight = LineSight(Path(folder) / "lines.json")
        with show_progress({"drawings": 1}, "joining", hidden=False) as advance:
            join = train_joining(folders, sight, progress=advance)
    write_line_card(SHIPPED, see, export_join_net(join, FEATURES), card)


if __name__ == "__main__":
    main()
