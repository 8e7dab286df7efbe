# ruff: noqa: E402 - the source tree must be found before its modules are
"""The bench: what building costs beside what it would cost by hand, against the goals. `make bench` runs it.

CPU seconds of whole process trees are the measure; wall time on a shared machine is not.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import assembly
import encoder
import null
import planning
import sharing
import starting
from place import snapshot
from table import markdown

PARTS = ("start", "plan", "null", "share", "encoder", "assembly")
ALL = (*PARTS, "long")


def main() -> int:
    """Run the parts asked for and print their tables; 1 where the judge found a flaw or a goal is missed."""
    told = _arguments()
    tables, missed = [f"## vidbuild bench, {os.cpu_count()} cores, Python {platform.python_version()}\n"], False
    with tempfile.TemporaryDirectory(prefix="vidbuild-bench-", dir=told.folder) as name:
        source = snapshot(ROOT, Path(name, "source"))
        for part in told.only or (ALL if told.full else PARTS):
            folder = Path(name, part)
            folder.mkdir()
            print(f"bench: {part}", file=sys.stderr)
            if part == "start":
                title, rows = "Starting", starting.bench(folder, source)
            elif part == "plan":
                title, rows = "Planning, nothing cached", planning.bench(folder, source)
            elif part == "null":
                title, rows = "Nothing changed", null.bench(folder, source, told.shots or (1000 if told.full else 100))
            elif part == "share":
                title, rows = "Sharing, nginx on loopback", sharing.bench(folder, source)
            elif part == "encoder":
                title, rows = "x264, 3 x 2 s of 1080p24", encoder.bench(folder, source, told.clips)
            elif part == "long":
                title, rows = "Ten such minutes", assembly.bench_long(folder, source, told.clips)
            else:
                title = "A minute: ten shots, three dissolves, titles, captions, ducked music; three outputs"
                rows = assembly.bench(folder, source, told.clips, told.rounds)
            missed = missed or any(row.holds is False for row in rows)
            tables.append(markdown(title, rows))
            print(tables[-1], flush=True)
    if told.out:
        told.out.write_text("\n".join(tables))
    return int(missed)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=ALL, help="only this part (repeatable)")
    parser.add_argument(
        "--full", action="store_true", help="1,000 shots for the null build, and ten minutes to assemble"
    )
    parser.add_argument("--shots", type=int, help="so many shots for the null build")
    parser.add_argument("--rounds", type=int, default=1, help="measure the assembly so often; medians are compared")
    parser.add_argument("--clips", type=Path, help="keep the clips in this folder, and take them from there")
    parser.add_argument("--folder", type=Path, help="work below this folder")
    parser.add_argument("--out", type=Path, help="write the tables to this file too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
