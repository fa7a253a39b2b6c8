"""kill -9 at random moments: dmlib in the copy and in replication, the target, the source. Equal afterwards, nothing twice.

The load has DDL of every kind in it (support/ddl_story.py). Every other kill of a replication waits until the checkpoint says that a
DDL statement is under way on the target, so that it falls within one, or just behind it.

A handful of kills by default; DMLIB_KILLS=50 is the campaign: 50 of dmlib, 5 of the target, 5 of the source for each pair.
DMLIB_KILL_PAIRS="mysql-9.7:tidb ..." chooses other pairs, DMLIB_SEED another course.
"""

import os
import random
import time

import pytest

from support import zoo
from support.dmlib import Job
from support.same import assert_equal
from support.writer import Writer

KILLS = int(os.environ.get("DMLIB_KILLS", "6"))
SERVER_KILLS = max(1, KILLS // 10)
SEED = int(os.environ.get("DMLIB_SEED", "1"))
PAIRS = [tuple(p.split(":")) for p in os.environ.get("DMLIB_KILL_PAIRS", "mariadb-10.11:mariadb-10.11 mysql-9.7:mysql-9.7").split()]
DURABLE = {"sync_binlog": 1, "innodb_flush_log_at_trx_commit": 1}
BULK = 60000


def pair_id(pair):
    return f"{pair[0]}-to-{pair[1]}"


def add_bulk(source):
    """Enough rows that a copy takes seconds, also in a table without a key."""
    zoo.run_all(source, [
        "CREATE TABLE bulk (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, k int NOT NULL, c varchar(120), KEY k (k))",
        "INSERT INTO bulk (k, c) SELECT a.id % 1000, REPEAT('bulk ', 20) FROM accounts a, accounts b LIMIT " + str(BULK),
        "CREATE TABLE bulk_no_key (a int, c varchar(60))",
        "INSERT INTO bulk_no_key SELECT k % 100, 'without a key' FROM bulk LIMIT 20000"], zoo.MAIN)


@pytest.fixture(params=PAIRS, ids=pair_id)
def pair(request, servers, tmp_path):
    """A filled source that survives kills, an empty target, and the job."""
    source = servers(request.param[0], **(DURABLE | {"innodb_doublewrite": "ON"}))
    target = servers(request.param[1], **({} if request.param[1] == "tidb" else {"innodb_doublewrite": "ON"}))
    have = zoo.make(source, target, seed=SEED, rows=2000)
    add_bulk(source)
    return source, target, have, Job(tmp_path, source, target)


def in_unit(unit):
    return lambda line: line.get("unit") == unit


def catch_up(job, runs):
    """The last run; what killed runs said on stderr belongs to the report of a failure. DDL is what takes the time here."""
    outcome = job.run(seconds=300 if KILLS < 20 else 1800)
    assert outcome.code == 0, f"after {runs} killed runs: {outcome}"


def test_kill_dmlib_while_it_copies(pair, tmp_path):
    """Killed within the copy, as often as a copy lasts; then another copy into an empty target."""
    source, target, have, job = pair
    rng, killed, rounds = random.Random(SEED), 0, 0
    while killed < KILLS:
        rounds += 1
        job.forget()
        with Writer(tmp_path, source, target, have, seed=SEED + rounds, threads=2, ddl=rounds % 2 == 0, pause=0.01) as writer:
            here = 0
            while killed < KILLS:
                run = job.start()
                run.wait_for(lambda line: line.get("unit") in ("load", "sync"), 60, "the copy")
                time.sleep(rng.random() * 1.5)
                units = {line.get("unit") for _, line in run.lines}
                run.kill9()
                if "sync" in units:
                    break
                killed, here = killed + 1, here + 1
                if here == 6:
                    break
            writer.stop()
        catch_up(job, here)
        assert_equal(source, target)
    print(f"\n{killed} kills while copying, {rounds} copies, each equal in the end")


def ddl_under_way(cursor, job):
    cursor.execute(f"SELECT MAX(ddl_state) FROM dm_meta.{job.name}_dmlib_progress")
    return bool(cursor.fetchone()[0])


def wait_for_ddl(target, job, seconds):
    """True as soon as the checkpoint says that a DDL statement runs."""
    end = time.monotonic() + seconds
    with target.connect(autocommit=True) as c, c.cursor() as cursor:
        while time.monotonic() < end:
            if ddl_under_way(cursor, job):
                return True
            time.sleep(0.002)
    return False


def test_kill_dmlib_while_it_replicates(pair, tmp_path):
    source, target, have, job = pair
    rng = random.Random(SEED)
    job.run_ok()
    definitions, within = 0, 0
    for done in range(0, KILLS, 10):
        count = min(10, KILLS - done)
        with Writer(tmp_path, source, target, have, seed=SEED + done, threads=3, pause=0.005, ddl_pause=0.2) as writer:
            for n in range(count):
                run = job.start(until=None)
                run.wait_for(in_unit("sync"), 60, "replication")
                time.sleep(rng.random() * 2)
                if n % 2:
                    wait_for_ddl(target, job, 10)
                    time.sleep(rng.random() * 0.05)
                run.kill9()
                with target.connect(autocommit=True) as c, c.cursor() as cursor:
                    within += ddl_under_way(cursor, job)
            definitions += writer.stop()["definitions"]
        catch_up(job, count)
        assert_equal(source, target)
        print(f"\n{done + count} kills, {within} within a DDL statement, {definitions} such statements: equal", flush=True)
    assert definitions >= KILLS and (KILLS < 20 or within), f"{definitions} statements that change definitions, {within} kills within one"
    print(f"\n{KILLS} kills while replicating, {within} of them within a DDL statement, {definitions} such statements in all, equal")


@pytest.mark.parametrize("which", ["source", "target"])
def test_kill_server(pair, tmp_path, which):
    """One run of dmlib lives through all of it: it waits for the server and goes on."""
    source, target, have, job = pair
    victim = source if which == "source" else target
    rng = random.Random(SEED)
    with Writer(tmp_path, source, target, have, seed=SEED, threads=3, pause=0.005) as writer:
        run = job.start(until=None, give_up="5m")
        for n in range(SERVER_KILLS):
            if n > 0:
                run.wait_for(in_unit("sync"), 120, "replication")
            else:
                run.wait_for(in_unit("load"), 60, "the copy")
            time.sleep(0.2 + rng.random() * 2)
            victim.kill9()
            time.sleep(rng.random() * 2)
            victim.again()
            assert run.alive(), str(run.wait(5))
        mark = run.mark()
        run.wait_after(mark, lambda line: line.get("unit") == "sync" and line.get("blocked_on") is None and line.get("position"), 180, "replication after the kills")
        writer.stop()
        run.interrupt()
        stopped = run.wait(60)
        assert stopped.code == 130, str(stopped)
    catch_up(job, 1)
    assert_equal(source, target)
    print(f"\n{SERVER_KILLS} kills of the {which}, equal")
