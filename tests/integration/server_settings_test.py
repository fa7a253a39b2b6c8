"""What the servers' own settings and people do beside the task: it neither hangs, nor stops, nor takes another's checkpoint."""

import fcntl
import os
import signal
import subprocess
import threading
import time

import pytest

from support import zoo
from support.dmlib import EXIT_CHECK, EXIT_TASK, Job, assert_error
from support.same import assert_equal

DB = "it_set"
FLOATS = ["3.402823466E+38", "-3.402823466E+38", "1.17549435E-38", "3.40282326E+38"]


def make(source, database=DB, rows=20):
    source.query(f"CREATE DATABASE {database}")
    zoo.run_all(source, ["CREATE TABLE a (id int NOT NULL PRIMARY KEY, v varchar(20))", "CREATE TABLE k (a int, b varchar(20))"], database)
    fill(source, 0, rows, database)


def fill(source, start, rows, database=DB):
    zoo.run_all(source, [s for i in range(start, start + rows) for s in (f"INSERT INTO a (id, v) VALUES ({i}, 'v')", f"INSERT INTO k (a, b) VALUES ({i}, 'v')")], database)


@pytest.mark.parametrize("kind,settings", [("tidb", {}), ("mysql-8.0", {"lower_case_table_names": 1}), ("mariadb-10.11", {"lower_case_table_names": 1}), ("mysql-8.0", {})])
def test_tasks_whose_names_differ_in_case(servers, tmp_path, kind, settings):
    """Where the target folds names, the second task would read the first one's checkpoint, and copy nothing."""
    source, target = servers("mariadb-10.11"), servers(kind, **settings)
    make(source)
    make(source, "it_other")
    first = Job(tmp_path / "first", source, target, name="Orders", schemas=(DB,))
    second = Job(tmp_path / "second", source, target, name="orders", schemas=("it_other",))
    first.run_ok()
    if kind == "mysql-8.0" and not settings:
        second.run_ok()
        assert_equal(source, target)
        return
    outcome = second.run()
    assert outcome.code == EXIT_CHECK, outcome  # nothing was written
    assert_error(outcome.error, "checkpoint-read", task="orders")
    assert "'Orders'" in outcome.error["message"] and "another name" in outcome.error["workaround"], outcome.error
    fill(source, 100, 3)
    first.run_ok()
    second.task_config["meta-schema"] = "dm_meta_2"
    second.run_ok()
    assert_equal(source, target)


@pytest.mark.parametrize("source_kind,target_kind", [("mysql-8.0", "mariadb-10.11"), ("mariadb-10.11", "mysql-8.0"), ("mysql-8.0", "tidb")])
def test_the_largest_float(servers, tmp_path, source_kind, target_kind):
    source, target = servers(source_kind), servers(target_kind)
    source.query(f"CREATE DATABASE {DB}")
    tables = ["CREATE TABLE f (id int NOT NULL PRIMARY KEY, a float)", "CREATE TABLE fk (a float)", "CREATE TABLE fd (id int NOT NULL PRIMARY KEY, a float, UNIQUE KEY a (a))"]
    zoo.run_all(source, tables + [f"INSERT INTO f VALUES ({i}, {f})" for i, f in enumerate(FLOATS)] + [f"INSERT INTO fk VALUES ({f})" for f in FLOATS], DB)
    job = Job(tmp_path, source, target, schemas=(DB,))

    def bits():
        found = [sorted(map(repr, s.query(f"SELECT a+0e0 FROM {DB}.{t}"))) for s in (source, target) for t in ("f", "fk", "fd")]
        assert found[:3] == found[3:]

    job.run_ok()
    bits()
    zoo.run_all(source, [f"INSERT INTO f VALUES ({i + 10}, {f})" for i, f in enumerate(FLOATS)] + [f"INSERT INTO fd VALUES ({i}, {f})" for i, f in enumerate(FLOATS)], DB)
    job.run_ok()
    bits()
    zoo.run_all(source, ["UPDATE fk SET a=2 WHERE a>3e38", "DELETE FROM fk WHERE a<-3e38", "UPDATE fd SET a=NULL WHERE id=0", "UPDATE f SET a=1 WHERE id=10"], DB)
    job.run_ok()
    bits()


GLOBALS = ["completion_type=1", "completion_type=2", "sql_select_limit=1", "autocommit=0", "sql_safe_updates=1", "max_join_size=2"]


@pytest.mark.parametrize("source_kind,target_kind", [("mysql-8.0", "mariadb-10.11"), ("mariadb-10.11", "mysql-8.0")])
def test_globals_of_the_servers(servers, tmp_path, source_kind, target_kind):
    """A copy, replication with a DDL, a kill and a restart, with the setting on both servers."""
    source, target = servers(source_kind), servers(target_kind)
    make(source)
    for number, setting in enumerate(GLOBALS):
        name = setting.split("=")[0]
        before = [server.query(f"SELECT @@GLOBAL.{name}")[0][0] for server in (source, target)]
        job = Job(tmp_path / str(number), source, target, name=f"g{number}", schemas=(DB,))
        job.forget()
        for server in (source, target):
            server.query(f"SET GLOBAL {setting}")
        try:
            job.run_ok(seconds=60)
            run = job.start(until=None)
            run.wait_for(lambda line: line.get("unit") == "sync" and line.get("caught_up"), 60, setting)
            for server in (source, target):
                server.query(f"SET GLOBAL {name}=DEFAULT")
            zoo.run_all(source, [f"ALTER TABLE a ADD COLUMN c{number} int NOT NULL DEFAULT 1", "UPDATE k SET b='w' WHERE a=1"], DB)
            fill(source, 0, 0)
            time.sleep(0.5)
            for server in (source, target):
                server.query(f"SET GLOBAL {setting}")
            run.kill9()
            job.run_ok(seconds=60)
        finally:
            for server, value in zip((source, target), before):
                server.query(f"SET GLOBAL {name}=" + (str(value) if str(value).isdigit() else f"'{value}'"))
        assert_equal(source, target)


