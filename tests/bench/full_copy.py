#!/usr/bin/python3
"""Full copy of sysbench tables: dmlib against mydumper + myloader, or dumpling + tidb-lightning (tidb backend) into TiDB.

    full_copy.py --program PATH [--source mariadb] [--target mariadb] [--tables 4] [--rows 500000] [--threads 4] [--trials 3]

PROGRAM is the `dmlib` command or tests/integration/full_copy's copy_tool. Both servers run on this machine, with the same
settings for all; the trials alternate, so that a change of the machine's load meets both. Seconds are wall clock; beside them
stands the processor time that the target took. The last line is JSON with the medians and their ratio (above 1: dmlib is faster).
--binlog says whether the sessions that write keep the target's binlog: `on` for both (myloader -e), `off` for both (dmlib with
`session: {sql_log_bin: 0}`), or `default`: on for dmlib, which never takes the target's replicas their rows unasked, off for myloader.
"""

import argparse
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

from servers import up_or_skip  # noqa: E402

DATABASE = "sbtest"


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def query(server, sql):
    with server.connect(autocommit=True) as c, c.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def peer_program(name):
    cache = os.environ.get("DMLIB_SERVER_CACHE")
    folders = [Path(cache)] if cache else [Path("/var/cache/dmlib-servers"), Path.home() / ".cache/dmlib-servers"]
    for folder in folders:
        if (folder / "tidb" / name).exists():
            return str(folder / "tidb" / name)
    found = shutil.which(name)
    if not found:
        sys.exit(f"{name} is not here: prepare it with tests/servers/up --fetch tidb, or install mydumper")
    return found


def prepare(source, args):
    query(source, f"CREATE DATABASE {DATABASE} DEFAULT CHARACTER SET utf8mb4")
    subprocess.run(["sysbench", "oltp_write_only", f"--mysql-host={source.host}", f"--mysql-port={source.port}", "--mysql-user=root",
                    f"--mysql-db={DATABASE}", f"--tables={args.tables}", f"--table-size={args.rows}", f"--threads={args.threads}", "prepare"],
                   check=True, stdout=subprocess.DEVNULL)


def clean(target):
    query(target, f"DROP DATABASE IF EXISTS {DATABASE}")
    query(target, "DROP DATABASE IF EXISTS dm_meta")


def run(argv, **kw):
    done = subprocess.run([str(a) for a in argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **kw)
    if done.returncode != 0:
        sys.exit(f"{argv[0]} failed ({done.returncode}):\n{done.stdout[-3000:]}")
    return done.stdout


def by_dmlib(source, target, args, folder):
    if Path(args.program).name == "copy_tool":
        run([args.program, source.port, target.port, "task=bench", f"schemas={DATABASE}", f"readers={args.threads}", f"writers={args.threads}", "late=20000"])
        return
    (folder / "source.yaml").write_text(f"source-id: s1\nfrom: {{host: {source.host}, port: {source.port}, user: root, password: ''}}\n")
    session = ", session: {sql_log_bin: 0}" if args.binlog == "off" else ""
    (folder / "task.yaml").write_text(
        f"name: bench\ntask-mode: full\ntarget-database: {{host: {target.host}, port: {target.port}, user: root, password: ''{session}}}\n"
        f"mysql-instances: [{{source-id: s1, block-allow-list: b, mydumper-thread: {args.threads}, loader-thread: {args.threads}}}]\n"
        f"block-allow-list: {{b: {{do-dbs: [{DATABASE}]}}}}\n")
    run([args.program, "run", folder / "task.yaml", "--source", folder / "source.yaml", "--progress", "none"])


def by_mydumper(source, target, args, folder):
    dump = folder / "dump"
    server = lambda s: ["-h", s.host, "-P", s.port, "-u", "root"]
    run(["mydumper", *server(source), "-B", DATABASE, "-t", args.threads, "-r", 200000, "-o", dump])
    run(["myloader", *server(target), "-d", dump, "-t", args.threads] + (["-e"] if args.binlog == "on" else []))
    shutil.rmtree(dump)


def by_lightning(source, target, args, folder):
    dump = folder / "dump"
    run([peer_program("dumpling"), "-h", source.host, "-P", source.port, "-u", "root", "-B", DATABASE, "-t", args.threads, "-r", 200000,
         "-F", "64MiB", "-o", dump])
    config = folder / "lightning.toml"
    config.write_text(
        f"[lightning]\nlevel='error'\nfile='{folder}/lightning.log'\nregion-concurrency={args.threads}\ncheck-requirements=false\n"
        f"[tikv-importer]\nbackend='tidb'\n[mydumper]\ndata-source-dir='{dump}'\n[checkpoint]\nenable=false\n"
        f"[tidb]\nhost='{target.host}'\nport={target.port}\nuser='root'\nstatus-port={target.status_port}\n"
        "[post-restore]\nchecksum='off'\nanalyze='off'\n")
    # Its databases have collations that TiDB refuses: it gets the schema made beforehand, as a DM user has to do.
    query(target, f"CREATE DATABASE {DATABASE}")
    run([peer_program("tidb-lightning"), "-config", config])
    shutil.rmtree(dump)


def trial(how, source, target, args):
    clean(target)
    with tempfile.TemporaryDirectory(prefix="dmlib-bench-") as folder:
        before, begin = cpu_seconds(target.pid), time.monotonic()
        how(source, target, args, Path(folder))
        seconds = time.monotonic() - begin
        cpu = cpu_seconds(target.pid) - before
    rows = sum(query(target, f"SELECT COUNT(*) FROM {DATABASE}.sbtest{n}")[0][0] for n in range(1, args.tables + 1))
    if rows != args.tables * args.rows:
        sys.exit(f"{how.__name__}: {rows} rows arrived")
    print(f"{how.__name__[3:]:10} {seconds:7.2f} s   {rows / seconds:9.0f} rows/s   target CPU {cpu:6.2f} s   load {os.getloadavg()[0]:.1f}", flush=True)
    return seconds


def arguments(text):
    """What every benchmark between two servers takes."""
    p = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--program", required=True)
    p.add_argument("--source", default="mariadb")
    p.add_argument("--target", default="mariadb")
    p.add_argument("--trials", type=int, default=3)
    return p


def main():
    p = arguments(__doc__)
    p.add_argument("--tables", type=int, default=4)
    p.add_argument("--rows", type=int, default=500000)
    p.add_argument("--threads", type=int, default=4)
    p.add_argument("--binlog", choices=["default", "on", "off"], default="default")
    args = p.parse_args()
    peer = by_lightning if args.target.startswith("tidb") else by_mydumper
    with tempfile.TemporaryDirectory(prefix="dmlib-bench-servers-") as folder:
        os.chmod(folder, 0o755)
        source = up_or_skip(args.source, dir=f"{folder}/source")
        target = up_or_skip(args.target, dir=f"{folder}/target")
        try:
            prepare(source, args)
            ours, theirs = [], []
            for _ in range(args.trials):
                theirs.append(trial(peer, source, target, args))
                ours.append(trial(by_dmlib, source, target, args))
        finally:
            source.down()
            target.down()
    mine, other = statistics.median(ours), statistics.median(theirs)
    print(json.dumps({"bench": "full_copy", "source": args.source, "target": args.target, "rows": args.tables * args.rows, "binlog": args.binlog,
                      "threads": args.threads, "dmlib_seconds": round(mine, 2), "peer": peer.__name__[3:],
                      "peer_seconds": round(other, 2), "ratio": round(other / mine, 2)}))


if __name__ == "__main__":
    main()
