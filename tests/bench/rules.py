#!/usr/bin/python3
"""What rules cost: the same binlog replicated with 200 routes and 200 event filters, and with none.

    rules.py --program DMLIB [--source mariadb] [--target mariadb] [--changes 700000] [--trials 3]

The binlog has transactions of 50 tables, each with the same share of the changes; 49 of the tables are skipped by the block-allow-list in both tasks. A
third task has no list at all and takes all 50, to show what a skipped table saves. Trials alternate. The last line is JSON: medians of
the seconds on the clock and of the command's processor time, and their ratios to the task without rules.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "servers"))

from apply import end_of_binlog  # noqa: E402
from full_copy import query  # noqa: E402
from servers import up_or_skip  # noqa: E402

TABLES, RULES = 50, 200


def write(source, changes):
    """Transactions of five rows of one table, the tables in turn."""
    with source.connect(database="rules") as c, c.cursor() as cursor:
        for n in range(changes // 5):
            rows = ",".join(f"({n * 5 + i},{i},'{'x' * 60}')" for i in range(5))
            cursor.execute(f"INSERT INTO t{n % TABLES} VALUES {rows}")
            c.commit()


def task(source, target, start, rules, only_one):
    lines = ["name: bench", "task-mode: incremental", f"target-database: {{host: {target.host}, port: {target.port}, user: root, password: ''}}"]
    refer = ""
    if rules:
        routes = [f"r{n}" for n in range(RULES)]
        filters = [f"f{n}" for n in range(RULES)]
        refer = f", route-rules: [{', '.join(routes)}], filter-rules: [{', '.join(filters)}]"
        lines += ["routes:"] + [f"  r{n}: {{schema-pattern: rules, table-pattern: 'other{n}*', target-schema: rules, target-table: 'merged{n}'}}" for n in range(RULES)]
        lines += ["filters:"] + [f"  f{n}: {{schema-pattern: rules, table-pattern: 'another{n}*', events: [truncate table, drop table], action: Ignore}}" for n in range(RULES)]
    chosen = 'do-tables: [{db-name: rules, tbl-name: t0}]' if only_one else 'do-dbs: [rules]'
    lines += [f"block-allow-list: {{b: {{{chosen}}}}}",
              f"mysql-instances: [{{source-id: s1, block-allow-list: b, meta: {{binlog-name: {start[0]}, binlog-pos: {start[1]}}}{refer}}}]"]
    return "\n".join(lines) + "\n"


def replicate(program, folder, source, target, text):
    (folder / "source.yaml").write_text(f"source-id: s1\nfrom: {{host: {source.host}, port: {source.port}, user: root, password: ''}}\n")
    (folder / "task.yaml").write_text(text)
    before, begin = os.times(), time.monotonic()
    done = subprocess.run([program, "run", folder / "task.yaml", "--source", folder / "source.yaml", "--progress", "none", "--until", "caught-up"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seconds, after = time.monotonic() - begin, os.times()
    if done.returncode != 0:
        sys.exit(f"dmlib failed ({done.returncode}):\n{done.stdout[-3000:]}")
    return seconds, after.children_user - before.children_user + after.children_system - before.children_system


def again(target):
    query(target, "DROP DATABASE IF EXISTS dm_meta")
    for n in range(TABLES):
        query(target, f"TRUNCATE TABLE rules.t{n}")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--program", required=True)
    p.add_argument("--source", default="mariadb")
    p.add_argument("--target", default="mariadb")
    p.add_argument("--changes", type=int, default=700000)
    p.add_argument("--trials", type=int, default=3)
    args = p.parse_args()
    program = os.path.abspath(args.program)
    with tempfile.TemporaryDirectory(prefix="dmlib-bench-") as folder:
        source, target = up_or_skip(args.source), up_or_skip(args.target)
        try:
            for server in (source, target):
                query(server, "CREATE DATABASE rules")
                for n in range(TABLES):
                    query(server, f"CREATE TABLE rules.t{n} (id int NOT NULL PRIMARY KEY, k int NOT NULL, c varchar(60))")
            start = end_of_binlog(source)
            write(source, args.changes)
            tasks = {"none": task(source, target, start, False, True), "rules": task(source, target, start, True, True),
                     "all_tables": task(source, target, start, False, False)}
            took = {name: [] for name in tasks}
            for _ in range(args.trials):
                for name, text in tasks.items():
                    again(target)
                    took[name].append(replicate(program, Path(folder), source, target, text))
                    found = query(target, "SELECT COUNT(*) FROM rules.t0")[0][0]
                    if found != args.changes // TABLES:
                        sys.exit(f"{name}: the target has {found} rows")
                    print(f"  {name:10} {took[name][-1][0]:6.2f} s, own processor time {took[name][-1][1]:6.2f} s   load {os.getloadavg()[0]:.1f}", flush=True)
        finally:
            source.down()
            target.down()
    middle = {name: [statistics.median(part) for part in zip(*figures)] for name, figures in took.items()}
    out = {name: {"seconds": round(s, 2), "cpu": round(c, 2), "to_none": round(s / middle["none"][0], 3), "cpu_to_none": round(c / middle["none"][1], 3)}
           for name, (s, c) in middle.items()}
    print(json.dumps({"bench": "rules", "changes": args.changes, "rules": RULES, "tables": TABLES, "tasks": out}))


if __name__ == "__main__":
    main()
