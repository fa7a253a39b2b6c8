#!/usr/bin/python3
"""Prechecks over many tables: `dmlib check` has to end within 20 s for 10,000 tables.

    check_tables.py --program PATH [--source mariadb] [--target mariadb] [--tables 10000] [--both] [--limit 20]

--both makes the tables on the target, too, so that every pair of definitions is compared. The last line is JSON; exit 1 where it took
longer than the limit or a check failed. Beside the seconds it says the processor time of the command and of the servers: on a machine that does
other work, too, that is the figure that tells.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "servers"))

from servers import up_or_skip  # noqa: E402

SETTINGS = {"innodb_flush_log_at_trx_commit": "0", "sync_binlog": "0", "table_definition_cache": "2000", "innodb_file_per_table": "0"}


def make_tables(server, count):
    with server.connect(autocommit=True) as c, c.cursor() as cursor:
        cursor.execute("CREATE DATABASE many DEFAULT CHARACTER SET utf8mb4")
        for i in range(count):
            cursor.execute(f"CREATE TABLE many.t{i} (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, k int NOT NULL DEFAULT 0, v varchar(60) NOT NULL, at timestamp NULL, KEY by_k (k))")


def used_by(server):
    """Seconds of processor time of a server's process."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--program", required=True)
    p.add_argument("--source", default="mariadb-10.11")
    p.add_argument("--target", default="mariadb-10.11")
    p.add_argument("--tables", type=int, default=10000)
    p.add_argument("--both", action="store_true")
    p.add_argument("--limit", type=float, default=20)
    args = p.parse_args()
    servers = []
    try:
        for kind in (args.source, args.target):
            servers.append(up_or_skip(kind, settings=SETTINGS))
        source, target = servers
        make_tables(source, args.tables)
        if args.both:
            make_tables(target, args.tables)
        with tempfile.TemporaryDirectory(prefix="dmlib-bench-") as folder:
            task, file = Path(folder, "task.yaml"), Path(folder, "source.yaml")
            task.write_text(json.dumps({"name": "bench", "task-mode": "all", "target-database": {"host": target.host, "port": target.port, "user": "root"},
                                        "mysql-instances": [{"source-id": "s"}]}))
            file.write_text(json.dumps({"source-id": "s", "from": {"host": source.host, "port": source.port, "user": "root"}}))
            before = [used_by(s) for s in servers]
            began = time.monotonic()
            done = subprocess.run([args.program, "check", str(task), "--source", str(file), "--json"], capture_output=True, text=True, check=False)
            seconds = time.monotonic() - began
        cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
        of_servers = [round(used_by(s) - b, 2) for s, b in zip(servers, before)]
        answer = json.loads(done.stdout)
        failed = [i["name"] for i in answer["items"] if not i["passed"] and i["severity"] == "error"]
        print(json.dumps({"tables": args.tables, "both": args.both, "seconds": round(seconds, 2), "cpu": round(cpu.ru_utime + cpu.ru_stime, 2), "cpu_of_servers": of_servers, "load": round(os.getloadavg()[0], 1), "limit": args.limit, "items": len(answer["items"]), "failed": failed}))
        return 0 if answer["passed"] and seconds <= args.limit else 1
    finally:
        for server in servers:
            server.down()


if __name__ == "__main__":
    sys.exit(main())
