#!/usr/bin/python3
"""How long a change takes from the source's commit to the target's, while sysbench writes at a given rate.

    latency.py --program DMLIB [--source mariadb] [--target mariadb] [--rate 2000] [--seconds 30]

sysbench oltp_write_only commits RATE/4 transactions a second on the source, 4 row changes each. Beside it one session inserts a row every
20 ms and notes when its COMMIT has come back; another asks the target for the newest of these rows, as fast as it answers, and notes
when it sees each. So a figure has the target's answer to a query in it. The last line is JSON: milliseconds.
"""

import argparse
import bisect
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "servers"))

from apply import DATABASE, end_of_binlog, sysbench, task_files  # noqa: E402
from full_copy import query  # noqa: E402
from servers import up_or_skip  # noqa: E402


def write_probes(source, until, committed):
    with source.connect(database=DATABASE, autocommit=True) as c, c.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute("INSERT INTO probe () VALUES ()")
            committed.append(time.monotonic())
            time.sleep(0.02)


def see_probes(target, writer, committed, end, seen):
    """seen: pairs of (newest row, when), in order."""
    with target.connect(database=DATABASE, autocommit=True) as c, c.cursor() as cursor:
        newest = 0
        while writer.is_alive() or (newest < len(committed) and time.monotonic() < end + 30):
            cursor.execute("SELECT MAX(id) FROM probe")
            now, found = time.monotonic(), cursor.fetchone()[0] or 0
            if found > newest:
                newest = found
                seen.append((found, now))


def measure(source, target, args):
    committed, seen = [], []
    end = time.monotonic() + args.seconds
    load = subprocess.Popen(["sysbench", "oltp_write_only", f"--mysql-host={source.host}", f"--mysql-port={source.port}", "--mysql-user=root",
                             f"--mysql-db={DATABASE}", "--tables=4", "--table-size=25000", "--threads=4", f"--rate={args.rate // 4}",
                             f"--time={args.seconds}", "--events=0", "run"], stdout=subprocess.PIPE, text=True)
    writer = threading.Thread(target=write_probes, args=(source, end, committed))
    writer.start()
    see_probes(target, writer, committed, end, seen)
    writer.join()
    load.communicate()
    if not seen or seen[-1][0] < len(committed):
        sys.exit(f"the target has {seen[-1:]} of {len(committed)} rows")
    rows = [row for row, _ in seen]
    took = [seen[bisect.bisect_left(rows, n + 1)][1] - at for n, at in enumerate(committed)]
    return sorted(max(0.0, 1000 * t) for t in took)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--program", required=True)
    p.add_argument("--source", default="mariadb")
    p.add_argument("--target", default="mariadb")
    p.add_argument("--rate", type=int, default=2000, help="row changes a second")
    p.add_argument("--seconds", type=int, default=30)
    args = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="dmlib-bench-") as folder:
        os.chmod(folder, 0o755)
        folder = Path(folder)
        source = up_or_skip(args.source, dir=f"{folder}/source")
        target = up_or_skip(args.target, dir=f"{folder}/target")
        follower = None
        try:
            query(source, f"CREATE DATABASE {DATABASE} DEFAULT CHARACTER SET utf8mb4")
            sysbench(source, "--threads=4", "prepare")
            query(source, f"CREATE TABLE {DATABASE}.probe (id int NOT NULL AUTO_INCREMENT PRIMARY KEY)")
            subprocess.run([str(a) for a in (args.program, *task_files(folder, source, target, "full"))], check=True, stdout=subprocess.DEVNULL)
            query(target, "DROP DATABASE dm_meta")
            follow = (args.program, *task_files(folder, source, target, "incremental", end_of_binlog(source)))
            follower = subprocess.Popen([str(a) for a in follow], stdout=subprocess.DEVNULL)
            time.sleep(2)
            took = measure(source, target, args)
        finally:
            if follower:
                follower.send_signal(signal.SIGTERM)
                follower.wait()
            source.down()
            target.down()
    at = {name: round(took[min(len(took) - 1, int(len(took) * share))], 1) for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1))}
    print(f"{len(took)} rows at {args.rate} changes/s: " + ", ".join(f"{name} {ms} ms" for name, ms in at.items()))
    print(json.dumps({"bench": "latency", "source": args.source, "target": args.target, "rate": args.rate, "milliseconds": at}))


if __name__ == "__main__":
    main()
