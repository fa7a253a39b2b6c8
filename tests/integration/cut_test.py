"""The target's connection is cut between COMMIT and its answer, before the COMMIT, within an answer: equal afterwards, nothing twice.

The load is that of the kill tests: tables with and without keys, and DDL. A few cuts by default; DMLIB_CUTS=100 is the campaign, DMLIB_SEED another
course, DMLIB_CUT_PAIRS="mysql-9.7:tidb ..." other pairs.
"""

import os
import time

import pytest

from support import zoo
from support.dmlib import Job
from support.proxy import CutProxy
from support.same import assert_equal
from support.writer import Writer

CUTS = int(os.environ.get("DMLIB_CUTS", "8"))
SEED = int(os.environ.get("DMLIB_SEED", "1"))
PAIRS = [tuple(p.split(":")) for p in os.environ.get("DMLIB_CUT_PAIRS", "mariadb-10.11:mariadb-10.11 mysql-9.7:mysql-9.7 mysql-9.7:tidb").split()]


def wait_until(condition, run, seconds, why):
    end = time.monotonic() + seconds
    while not condition():
        assert run.alive(), f"the run ended: {run.wait(5)}"
        assert time.monotonic() < end, f"{seconds} s without {why}"
        time.sleep(0.05)


@pytest.mark.parametrize("source_kind, target_kind", PAIRS, ids=[f"{a}-to-{b}" for a, b in PAIRS])
def test_cut_connections(servers, tmp_path, source_kind, target_kind):
    source, target = servers(source_kind), servers(target_kind)
    have = zoo.make(source, target, seed=SEED, rows=1000)
    with CutProxy(target, seed=SEED) as proxy:
        job = Job(tmp_path, source, target)
        job.task_config["target-database"] |= {"host": proxy.host, "port": proxy.port}
        # Whether a connection is back is the question here, not how long a task waits.
        job.source_config[0]["checker"] = {"backoff-min": "50ms", "backoff-max": "1s"}
        job.run_ok()
        with Writer(tmp_path, source, target, have, seed=SEED, threads=3, pause=0.005, ddl_pause=0.7) as writer:
            run = job.start(until=None, give_up="5m")
            run.wait_for(lambda line: line.get("unit") == "sync" and line.get("position"), 60, "replication")
            # Seldom, so that there are commits between two cuts; each run after a cut has 17 sessions to open.
            proxy.cutting = 0.05
            wait_until(lambda: proxy.cuts() >= CUTS and proxy.counts["answer lost"], run, 60 + 20 * CUTS, f"{CUTS} cuts")
            proxy.cutting = 0.0
            counts = writer.stop()
            run.interrupt()
            stopped = run.wait(90)
            assert stopped.code == 130, str(stopped)
        outcome = job.run(seconds=900)
        assert outcome.code == 0, str(outcome)
        assert_equal(source, target)
        print(f"\n{dict(proxy.counts)}, {counts['definitions']} statements that change definitions, equal")
