#!/usr/bin/python3
"""What it costs that the position is committed with the rows: dmlib against a dmlib that does not do it.

    position.py --program DMLIB --build BUILD [--source mariadb] [--target mariadb] [--shape oltp] [--changes 300000] [--trials 5]

The product has no switch for it. A copy of the tree is changed here (lane.hpp: the lane's record is neither written nor expected) and built
beside BUILD, then both programs apply the same backlog, alternating, as in apply.py. Of two programs that differ by so little the times of a
shared machine say nothing below a few per cent: processor time of target and dmlib is printed beside them.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "servers"))

import apply  # noqa: E402
from full_copy import arguments, cpu_seconds, query, run  # noqa: E402
from servers import up_or_skip  # noqa: E402

TREE = HERE.parents[1]
LANE = "include/dmlib/sync/impl/internal/lane.hpp"
CHANGES = [("            work.rows.sql.push_back(';');\n            store_.append_lane_update(work.rows.sql, work.record);\n", ""),
           ("const std::size_t others = in_order(work) ? 1 : 2;", "const std::size_t others = 1;"),
           ("        return own_record(results_.back());\n", "        return {};\n")]


def build_without(build):
    """The program whose lanes write rows only. Sources that are the same come from ccache."""
    tree = Path(build).resolve().parent / "without-position"
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    for name in ("CMakeLists.txt", "LICENSE", "README.md", "docs", "examples", "include", "src", "tests"):
        copy = shutil.copytree if (TREE / name).is_dir() else shutil.copy2
        copy(TREE / name, tree / name)
    text = (tree / LANE).read_text()
    for old, new in CHANGES:
        if text.count(old) != 1:
            sys.exit(f"{LANE} is not as position.py knows it: {old!r}")
        text = text.replace(old, new)
    (tree / LANE).write_text(text)
    subprocess.run([tree / "tests/build", tree / "build/release", "--", "dmlib_cli"], check=True, stdout=subprocess.DEVNULL)
    return tree / "build/release/examples/cli/dmlib"


def measured(program, source, target, span, args, base, folder):
    """Seconds, and processor seconds of target and dmlib."""
    base.again()
    args.program = str(program)
    before, begin = cpu_seconds(target.pid), time.monotonic()
    own = apply.by_dmlib(source, target, span["begin"], span["end"], args, folder)
    seconds, cpu = time.monotonic() - begin, cpu_seconds(target.pid) - before
    if not apply.same_rows(source, target, args):
        sys.exit(f"{program}: the target differs")
    return seconds, cpu, own


def main():
    p = arguments(__doc__)
    p.add_argument("--build", required=True)
    p.add_argument("--shape", default="oltp")
    p.add_argument("--changes", type=int, default=300000)
    p.add_argument("--syncer", default="")
    args = p.parse_args()
    programs = {"with": os.path.abspath(args.program), "without": build_without(args.build)}
    with tempfile.TemporaryDirectory(prefix="dmlib-bench-") as folder:
        os.chmod(folder, 0o755)
        folder = Path(folder)
        source, target = up_or_skip(args.source, dir=f"{folder}/source"), up_or_skip(args.target, dir=f"{folder}/target")
        try:
            query(source, f"CREATE DATABASE {apply.DATABASE} DEFAULT CHARACTER SET utf8mb4")
            apply.sysbench(source, "--threads=4", "prepare")
            query(source, f"CREATE TABLE {apply.DATABASE}.{apply.WIDE.split(' ', 2)[2]}")
            run([programs["with"], *apply.task_files(folder, source, target, "full")])
            query(target, "DROP DATABASE dm_meta")
            base = apply.Base(target, folder)
            span = {"begin": apply.end_of_binlog(source)}
            counted = apply.changes_of(source)
            apply.SHAPES[args.shape](source, args.changes)
            span |= {"end": apply.end_of_binlog(source), "changes": apply.changes_of(source) - counted}
            took = {name: [] for name in programs}
            for n in range(args.trials):
                for name in (list(programs) if n % 2 == 0 else list(programs)[::-1]):
                    one = measured(programs[name], source, target, span, args, base, folder)
                    took[name].append(one)
                    print(f"  {name:8} {one[0]:6.2f} s   target {one[1]:6.2f} s of processor time, dmlib {one[2]:5.2f} s   load {os.getloadavg()[0]:.1f}", flush=True)
        finally:
            source.down()
            target.down()
    middle = {name: [statistics.median(column) for column in zip(*trials)] for name, trials in took.items()}
    least = {name: min(trials)[0] for name, trials in took.items()}
    cpu = {name: m[1] + m[2] for name, m in middle.items()}
    print(json.dumps({"bench": "position", "source": args.source, "target": args.target, "shape": args.shape, "changes": span["changes"], "trials": args.trials,
                      "seconds": {k: round(v[0], 2) for k, v in middle.items()}, "least_seconds": {k: round(v, 2) for k, v in least.items()},
                      "cpu_seconds": {k: round(v, 2) for k, v in cpu.items()},
                      "cost_percent": {"seconds": round(100 * (middle["with"][0] / middle["without"][0] - 1), 1),
                                       "least_seconds": round(100 * (least["with"] / least["without"] - 1), 1),
                                       "cpu": round(100 * (cpu["with"] / cpu["without"] - 1), 1)}}))


if __name__ == "__main__":
    main()
