#!/usr/bin/python3
"""The full copy alone between two real servers: copy_tool copies, tests/servers/compare.py compares.

    run.py --tool PATH SOURCE_KIND TARGET_KIND [--only zoo,kill,...] [--kills N]
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
for folder in (HERE.parent, HERE.parent.parent / "servers"):
    sys.path.insert(0, str(folder))

from compare import compare  # noqa: E402
from servers import up_or_skip  # noqa: E402
from support import zoo  # noqa: E402


class Copy:
    def __init__(self, tool, source, target):
        self.command = [tool, str(source.port), str(target.port)]

    def start(self, **options):
        argv = self.command + [f"{k}={v}" for k, v in options.items()]
        return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, **options):
        p = self.start(**options)
        out, err = p.communicate(timeout=600)
        if p.returncode not in (0, 4):
            raise AssertionError(f"exit {p.returncode}: {err[-2000:]}")
        return json.loads(out.splitlines()[-1]), err


def execute(server, *statements):
    zoo.run_all(server, ["SET SESSION foreign_key_checks=0", *statements])


def drop_all(server, *schemas):
    execute(server, *[f"DROP DATABASE IF EXISTS {zoo.quoted(s)}" for s in schemas])


def same(source, target, schemas):
    differences = compare(source, target, schemas=list(schemas))
    assert differences == [], differences


def same_keys(source, target, schemas):
    """Keys that are made after the rows are those of the source, in its order."""
    def keys(server):
        with server.connect() as c, c.cursor() as cursor:
            found = {}
            for schema in schemas:
                cursor.execute(f"SHOW FULL TABLES FROM {zoo.quoted(schema)} WHERE Table_type='BASE TABLE'")
                for name, _ in cursor.fetchall():
                    cursor.execute(f"SHOW CREATE TABLE {zoo.quoted(schema)}.{zoo.quoted(name)}")
                    lines = cursor.fetchone()[1].splitlines()
                    found[schema, name] = [line.split(" /*T!")[0].strip(" ,") for line in lines if " KEY " in line and not line.startswith("  `")]
            return found
    ours, theirs = keys(target), keys(source)
    wrong = {name: (theirs[name], ours.get(name)) for name in theirs if theirs[name] != ours.get(name)}
    assert not wrong, wrong
    assert any(len(lines) > 1 for lines in theirs.values())


def case_zoo(copy, source, target, args):
    """Every kind of table and value; by bulk statements, LOAD DATA and INSERT; a finished copy is not repeated."""
    zoo.make(source, target, rows=2000)
    schemas = [s for s in zoo.SCHEMAS]
    for method, task in (("automatic", "zoo1"), ("load", "zoo3"), ("insert", "zoo2")):
        drop_all(target, *schemas)
        result, err = copy.run(task=task, method=method, schemas=",".join(schemas), tx=65536)
        assert result["result"] == "finished", err
        same(source, target, schemas)
        if args.source == args.target:
            same_keys(source, target, schemas)
        slow = sum("written again by INSERT" in line for line in err.splitlines())
        print(f"  zoo by {method}: {result['rows']} rows in {result['seconds']} s, {slow} batches again by INSERT")
    again, err = copy.run(task="zoo2", schemas=",".join(schemas))
    assert again["before"] is True and again["rows"] == result["rows"], (again, err)


def make_large(source, rows):
    drop_all(source, "fc")
    execute(source, "CREATE DATABASE fc DEFAULT CHARACTER SET utf8mb4")
    number = "CREATE TABLE fc.seed (n int PRIMARY KEY)"
    execute(source, number, "INSERT INTO fc.seed VALUES " + ",".join(f"({n})" for n in range(1000)))
    series = f"SELECT a.n * 1000 + b.n AS n FROM fc.seed a JOIN fc.seed b WHERE a.n < {rows // 1000}"
    execute(source,
            "CREATE TABLE fc.one (id bigint NOT NULL PRIMARY KEY, v varchar(100), KEY (v), KEY backwards (v, id))",
            f"INSERT INTO fc.one SELECT (n - 500) * 3, CONCAT('row ', n, REPEAT('x', n % 60)) FROM ({series}) s",
            "CREATE TABLE fc.two (a int NOT NULL, b int unsigned NOT NULL, v varchar(100), PRIMARY KEY (a, b))",
            f"INSERT INTO fc.two SELECT n % 7 - 3, n, REPEAT('y', n % 80) FROM ({series}) s",
            "CREATE TABLE fc.none (a int, v varchar(100))",
            f"INSERT INTO fc.none SELECT n % 10, REPEAT('z', n % 5) FROM ({series}) s",
            "CREATE TABLE fc.words (w varchar(40) NOT NULL PRIMARY KEY, n int)",
            f"INSERT INTO fc.words SELECT CONCAT('word', n), n FROM ({series}) s",
            "CREATE TABLE fc.sparse (id bigint unsigned NOT NULL PRIMARY KEY, v int)",
            "INSERT INTO fc.sparse VALUES (0,0),(1,1),(4611686018427387904,2),(18446744073709551615,3)",
            "CREATE TABLE fc.still (id int NOT NULL PRIMARY KEY, v varchar(50)) ENGINE=MyISAM",
            f"INSERT INTO fc.still SELECT n, REPEAT('m', n % 40) FROM ({series}) s")


def case_kill(copy, source, target, args):
    """kill -9 at random moments; every later run goes on; equal in the end, nothing twice."""
    make_large(source, args.rows)
    rng = random.Random(args.seed)
    drop_all(target, "fc", "dm_meta")
    options = {"task": "killed", "schemas": "fc", "tx": 65536, "rows": 3000, "memory": 8 << 20}
    begin = time.monotonic()
    result, err = copy.run(**options)
    assert result["result"] == "finished", err
    whole = time.monotonic() - begin
    same(source, target, ["fc"])
    drop_all(target, "fc", "dm_meta")
    kills = 0
    while kills < args.kills:
        p = copy.start(**options)
        try:
            p.wait(timeout=rng.uniform(0.05, whole * 0.7))
        except subprocess.TimeoutExpired:
            p.send_signal(signal.SIGKILL)
            kills += 1
        out, err = p.communicate()
        if p.returncode == 0:
            same(source, target, ["fc"])
            drop_all(target, "fc", "dm_meta")
        elif p.returncode != -signal.SIGKILL:
            raise AssertionError(f"exit {p.returncode}: {out} {err[-3000:]}")
    result, err = copy.run(**options)
    assert result["result"] == "finished", err
    same(source, target, ["fc"])
    same_keys(source, target, ["fc"])
    print(f"  {kills} kills, a whole copy takes {whole:.1f} s")


def case_conflict(copy, source, target, args):
    """A row that is there already is an error with the table, and goes on when it is gone."""
    drop_all(source, "fc")
    drop_all(target, "fc", "dm_meta")
    execute(source, "CREATE DATABASE fc", "CREATE TABLE fc.t (id int PRIMARY KEY, v varchar(10))",
            "INSERT INTO fc.t VALUES (1,'a'),(2,'b'),(3,'c')")
    execute(target, "CREATE DATABASE fc", "CREATE TABLE fc.t (id int PRIMARY KEY, v varchar(10), more int DEFAULT 7)",
            "INSERT INTO fc.t (id, v) VALUES (2,'other'),(9,'mine')")
    result, err = copy.run(task="conflict", schemas="fc")
    assert result["name"] == "db-duplicate-entry", (result, err)
    assert "`fc`.`t`" in err and "2" in err, err
    execute(target, "DELETE FROM fc.t WHERE id=2")
    result, err = copy.run(task="conflict", schemas="fc")
    assert result["result"] == "finished", err
    with target.connect() as c, c.cursor() as cursor:
        cursor.execute("SELECT id, v, more FROM fc.t ORDER BY id")
        assert list(cursor.fetchall()) == [(1, "a", 7), (2, "b", 7), (3, "c", 7), (9, "mine", 7)]


def case_column(copy, source, target, args):
    """A target table that lacks a column, or has one that cannot be filled."""
    for columns, name in (("id int PRIMARY KEY", "db-unknown-column"),
                          ("id int PRIMARY KEY, v int, w int NOT NULL", "load-definition")):
        drop_all(source, "fc")
        drop_all(target, "fc", "dm_meta")
        execute(source, "CREATE DATABASE fc", "CREATE TABLE fc.t (id int PRIMARY KEY, v int)", "INSERT INTO fc.t VALUES (1,1)")
        execute(target, "CREATE DATABASE fc", f"CREATE TABLE fc.t ({columns})")
        result, err = copy.run(task="column", schemas="fc")
        assert result.get("name") == name, (result, err)


def case_merge(copy, source, target, args):
    """Several tables into one; keyless ones too, in one transaction each."""
    drop_all(source, "fc")
    drop_all(target, "fc", "dm_meta")
    execute(source, "CREATE DATABASE fc", *[s for n in range(3) for s in (
        f"CREATE TABLE fc.t{n} (a int, v varchar(200))",
        f"INSERT INTO fc.t{n} VALUES " + ",".join(f"({n}, REPEAT('{i % 10}', 150))" for i in range(2000)))])
    result, err = copy.run(task="merge", schemas="fc", merge="all_of_them", tx=65536)
    assert result["result"] == "finished", err
    with target.connect() as c, c.cursor() as cursor:
        cursor.execute("SELECT a, COUNT(*) FROM fc.all_of_them GROUP BY a ORDER BY a")
        assert list(cursor.fetchall()) == [(0, 2000), (1, 2000), (2, 2000)]


def case_definition(copy, source, target, args):
    """Tables that are changed, renamed, dropped, truncated between two runs."""
    make_large(source, 20000)
    drop_all(target, "fc", "dm_meta")
    options = {"task": "ddl", "schemas": "fc", "tx": 65536, "rows": 2000, "memory": 4 << 20, "readers": 2, "writers": 2}
    p = copy.start(**options)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:  # until something is on the target
        try:
            with target.connect() as c, c.cursor() as cursor:
                cursor.execute("SELECT COUNT(*) FROM dm_meta.ddl_dmlib_chunks")
                if cursor.fetchone()[0] > 3:
                    break
        except Exception:
            pass
        time.sleep(0.005)
    p.kill()
    p.communicate()
    execute(source, "ALTER TABLE fc.one ADD COLUMN w int DEFAULT 5, ADD KEY (w)", "TRUNCATE TABLE fc.two",
            "INSERT INTO fc.two VALUES (1, 1, 'after')", "RENAME TABLE fc.words TO fc.words2",
            "DROP TABLE fc.still", "ALTER TABLE fc.none MODIFY v varchar(120)")
    result, err = copy.run(**options)
    assert result["result"] == "finished", err
    # Tables that were finished before the kill are the stream's business: only those begun are compared.
    with target.connect() as c, c.cursor() as cursor:
        cursor.execute("SELECT table_name, copy_state, binlog_pos FROM dm_meta.ddl_dmlib_copy_tables WHERE table_name <> ''")
        states = {name: (state, pos) for name, state, pos in cursor.fetchall()}
    newest = max(pos for state, pos in states.values())
    fresh = [f"fc.{name}" for name, (state, pos) in states.items() if state == "done" and pos == newest]
    print(f"  {states}")
    differences = compare(source, target, tables=fresh)
    assert differences == [], differences
    gone = [name for name, (state, pos) in states.items() if state == "gone"]
    with target.connect(database="fc") as c, c.cursor() as cursor:
        cursor.execute("SHOW TABLES")
        there = {row[0] for row in cursor.fetchall()}
    assert not there & set(gone), (there, gone)


CASES = {name[5:]: f for name, f in list(globals().items()) if name.startswith("case_")}


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("source")
    p.add_argument("target")
    p.add_argument("--tool", required=True)
    p.add_argument("--only", default=",".join(CASES))
    p.add_argument("--kills", type=int, default=6)
    p.add_argument("--rows", type=int, default=30000)
    p.add_argument("--seed", type=int, default=1)
    args = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="dmlib-copy-") as folder:
        os.chmod(folder, 0o755)
        source = up_or_skip(args.source, dir=f"{folder}/source")
        target = up_or_skip(args.target, dir=f"{folder}/target")
        try:
            for name in args.only.split(","):
                print(f"{args.source} -> {args.target}: {name}", flush=True)
                CASES[name](Copy(args.tool, source, target), source, target, args)
        finally:
            source.down()
            target.down()
    return 0


if __name__ == "__main__":
    sys.exit(main())
