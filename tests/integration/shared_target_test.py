"""Several sources with rows in one table of the target, and DDL of one of them: the others write by what the table is then."""

import collections
import threading
import time

import pytest

from support.dmlib import Job
from support.zoo import run_all

DB = "it_shared"
TABLE = "CREATE TABLE t (id int NOT NULL PRIMARY KEY, e enum('x', 'y') NOT NULL, d decimal(10,4), u int, f double)"
ALTERS = {
    "enum": "ALTER TABLE t MODIFY e enum('z', 'x', 'y') NOT NULL",
    "decimal": "ALTER TABLE t MODIFY d decimal(10,2)",
    "float": "ALTER TABLE t MODIFY f float",
    "unique": "ALTER TABLE t ADD UNIQUE KEY (u)",
}


def start(servers, tmp_path, kinds):
    sources, target = [servers(kinds[0]), servers(kinds[0])], servers(kinds[1])
    for n, server in enumerate(sources):
        run_all(server, [f"CREATE DATABASE {DB}"])
        run_all(server, [TABLE, f"INSERT INTO t VALUES ({n * 1000}, 'x', 1, {n * 1000}, 1)"], DB)
    job = Job(tmp_path, sources, target)
    job.task_config["ignore-checking-items"] = ["all"]
    job.run_ok()
    return job, sources, target


def wait_for(query, server, rows, run, seconds=40):
    end = time.monotonic() + seconds
    while server.query(query) not in (rows, tuple(rows)):
        assert run.alive(), f"the run ended: {run.wait(5)}"
        assert time.monotonic() < end, f"{query}: {server.query(query)}"
        time.sleep(0.1)


def bag(server, columns="id, e, d, u, f"):
    return collections.Counter(map(repr, server.query(f"SELECT {columns} FROM {DB}.t")))


@pytest.mark.parametrize("alter", ["enum", "decimal", "float"])
def test_values_behind_the_ddl_of_another_source(servers, tmp_path, alter):
    """The second source's rows are as before; what the target's column makes of them is not: the value is right, or the task stops."""
    job, (first, second), target = start(servers, tmp_path, ("mariadb-10.11", "mariadb-10.11"))
    run = job.start(until=None)
    run_all(second, ["UPDATE t SET u = 1001"], DB)
    wait_for(f"SELECT COUNT(*) FROM {DB}.t WHERE u = 1001", target, [("1",)], run)
    run_all(first, [ALTERS[alter], "UPDATE t SET u = 1"], DB)
    wait_for(f"SELECT COUNT(*) FROM {DB}.t WHERE u = 1", target, [("1",)], run)
    run_all(second, ["INSERT INTO t VALUES (1100, 'x', 1.2345, 5, 0.123456789)", "UPDATE t SET e = 'y', u = 1002 WHERE id = 1000"], DB)
    if alter == "enum":
        wait_for(f"SELECT COUNT(*) FROM {DB}.t WHERE u = 1002", target, [("1",)], run)
        run.interrupt()
        assert run.wait(60).code == 130
        assert bag(target) == bag(first) + bag(second)
        return
    outcome = run.wait(60)
    assert outcome.error["name"] == "db-data-too-long", str(outcome)
    assert target.query(f"SELECT COUNT(*) FROM {DB}.t WHERE id = 1100") == [("0",)]


@pytest.mark.parametrize("kinds", [("mariadb-10.11", "mariadb-10.11"), ("mysql-8.0", "tidb")], ids="-to-".join)
def test_a_unique_key_from_another_source(servers, tmp_path, kinds):
    """Values move from row to row: their order matters from the key on, which one source adds under the other's load, and then the other, too."""
    job, (first, second), target = start(servers, tmp_path, kinds)
    run = job.start(until=None)
    go = threading.Event()

    def moves():
        n = 0
        while not go.is_set():
            n += 1
            run_all(second, [f"INSERT INTO t VALUES ({2000 + n}, 'x', 1, {2000 + n % 20}, {n}) ON DUPLICATE KEY UPDATE f = 1",
                             f"DELETE FROM t WHERE id = {2000 + n - 19}"], DB)

    load = threading.Thread(target=moves)
    load.start()
    try:
        time.sleep(1.5)
        run_all(first, [ALTERS["unique"], "UPDATE t SET u = 1"], DB)
        wait_for(f"SELECT COUNT(*) FROM {DB}.t WHERE u = 1", target, [("1",)], run)
        time.sleep(1.5)
        run_all(second, [ALTERS["unique"], "UPDATE t SET u = 1001 WHERE id = 1000"], DB)
        run_all(first, ["ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 3", "UPDATE t SET u = 2"], DB)
        wait_for(f"SELECT COUNT(*) FROM {DB}.t WHERE u = 2", target, [("1",)], run)
        time.sleep(1)
    finally:
        go.set()
        load.join()
    run_all(second, ["ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 3"], DB)
    assert run.alive(), str(run.wait(5))
    run.interrupt()
    assert run.wait(60).code == 130
    job.run_ok()
    assert bag(target) == bag(first) + bag(second)


