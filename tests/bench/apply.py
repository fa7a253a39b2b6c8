#!/usr/bin/python3
"""Applies a backlog of row changes: dmlib against the target's own parallel replica.

    apply.py --program DMLIB [--source mariadb] [--target mariadb] [--shape oltp,bulk,hot,insert] [--changes 300000] [--workers 4] [--trials 3]

The source's binlog is written before anything is measured. For each trial the target begins with the same files, and reads the
backlog over the network: the replica from START to the last position, dmlib from the start of its process to its end (defaults, task-mode incremental,
--until caught-up). Trials alternate; durability settings are those of tests/servers for both; the target writes its binlog in both.

TiDB has no replica. There two probes write the same rows, with the SQL made before the clock runs and the `mariadb` client as the writer:
`dm_shape`, DM's own statements: a row each, `UPDATE ... LIMIT 1`, 100 rows a transaction, 16 connections; and `multi_row`, what a person would write by hand:
INSERT ... ON DUPLICATE KEY UPDATE and DELETE ... IN of 1,000 rows a transaction with only the last change of each row, 16 connections.

Shapes: `oltp` (sysbench oltp_write_only, 4 changes a transaction), `oltp100` (its statements, 100 changes a transaction), `bulk` (one UPDATE of 100 rows
a transaction: the shape that costs a replica least), `hot` (4 changes a transaction, all in
20 rows), `insert` (4 rows a transaction into a table with three secondary indexes).
"""

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "servers"))

from full_copy import arguments, cpu_seconds, query, run  # noqa: E402
from servers import up_or_skip  # noqa: E402

DATABASE = "sbtest"
TABLES, ROWS = 4, 25000


def sysbench(server, *more):
    run(["sysbench", "oltp_write_only", f"--mysql-host={server.host}", f"--mysql-port={server.port}", "--mysql-user=root", f"--mysql-db={DATABASE}",
         f"--tables={TABLES}", f"--table-size={ROWS}", *more])


def in_threads(server, transactions, work, threads=4):
    def one(n):
        with server.connect(database=DATABASE) as c, c.cursor() as cursor:
            rng = random.Random(n)
            for i in range(n, transactions, threads):
                work(cursor, rng, i)
                c.commit()
    pool = [threading.Thread(target=one, args=(n,)) for n in range(threads)]
    for t in pool:
        t.start()
    for t in pool:
        t.join()


def write_oltp(source, changes):
    sysbench(source, "--threads=4", f"--events={changes // 4}", "--time=0", "run")


def write_oltp100(source, changes):
    sysbench(source, "--threads=4", "--index_updates=25", "--non_index_updates=25", "--delete_inserts=25", f"--events={changes // 100}", "--time=0", "run")