@pytest.mark.parametrize("target_kind", ["mysql-8.0", "mariadb-10.11"])
def test_statements_that_are_killed_run_again(servers, tmp_path, target_kind):
    """KILL QUERY of whatever the task runs on the target, rows and a DDL."""
    source, target = servers("mysql-8.0" if target_kind.startswith("mariadb") else "mariadb-10.11"), servers(target_kind)
    make(source)
    job = Job(tmp_path, source, target, schemas=(DB,), source_keys={"checker": {"backoff-min": "50ms", "backoff-max": "1s"}})
    run = job.start(until=None)
    run.wait_for(lambda line: line.get("unit") == "sync" and line.get("caught_up"), 60, "replication")
    killed, going = [0], [True]

    def kill():
        with target.connect(autocommit=True) as connection, connection.cursor() as cursor:
            while going[0]:
                cursor.execute("SELECT ID FROM information_schema.PROCESSLIST WHERE INFO IS NOT NULL AND ID<>CONNECTION_ID()")
                for (who,) in cursor.fetchall():
                    try:
                        cursor.execute(f"KILL QUERY {who}")
                        killed[0] += 1
                    except Exception:
                        pass
                time.sleep(0.001)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        part = 0
        while part < 10 or (killed[0] <= 10 and part < 150):  # a fast server is seldom caught at work
            part += 1
            fill(source, part * 1000, 100)
            zoo.run_all(source, [f"ALTER TABLE a ADD COLUMN c{part} int NOT NULL DEFAULT {part}"], DB)
            assert run.alive(), run.wait(5)
    finally:
        going[0] = False
        killer.join()
    assert killed[0] > 10
    run.interrupt()
    assert run.wait(60).code == 130
    job.run_ok(seconds=100)
    assert_equal(source, target)


@pytest.mark.parametrize("kind", ["mariadb-10.11", "mysql-8.0"])
def test_binlogs_that_were_reset(servers, tmp_path, kind):
    """RESET MASTER while the task is stopped; as many bytes are written again: the position is there, but of another history."""
    gtids = {} if kind.startswith("mariadb") else {"gtid_mode": "ON", "enforce_gtid_consistency": "ON"}
    source, target = servers(kind, **gtids), servers("mysql-8.0")
    make(source)
    source.query("RESET MASTER")
    job = Job(tmp_path, source, target, schemas=(DB,), source_keys={"enable-gtid": False})
    job.run_ok()
    rows = [f"INSERT INTO k (a, b) VALUES ({i}, 'v')" for i in range(1000, 1020)]
    zoo.run_all(source, ["SET SESSION gtid_seq_no=1000", *rows] if kind.startswith("mariadb") else rows, DB)
    job.run_ok()
    job.run_ok()  # nothing changed: no alarm
    assert_equal(source, target)
    source.query("RESET MASTER")
    zoo.run_all(source, rows * 2 if kind.startswith("mariadb") else rows[:5], DB)
    outcome = job.run()
    assert outcome.code == EXIT_TASK, outcome
    assert_error(outcome.error, "checkpoint-source-changed", position=True)
    assert "RESET MASTER" in outcome.error["message"], outcome.error


def test_numbers_for_rows_without_a_key(servers, tmp_path):
    """AUTO_INCREMENT for rows that lie in another order on the target would be other numbers."""
    source, target = servers("mysql-8.0"), servers("mariadb-10.11")
    make(source)
    zoo.run_all(source, ["CREATE TABLE none (a int)", "CREATE TABLE keyed (a int NOT NULL, UNIQUE KEY a (a))", "INSERT INTO keyed VALUES (3), (1), (2)"], DB)
    job = Job(tmp_path, source, target, schemas=(DB,))
    job.run_ok()
    add = "ADD COLUMN id int NOT NULL AUTO_INCREMENT PRIMARY KEY FIRST"
    zoo.run_all(source, [f"ALTER TABLE none {add}", "INSERT INTO none (a) VALUES (5)", f"ALTER TABLE keyed {add}"], DB)
    job.run_ok()
    assert_equal(source, target)
    zoo.run_all(source, [f"ALTER TABLE k {add}", "INSERT INTO k (a) VALUES (5)"], DB)
    for _ in range(2):
        outcome = job.run()
        assert outcome.code == EXIT_TASK, outcome
        assert_error(outcome.error, "sync-ddl-refused", table=(DB, "k"), position=True)
        assert "action: Ignore" in outcome.error["workaround"], outcome.error
    target.query(f"DELETE FROM {DB}.k")
    assert job.run().code == 0


def test_a_pipe_that_nobody_reads(servers, tmp_path):
    """The task goes on without its status lines' reader, and a signal ends the process."""
    source, target = servers("mysql-8.0"), servers("mariadb-10.11")
    make(source)
    job = Job(tmp_path, source, target, schemas=(DB,))
    job.run_ok()
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    program = subprocess.Popen(job.argv(until=None), stdin=subprocess.DEVNULL, stdout=writing, stderr=subprocess.DEVNULL, cwd=tmp_path)
    os.close(writing)
    try:
        for part in range(12):  # until the pipe is full
            fill(source, 1000 + part * 10, 10)
            time.sleep(1)
        assert program.poll() is None
        program.send_signal(signal.SIGINT)
        assert program.wait(15) == 130
    finally:
        if program.poll() is None:
            program.kill()
            program.wait()
        os.close(reading)
    job.run_ok()
    assert_equal(source, target)