@pytest.mark.parametrize("checked", [True, False])
def test_ddl_waits_for_the_copy_of_another_source(servers, tmp_path, checked):
    """The copy's rows are written by what the target's table was at its begin: ENUM by number, numbers without a look at each value."""
    first, second, target = (servers("mariadb-10.11") for _ in range(3))
    for n, server in enumerate((first, second)):
        run_all(server, [f"CREATE DATABASE {DB}"])
        run_all(server, [TABLE, f"INSERT INTO t VALUES ({n}, 'x', 1.1234, {n}, 1)"], DB)
    run_all(second, ["INSERT INTO t SELECT seq, IF(seq % 2, 'x', 'y'), 1, seq, 1 FROM seq_1000_to_600000"], DB)
    job = Job(tmp_path, [first, second], target, syncers={"all": {}})
    job.task_config["ignore-checking-items"] = ["auto_increment_ID"] if checked else ["all"]
    job.task_config["mydumpers"]["all"]["threads"] = 1
    run = job.start(until=None)
    run.wait_for(lambda line: line.get("source") == "src-1" and line.get("unit") == "sync", 60, "replication of the first")
    copied = target.query(f"SELECT COUNT(*) FROM {DB}.t")[0][0]
    run_all(first, [ALTERS["enum"], "UPDATE t SET u = 77"], DB)
    assert int(copied) < 590000, "the copy was over before"
    wait_for(f"SELECT COUNT(*) FROM {DB}.t WHERE u = 77", target, [("1",)], run, 120)
    run_all(second, [ALTERS["enum"], "UPDATE t SET u = 78 WHERE id = 1"], DB)
    wait_for(f"SELECT COUNT(*) FROM {DB}.t WHERE u = 78", target, [("1",)], run, 120)
    run.interrupt()
    assert run.wait(60).code == 130
    count = f"SELECT e, COUNT(*), SUM(id) FROM {DB}.t WHERE id > 1 GROUP BY e ORDER BY e"
    assert target.query(count) == second.query(count)


def alters(target):
    return [str(r[0]) for r in target.query("SHOW FULL PROCESSLIST") if str(r[7]).startswith("ALTER")]


@pytest.mark.parametrize("kind", ["mariadb-10.11", "mysql-8.0"])
def test_the_statement_is_lost_while_it_runs(servers, tmp_path, kind):
    """Its source has the turn until it found out what became of it; the others say what they wait for, and go on."""
    job, (first, second), target = start(servers, tmp_path, (kind, kind))
    run = job.start(until=None)
    run_all(second, ["UPDATE t SET u = 1001"], DB)
    wait_for(f"SELECT COUNT(*) FROM {DB}.t WHERE u = 1001", target, [("1",)], run)
    with target.connect(database=DB) as c, c.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM t WHERE id = -1")
        run_all(first, ["ALTER TABLE t MODIFY e enum('z', 'x', 'y') NOT NULL", "UPDATE t SET u = 1"], DB)
        end = time.monotonic() + 40
        while not alters(target):
            assert time.monotonic() < end, "no ALTER on the target"
            time.sleep(0.1)
        run_all(second, ["INSERT INTO t VALUES (1100, 'x', 1, 5, 1)"], DB)
        run.wait_for(lambda line: line["source"] == "src-2" and "another source" in ((line.get("blocked_on") or {}).get("what") or ""), 40, "what the second waits for")
        target.query(f"KILL {alters(target)[0]}")
        time.sleep(2)
        cursor.execute("SELECT COUNT(*) FROM t WHERE id = 1100 LOCK IN SHARE MODE")    # others would wait behind the ALTER
        assert cursor.fetchone()[0] == 0
        c.rollback()
    wait_for(f"SELECT COUNT(*) FROM {DB}.t WHERE id = 1100 OR u = 1", target, [("2",)], run)
    run_all(second, ["ALTER TABLE t MODIFY e enum('z', 'x', 'y') NOT NULL", "UPDATE t SET e = 'z'"], DB)
    wait_for(f"SELECT COUNT(*) FROM {DB}.t WHERE e = 'z'", target, [("2",)], run)
    run.interrupt()
    assert run.wait(60).code == 130
    assert bag(target) == bag(first) + bag(second)


def test_a_stop_while_a_statement_waits_for_its_turn(servers, tmp_path):
    """Nothing of it began, and nothing behind it may: the next run begins with it, whoever ended first."""
    job, (first, second), target = start(servers, tmp_path, ("mariadb-10.11", "mariadb-10.11"))
    for n in range(4):
        run = job.start(until=None)
        run_all(second, [f"UPDATE t SET u = {2000 + n}"], DB)
        wait_for(f"SELECT COUNT(*) FROM {DB}.t WHERE u = {2000 + n}", target, [("1",)], run)
        with second.connect(database=DB) as c, c.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(f"UPDATE t SET f = {n}")
            run_all(first, [f"ALTER TABLE t ADD COLUMN c{n} int DEFAULT {n}", f"UPDATE t SET u = {n}", f"ALTER TABLE t ADD COLUMN d{n} int DEFAULT 7"], DB)
            c.commit()
        time.sleep(0.05 * n)
        run.interrupt()
        assert run.wait(30).code == 130
        run_all(second, [f"ALTER TABLE t ADD COLUMN c{n} int DEFAULT {n}", f"ALTER TABLE t ADD COLUMN d{n} int DEFAULT 7"], DB)
        job.run_ok()
        assert bag(target, "*") == bag(first, "*") + bag(second, "*")
