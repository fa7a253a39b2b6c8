"""A lock that somebody else holds on the target: the status says what the task waits for, and no longer than it waits."""

import pytest

from support import zoo
from support.dmlib import EXIT_OK, Job

DB = "it_waits"


def prepared(servers, tmp_path, kind, **more):
    source, target = servers(kind), servers(kind)
    zoo.run_all(source, [f"CREATE DATABASE {DB}"])
    zoo.run_all(source, ["CREATE TABLE t (id int PRIMARY KEY, v varchar(20))", "INSERT INTO t VALUES (1, 'a'), (2, 'b')"], DB)
    job = Job(tmp_path, source, target)
    job.task_config["syncers"]["all"] = {"worker-count": 4, **more}
    return source, target, job


def waits_for(text):
    return lambda line: text in ((line.get("blocked_on") or {}).get("what") or "")


@pytest.mark.parametrize("kind", ["mariadb-10.11", "mysql-8.0"])
@pytest.mark.parametrize("ordering", ["row", "transaction"])
def test_a_row_that_is_locked(servers, tmp_path, kind, ordering):
    source, target, job = prepared(servers, tmp_path, kind, ordering=ordering)
    job.run_ok()
    with target.connect(database=DB) as c, c.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM t WHERE id = 1 FOR UPDATE")
        run = job.start(until=None)
        run.wait_for(lambda line: line.get("caught_up"), why="a task that follows")
        zoo.run_all(source, ["UPDATE t SET v = 'c' WHERE id = 1"], DB)
        line = run.wait_for(waits_for("writes rows"), why="a word about the lock")
        blocked = line["blocked_on"]
        connection = blocked["what"].split("connection ")[1].split()[0]
        assert connection in [str(r[0]) for r in target.query("SHOW FULL PROCESSLIST") if "UPDATE" in str(r[7])], line
        assert blocked["since_seconds"] >= 5 and blocked["tries"] == 0 and "code" not in blocked and blocked["gives_up_seconds"] is None, line
        mark = run.mark()
        c.rollback()
    run.wait_after(mark, lambda line: line["blocked_on"] is None and line["caught_up"], why="the end of the wait")
    run.interrupt()
    run.wait(20)
    assert target.query(f"SELECT v FROM {DB}.t WHERE id = 1") == [("c",)]


@pytest.mark.parametrize("kind", ["mariadb-10.11", "mysql-8.0"])
def test_ddl_behind_a_lock(servers, tmp_path, kind):
    source, target, job = prepared(servers, tmp_path, kind)
    job.run_ok()
    with target.connect(database=DB) as c, c.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM t WHERE id = 1")
        run = job.start(until=None)
        run.wait_for(lambda line: line.get("caught_up"), why="a task that follows")
        zoo.run_all(source, ["ALTER TABLE t ADD COLUMN n int", "INSERT INTO t VALUES (3, 'c', 3)"], DB)
        line = run.wait_for(waits_for("ALTER TABLE"), why="a word about the statement")
        assert "SHOW PROCESSLIST" in line["blocked_on"]["what"], line
        mark = run.mark()
        c.rollback()
    run.wait_after(mark, lambda line: line["blocked_on"] is None and line["caught_up"], why="the end of the wait")
    run.interrupt()
    run.wait(20)
    assert target.query(f"SELECT n FROM {DB}.t WHERE id = 3") == [("3",)]


def test_a_checkpoint_that_is_locked(servers, tmp_path):
    """The thread that would publish the status is what waits; the log has it as well."""
    source, target, job = prepared(servers, tmp_path, "mariadb-10.11")
    job.run_ok()
    with target.connect() as c, c.cursor() as cursor:
        run = job.start(until=None)
        run.wait_for(lambda line: line.get("caught_up"), why="a task that follows")
        cursor.execute("BEGIN")
        cursor.execute(f"SELECT * FROM dm_meta.{job.name}_dmlib_progress FOR UPDATE")
        zoo.run_all(source, ["UPDATE t SET v = 'c' WHERE id = 1"], DB)
        run.wait_for(waits_for("stores the checkpoint"), why="a word about the checkpoint")
        mark = run.mark()
        c.rollback()
    run.wait_after(mark, lambda line: line["blocked_on"] is None and line["caught_up"], why="the end of the wait")
    run.interrupt()
    assert run.wait(20).code in (EXIT_OK, 130)


@pytest.mark.parametrize("kind", ["mariadb-10.11", "mysql-8.0"])
@pytest.mark.parametrize("what", ["UPDATE t SET v = 'c' WHERE id = 1", "ALTER TABLE t ADD COLUMN n int"])
def test_a_stop_does_not_wait_for_ever(servers, tmp_path, kind, what):
    """Ten seconds for what is under way, then it ends as after a crash: the next run finds out what became of it."""
    source, target, job = prepared(servers, tmp_path, kind)
    job.run_ok()
    with target.connect(database=DB) as c, c.cursor() as cursor:
        run = job.start(until=None)
        run.wait_for(lambda line: line.get("caught_up"), why="a task that follows")
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM t WHERE id = 1 FOR UPDATE")
        zoo.run_all(source, ["UPDATE t SET v = 'd' WHERE id = 2", what], DB)
        run.wait_for(waits_for("ALTER" if "ALTER" in what else "writes rows"), why="a word about the lock")
        run.interrupt()
        assert run.wait(25).code == 130
        c.rollback()
    zoo.run_all(source, ["INSERT INTO t (id, v) VALUES (3, 'e')"], DB)
    job.run_ok()
    assert target.query(f"SELECT * FROM {DB}.t ORDER BY id") == source.query(f"SELECT * FROM {DB}.t ORDER BY id")