def write_bulk(source, changes):
    # Each thread has a table, so that nothing waits for locks.
    def work(cursor, rng, i):
        at = rng.randrange(1, ROWS - 100)
        cursor.execute(f"UPDATE sbtest{i % 4 + 1} SET k = k + 1 WHERE id BETWEEN {at} AND {at + 99}")
    in_threads(source, changes // 100, work)


def write_hot(source, changes):
    def work(cursor, rng, i):
        for row in rng.sample(range(1, 6), 4):
            cursor.execute(f"UPDATE sbtest{i % 4 + 1} SET k = k + 1 WHERE id = {row}")
    in_threads(source, changes // 4, work)


def write_insert(source, changes):
    def work(cursor, rng, i):
        rows = ",".join(f"({rng.randrange(10**6)},{rng.randrange(10**6)},'{rng.randrange(10**9):09d}','{'x' * 80}')" for _ in range(4))
        cursor.execute(f"INSERT INTO wide (a, b, c, d) VALUES {rows}")
    in_threads(source, changes // 4, work)


SHAPES = {"oltp": write_oltp, "oltp100": write_oltp100, "bulk": write_bulk, "hot": write_hot, "insert": write_insert}
WIDE = "CREATE TABLE wide (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, a int NOT NULL, b int NOT NULL, c varchar(20) NOT NULL, d varchar(100), KEY (a), KEY (b), KEY (c))"


def end_of_binlog(source):
    name = "SHOW BINARY LOG STATUS" if source.kind.startswith("mysql-9") else "SHOW MASTER STATUS"
    return query(source, name)[0][:2]


def changes_of(source):
    names = ("Handler_write", "Handler_update", "Handler_delete")
    rows = dict(query(source, "SHOW GLOBAL STATUS LIKE 'Handler%'"))
    return sum(int(rows[n]) for n in names)


def task_files(folder, source, target, mode, start=None, syncer=""):
    (folder / "source.yaml").write_text(f"source-id: s1\nfrom: {{host: {source.host}, port: {source.port}, user: root, password: ''}}\n")
    meta = f", meta: {{binlog-name: {start[0]}, binlog-pos: {start[1]}}}" if start else ""
    (folder / "task.yaml").write_text(
        f"name: bench\ntask-mode: {mode}\ntarget-database: {{host: {target.host}, port: {target.port}, user: root, password: ''}}\n"
        f"mysql-instances: [{{source-id: s1, block-allow-list: b{meta}{', syncer-config-name: y' if syncer else ''}}}]\n"
        + (f"syncers: {{y: {{{syncer}}}}}\n" if syncer else "") + f"block-allow-list: {{b: {{do-dbs: [{DATABASE}]}}}}\n")
    return ["run", folder / "task.yaml", "--source", folder / "source.yaml", "--progress", "none"]


def by_dmlib(source, target, begin, end, args, folder):
    argv = [args.program, *task_files(folder, source, target, "incremental", begin, args.syncer), "--until", "caught-up"]
    before = os.times()
    run(argv)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


def by_replica(source, target, begin, end, args, folder):
    to = f"MASTER_HOST='{source.host}', MASTER_PORT={source.port}, MASTER_USER='root', MASTER_PASSWORD='', MASTER_LOG_FILE='{begin[0]}', MASTER_LOG_POS={begin[1]}"
    if target.kind.startswith("mariadb"):
        sql = [f"SET GLOBAL slave_parallel_threads={args.workers}", "SET GLOBAL slave_parallel_mode='optimistic'", "CHANGE MASTER TO " + to + ", MASTER_USE_GTID=no", "START SLAVE"]
        wait = f"SELECT MASTER_POS_WAIT('{end[0]}', {end[1]}, 600)"
    else:
        sql = [f"SET GLOBAL replica_parallel_workers={args.workers}", "CHANGE REPLICATION SOURCE TO " + to.replace("MASTER_", "SOURCE_") + ", GET_SOURCE_PUBLIC_KEY=1", "START REPLICA"]
        wait = f"SELECT SOURCE_POS_WAIT('{end[0]}', {end[1]}, 600)"
    for one in sql:
        query(target, one)
    with target.connect(autocommit=True, read_timeout=700) as c, c.cursor() as cursor:
        cursor.execute(wait)
        applied = cursor.fetchone()[0]
    if applied is None or applied < 0:
        sys.exit(f"the replica stopped: {query(target, 'SHOW SLAVE STATUS' if target.flavor == 'mariadb' else 'SHOW REPLICA STATUS')}")
    return 0.0


class Probe:
    """The backlog as SQL files, one per connection; the rows of one key are all in one file, in order."""

    CONNECTIONS = 16

    def __init__(self, name, source, span, args, folder):
        self.folder = folder / f"probe-{name}"
        self.folder.mkdir(exist_ok=True)
        changes = [[] for _ in range(self.CONNECTIONS)]
        for table, columns, before, after in rows_of(source, span, args):
            changes[hash((table, (before or after)["@1"])) % self.CONNECTIONS].append((table, columns, before, after))
        for n, mine in enumerate(changes):
            write = self.dm_shape if name == "dm_shape" else self.multi_row
            with open(self.folder / f"{n}.sql", "w") as out:
                write(mine, out)

    @staticmethod
    def literals(columns, row):
        return [literal(row[f"@{i + 1}"]) for i in range(len(columns))]

    def dm_shape(self, changes, out):
        for at in range(0, len(changes), 100):
            out.write("BEGIN;\n")
            for table, columns, before, after in changes[at:at + 100]:
                if before is None:
                    out.write(f"INSERT INTO {table} ({','.join(columns)}) VALUES ({','.join(self.literals(columns, after))});\n")
                elif after is None:
                    out.write(f"DELETE FROM {table} WHERE {columns[0]}={literal(before['@1'])} LIMIT 1;\n")
                else:
                    values = ",".join(f"{c}={v}" for c, v in zip(columns, self.literals(columns, after)))
                    out.write(f"UPDATE {table} SET {values} WHERE {columns[0]}={literal(before['@1'])} LIMIT 1;\n")
            out.write("COMMIT;\n")

    def multi_row(self, changes, out):
        for at in range(0, len(changes), 1000):
            last = {}
            for table, columns, before, after in changes[at:at + 1000]:
                last.setdefault((table, tuple(columns)), {})[(before or after)["@1"]] = after
            out.write("BEGIN;\n")
            for (table, columns), rows in last.items():
                gone = [literal(key) for key, after in rows.items() if after is None]
                there = ["(" + ",".join(self.literals(columns, after)) + ")" for after in rows.values() if after is not None]
                if gone:
                    out.write(f"DELETE FROM {table} WHERE {columns[0]} IN ({','.join(gone)});\n")
                if there:
                    out.write(f"INSERT INTO {table} ({','.join(columns)}) VALUES {','.join(there)} ON DUPLICATE KEY UPDATE {','.join(f'{c}=VALUES({c})' for c in columns[1:])};\n")
            out.write("COMMIT;\n")

    def run(self, target):
        client = ["mariadb", "--no-defaults", f"--host={target.host}", f"--port={target.port}", "--user=root", "--skip-ssl", "--default-character-set=utf8mb4", DATABASE]
        clients = [subprocess.Popen(client, stdin=open(self.folder / f"{n}.sql")) for n in range(self.CONNECTIONS)]
        if any([c.wait() for c in clients]):
            sys.exit("a probe's client failed")


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
    return str(value)


def rows_of(source, span, args):
    """Table, names of columns, before and after of each row change, by `dmlib binlog --json`."""
    files = [row[0] for row in query(source, "SHOW BINARY LOGS") if span["begin"][0] <= row[0] <= span["end"][0]]
    columns = {}
    for table, name in query(source, f"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema='{DATABASE}' ORDER BY table_name, ordinal_position"):
        columns.setdefault(table, []).append(name)
    for name in files:
        argv = [args.program, "binlog", "--json", "--start-pos", str(span["begin"][1] if name == span["begin"][0] else 4), str(Path(source.dir) / "data" / name)]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as decoder:
            for line in decoder.stdout:
                if '"rows":' not in line:
                    continue
                event = json.loads(line)
                if name == span["end"][0] and event["pos"] >= span["end"][1]:
                    break
                for row in event["rows"]:
                    yield event["table"], columns[event["table"]], row.get("before"), row.get("after")
            decoder.kill()


def by_dm_shape(source, target, begin, end, args, folder):
    args.probes["dm_shape"].run(target)
    return 0.0


def by_multi_row(source, target, begin, end, args, folder):
    args.probes["multi_row"].run(target)
    return 0.0


def checksums(server):
    names = ", ".join([f"{DATABASE}.sbtest{n}" for n in range(1, TABLES + 1)] + [f"{DATABASE}.wide"])
    return sorted((row[0], row[1]) for row in query(server, "CHECKSUM TABLE " + names))


def same_rows(source, target, args):
    if not args.target.startswith("tidb"):
        return checksums(source) == checksums(target)
    # TiDB's CHECKSUM TABLE is no checksum.
    sums = {n: f"SELECT COUNT(*), SUM(CRC32(CONCAT_WS('|', id, k, c, pad))) FROM {DATABASE}.sbtest{n}" for n in range(1, TABLES + 1)}
    sums["wide"] = f"SELECT COUNT(*), SUM(CRC32(CONCAT_WS('|', id, a, b, c, d))) FROM {DATABASE}.wide"
    return all(query(source, sql) == query(target, sql) for sql in sums.values())


class Base:
    """The target's files before the backlog; each trial begins with a copy."""

    def __init__(self, target, folder):
        self.target, self.kept = target, folder / "base"
        target.stop()
        # Owners and times, too: the servers run under an account of their own.
        run(["cp", "-a", target.dir, self.kept])

    def again(self):
        if self.target.alive():
            self.target.stop()
        shutil.rmtree(self.target.dir)
        run(["cp", "-a", self.kept, self.target.dir])
        self.target.again()


def trial(how, source, target, span, args, base, folder):
    base.again()
    perf = None
    if args.profile:
        perf = subprocess.Popen(["perf", "record", "-q", "-e", "cpu-clock", "-F", "1500", "-a", "-g", "-o", f"{args.profile}/{how.__name__}.data"])
        time.sleep(1)
    before, begin = cpu_seconds(target.pid), time.monotonic()
    own = how(source, target, span["begin"], span["end"], args, folder)
    seconds = time.monotonic() - begin
    cpu = cpu_seconds(target.pid) - before
    if perf:
        perf.terminate()
        perf.wait()
    if not same_rows(source, target, args):
        sys.exit(f"{how.__name__}: the target differs: {checksums(source)} {checksums(target)}")
    n = span["changes"]
    print(f"  {how.__name__[3:]:8} {seconds:7.2f} s {n / seconds:9.0f} changes/s   target {cpu / n * 1e6:6.1f} us a change, ours {own / n * 1e6:5.1f}   load {os.getloadavg()[0]:.1f}", flush=True)
    return seconds


def main():
    p = arguments(__doc__)
    p.add_argument("--shape", default=",".join(SHAPES))
    p.add_argument("--changes", type=int, default=300000)
    p.add_argument("--workers", type=int, default=4, help="of the replica")
    p.add_argument("--syncer", default="", help="dmlib's settings in place of its defaults, such as 'worker-count: 4, batch: 1000'")
    p.add_argument("--alone", action="store_true", help="without the replica's trials")
    p.add_argument("--profile", help="perf record of target server and dmlib into this folder")
    args = p.parse_args()
    args.program = os.path.abspath(args.program)
    results = []
    with tempfile.TemporaryDirectory(prefix="dmlib-bench-") as folder:
        os.chmod(folder, 0o755)
        folder = Path(folder)
        source = up_or_skip(args.source, dir=f"{folder}/source")
        target = up_or_skip(args.target, dir=f"{folder}/target")
        try:
            query(source, f"CREATE DATABASE {DATABASE} DEFAULT CHARACTER SET utf8mb4")
            sysbench(source, "--threads=4", "prepare")
            query(source, f"CREATE TABLE {DATABASE}.{WIDE.split(' ', 2)[2]}")
            for shape in args.shape.split(","):
                # The copy is the base: what earlier shapes wrote is in it.
                if not target.alive():
                    target.again()
                for name in (DATABASE, "dm_meta"):
                    query(target, f"DROP DATABASE IF EXISTS {name}")
                run([args.program, *task_files(folder, source, target, "full")])
                query(target, "DROP DATABASE dm_meta")
                base = Base(target, folder)
                span = {"begin": end_of_binlog(source)}
                counted = changes_of(source)
                SHAPES[shape](source, args.changes)
                span |= {"end": end_of_binlog(source), "changes": changes_of(source) - counted}
                print(f"{shape}: {span['changes']} changes, {span['begin']} to {span['end']}", flush=True)
                peers = [] if args.alone else [by_dm_shape, by_multi_row] if args.target.startswith("tidb") else [by_replica]
                args.probes = {how.__name__[3:]: Probe(how.__name__[3:], source, span, args, folder) for how in peers if how is not by_replica}
                took = {how: [] for how in (*peers, by_dmlib)}
                for _ in range(args.trials):
                    for how, seconds in took.items():
                        seconds.append(trial(how, source, target, span, args, base, folder))
                middle = {how: statistics.median(seconds) for how, seconds in took.items()}
                line = {"shape": shape, "changes": span["changes"]} | {f"{how.__name__[3:]}_changes_per_second": round(span["changes"] / t) for how, t in middle.items()}
                line |= {f"ratio_to_{how.__name__[3:]}": round(middle[how] / middle[by_dmlib], 2) for how in peers}
                print(f"  {json.dumps(line)}", flush=True)
                results.append(line)
                base.again()
                shutil.rmtree(base.kept)
        finally:
            source.down()
            target.down()
    print(json.dumps({"bench": "apply", "source": args.source, "target": args.target, "workers": args.workers, "shapes": results}))


if __name__ == "__main__":
    main()
