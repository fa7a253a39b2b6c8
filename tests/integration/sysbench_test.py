"""sysbench: 4 tables of 100,000 rows, and oltp_write_only during copy and replication.

DMLIB_SYSBENCH_SECONDS (60; 10 with CI=true) is how long it writes.
"""

import os
import shutil
import subprocess

import pytest

from support.dmlib import Job
from support.same import assert_equal

SECONDS = int(os.environ.get("DMLIB_SYSBENCH_SECONDS", "10" if os.environ.get("CI") else "60"))
ROWS = 100_000


def sysbench(server, command, *more):
    return ["sysbench", "oltp_write_only", "--db-driver=mysql", f"--mysql-host={server.host}", f"--mysql-port={server.port}", "--mysql-user=root",
            "--mysql-db=it_bench", "--tables=4", f"--table-size={ROWS}", "--mysql-ignore-errors=1213,1205,1020,1062", *more, command]


@pytest.mark.parametrize("kinds", [("mariadb-10.11", "mariadb-10.11"), ("mysql-9.7", "mysql-9.7")], ids="-to-".join)
def test_sysbench(servers, tmp_path, kinds):
    if not shutil.which("sysbench"):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("apt-get install sysbench")
    source, target = servers(kinds[0]), servers(kinds[1])
    source.query("CREATE DATABASE it_bench")
    subprocess.run(sysbench(source, "prepare", "--threads=2"), check=True, capture_output=True)
    job = Job(tmp_path, source, target)
    writer = subprocess.Popen(sysbench(source, "run", "--threads=2", f"--time={SECONDS}", "--report-interval=0"), stdout=subprocess.PIPE, text=True)
    run = job.start(until=None)
    out, _ = writer.communicate(timeout=SECONDS + 60)
    assert writer.returncode == 0, out[-2000:]
    run.wait_for(lambda line: line.get("unit") == "sync", 120, "replication")
    run.interrupt()
    stopped = run.wait(60)
    assert stopped.code == 130, str(stopped)
    last = job.run_ok(seconds=300)
    assert_equal(source, target)
    done = [line.strip() for line in out.splitlines() if "transactions:" in line]
    print(f"\n{kinds}: {done}, catching up took {last.seconds:.1f} s")
