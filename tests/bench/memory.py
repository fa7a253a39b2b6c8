#!/usr/bin/python3
"""The most memory that replication takes: one source transaction of gigabytes, one row of many megabytes, an update of one (two
images of it), and a target that hangs.

    memory.py --program DMLIB [--source mariadb] [--target mariadb] [--limit 256] [--transaction 4096] [--row 64] [--update 64] [--hang 1024]

`hang`: so many MiB of small transactions are written while the target's process is stopped by SIGSTOP; it goes on afterwards. Sizes in MiB. The changes stand in the source's binlog when dmlib starts (task-mode incremental, --until caught-up); RSS is the
process's high-water mark as the kernel says (VmHWM). Afterwards both sides are compared by CHECKSUM TABLE. The last line is JSON;
the exit code is 1 where the mark is above the limit + 64 MiB.
"""

import argparse
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

from apply import end_of_binlog, task_files  # noqa: E402
from full_copy import query  # noqa: E402
from servers import up_or_skip  # noqa: E402

DATABASE = "sbtest"
PACKET = 1 << 30


def write_transaction(source, mebibytes):
    """Rows of 16 KiB, all of one transaction, in statements of 64 MiB."""
    rows = 64 << 6
    with source.connect(database=DATABASE) as c, c.cursor() as cursor:
        for n in range(max(1, mebibytes // 64)):
            cursor.execute("INSERT INTO large (id, c) SELECT %s + a.n * 64 + b.n, REPEAT(CHAR(65 + a.n %% 26), 16300) FROM n a JOIN n b WHERE a.n < 64 AND b.n < 64", (n * rows,))
        c.commit()


def write_row(source, mebibytes):
    with source.connect(database=DATABASE) as c, c.cursor() as cursor:
        cursor.execute("INSERT INTO one_row VALUES (1, REPEAT(UNHEX('005C27FF'), %s))", (mebibytes << 18,))
        c.commit()


def write_update(source, mebibytes):
    """The row is there already: `row` comes before."""
    with source.connect(database=DATABASE) as c, c.cursor() as cursor:
        cursor.execute("UPDATE one_row SET c = REPEAT(UNHEX('5C27FF00'), %s) WHERE id = 1", (mebibytes << 18,))
        c.commit()


def write_hang(source, mebibytes):
    """Rows of 2 KiB, 64 a transaction, inserted and changed."""
    with source.connect(database=DATABASE) as c, c.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM large")
        first = cursor.fetchone()[0]
        for n in range(mebibytes * 8 // 3):
            cursor.execute("INSERT INTO large (id, c) SELECT %s + n, REPEAT(CHAR(65 + n), 2048) FROM n", (first + n * 64,))
            cursor.execute("UPDATE large SET c = CONCAT('x', c) WHERE id BETWEEN %s AND %s", (first + n * 64, first + n * 64 + 63))
            c.commit()


SHAPES = {"transaction": write_transaction, "row": write_row, "update": write_update, "hang": write_hang}


def hang(target, seconds=20):
    """The target's process stands still, from a moment on where rows are under way."""
    os.kill(target.pid, signal.SIGSTOP)
    threading.Timer(seconds, os.kill, (target.pid, signal.SIGCONT)).start()


def replicate(argv, seconds, under_way=None):
    """The high-water mark of RSS in MiB, and the seconds that it took. `under_way`: called once, two seconds after the start."""
    begin, mark = time.monotonic(), 0
    log = tempfile.TemporaryFile()
    run = subprocess.Popen([str(a) for a in argv], stdout=log, stderr=subprocess.STDOUT)
    while run.poll() is None:
        try:
            text = Path(f"/proc/{run.pid}/status").read_text()
            mark = max([mark, *(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmHWM"))])
        except OSError:
            pass
        if under_way and time.monotonic() - begin > 2:
            under_way()
            under_way = None
        if time.monotonic() - begin > seconds:
            run.kill()
        time.sleep(0.02)
    if run.returncode != 0:
        log.seek(0)
        sys.exit(f"dmlib failed ({run.returncode}):\n{log.read().decode()[-3000:]}")
    return mark >> 10, time.monotonic() - begin


def checksums(server):
    return sorted((row[0], row[1]) for row in query(server, f"CHECKSUM TABLE {DATABASE}.large, {DATABASE}.one_row"))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--program", required=True)
    p.add_argument("--source", default="mariadb")
    p.add_argument("--target", default="mariadb")
    p.add_argument("--limit", type=int, default=256)
    p.add_argument("--transaction", type=int, default=4096)
    p.add_argument("--row", type=int, default=64)
    p.add_argument("--update", type=int, default=64)
    p.add_argument("--hang", type=int, default=1024)
    p.add_argument("--shape", default=",".join(SHAPES))
    args = p.parse_args()
    args.program = os.path.abspath(args.program)
    found = {}
    with tempfile.TemporaryDirectory(prefix="dmlib-bench-") as folder:
        os.chmod(folder, 0o755)
        folder = Path(folder)
        source = up_or_skip(args.source, dir=f"{folder}/source", settings={"max_allowed_packet": PACKET, "max_binlog_size": PACKET})
        more = {} if args.target.startswith("tidb") else {"settings": {"max_allowed_packet": PACKET}}
        target = up_or_skip(args.target, dir=f"{folder}/target", **more)
        try:
            for server in (source, target):
                query(server, f"CREATE DATABASE {DATABASE}")
                query(server, f"CREATE TABLE {DATABASE}.large (id int NOT NULL PRIMARY KEY, c mediumblob)")
                query(server, f"CREATE TABLE {DATABASE}.one_row (id int NOT NULL PRIMARY KEY, c longblob)")
            query(source, f"CREATE TABLE {DATABASE}.n (n int NOT NULL PRIMARY KEY)")
            query(source, f"INSERT INTO {DATABASE}.n VALUES " + ",".join(f"({n})" for n in range(64)))
            for shape in args.shape.split(","):
                start = end_of_binlog(source)
                SHAPES[shape](source, getattr(args, shape))
                (folder / shape).mkdir()
                argv = [args.program, *task_files(folder / shape, source, target, "incremental", start)]
                mark, seconds = replicate([*argv, "--until", "caught-up", "--memory-limit", f"{args.limit}MiB"], 3600,
                                          (lambda: hang(target)) if shape == "hang" else None)
                query(target, "DROP DATABASE dm_meta")
                if not args.target.startswith("tidb") and checksums(source) != checksums(target):
                    sys.exit(f"{shape}: the target differs: {checksums(source)} {checksums(target)}")
                size = getattr(args, shape)
                print(f"{shape} of {size} MiB, limit {args.limit} MiB: {mark} MiB at most, {seconds:.1f} s, {size / seconds:.0f} MiB/s", flush=True)
                found[shape] = {"mebibytes": size, "rss_mebibytes": mark, "seconds": round(seconds, 1)}
        finally:
            source.down()
            target.down()
    print(json.dumps({"bench": "memory", "source": args.source, "target": args.target, "limit_mebibytes": args.limit, "shapes": found}))
    sys.exit(any(one["rss_mebibytes"] > args.limit + 64 for one in found.values()))


if __name__ == "__main__":
    main()
