"""Prechecks whose connection is lost are made again; those behind a statement of a lost session say what they wait for."""

import json
import threading
import time
import types

import pytest

from support import zoo
from support.dmlib import EXIT_CHECK, EXIT_OK, Job
from support.proxy import CutProxy

DB = "it_again"
BLOCKED = "a DDL statement of a session that was lost still runs"


def prepared(servers, tmp_path, kind, target_kind=None):
    source, target = servers(kind), servers(target_kind or kind)
    zoo.run_all(source, [f"CREATE DATABASE {DB}"])
    zoo.run_all(source, [f"CREATE TABLE t{n} (id int PRIMARY KEY, v varchar(20))" for n in range(3)] + ["INSERT INTO t0 VALUES (1, 'a')"], DB)
    return source, target, Job(tmp_path, source, target)


def through(job, side, proxy):
    config = job.source_config[0]["from"] if side == "source" else job.task_config["target-database"]
    config |= {"host": proxy.host, "port": proxy.port}


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.1)


SHOW = f"SHOW CREATE TABLE `{DB}`.`t1`"


@pytest.mark.parametrize("kind", ["mariadb-10.11", "mysql-8.0"])
@pytest.mark.parametrize("side", ["source", "target"])
def test_a_lost_connection_is_made_again(servers, tmp_path, kind, side):
    source, target, job = prepared(servers, tmp_path, kind)
    plain = json.dumps([{k: v for k, v in i.items() if k != "seconds"} for i in job.check()[1]["items"]])
    job.run_ok()    # the target has the tables
    after = [{k: v for k, v in i.items() if k != "seconds"} for i in job.check()[1]["items"]]
    with CutProxy(source if side == "source" else target) as proxy:
        through(job, side, proxy)
        proxy.answer_once(SHOW, None)
        code, answer, errors = job.check()
        assert proxy.counts["answered"] == 1
        assert code == EXIT_OK and answer["passed"], (answer, errors)
        # Nothing is said twice, nothing is missing.
        assert [{k: v for k, v in i.items() if k != "seconds"} for i in answer["items"]] == after
        assert "connection was lost while the checks" in errors, errors
        # A run, too, and its status says what it waits for.
        proxy.answer_once(SHOW, None)
        outcome = job.run_ok()
        assert proxy.counts["answered"] == 2
        waits = [line["blocked_on"] for line in outcome.status if line["unit"] == "check" and line["blocked_on"]]
        assert waits and waits[0]["name"] == "db-connection-lost" and waits[0]["next_try_seconds"] >= 0, outcome.status[:5]
    assert plain


def test_a_server_that_stays_away_is_an_error(servers, tmp_path):
    source, target, job = prepared(servers, tmp_path, "mariadb-10.11")
    with CutProxy(source) as proxy:
        through(job, "source", proxy)
        proxy.answer_once(SHOW, None)
        running = job.start()
        running.wait_for(lambda line: line.get("blocked_on"), why="a word about the lost connection")
        proxy.target = types.SimpleNamespace(host="127.0.0.1", port=1)
        outcome = running.wait(90)
    assert outcome.code == EXIT_CHECK and outcome.error["name"] == "check-failed", outcome
    assert "connection" in outcome.error["message"], outcome.error


@pytest.mark.parametrize("kind", ["mariadb-10.11", "mysql-8.0"])
def test_a_statement_of_a_lost_session_is_waited_for(servers, tmp_path, kind):
    source, target, job = prepared(servers, tmp_path, kind)
    job.run_ok()
    with target.connect(database=DB) as c, c.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM t0")
        run = job.start(until=None)
        run.wait_for(lambda line: line.get("caught_up"), why="a task that follows")
        zoo.run_all(source, ["RENAME TABLE t0 TO t9", "INSERT INTO t9 VALUES (2, 'b')"], DB)
        # Not the INSERT that records it.
        wait_until(lambda: any(str(r[7]).startswith("RENAME") for r in target.query("SHOW FULL PROCESSLIST")))
        run.kill9()
        again = job.start()
        line = again.wait_for(lambda line: line.get("blocked_on"), why="a word about the statement")
        assert BLOCKED in line["blocked_on"]["what"], line
        assert "PROCESSLIST" in line["blocked_on"]["workaround"] and line["blocked_on"]["since_seconds"] >= 0, line
        # A stop does not wait for it.
        other = Job(tmp_path / "stop", source, target)
        stopped = other.start()
        stopped.wait_for(lambda line: line.get("blocked_on"), why="a word about the statement")
        stopped.interrupt()
        assert stopped.wait(5).code == 130
        threading.Timer(1, c.rollback).start()
        outcome = again.wait(60)
    assert outcome.code == EXIT_OK, outcome
    assert BLOCKED in outcome.stderr, outcome.stderr
    assert target.query(f"SELECT * FROM {DB}.t9 ORDER BY id") == [("1", "a"), ("2", "b")]


def test_a_stop_while_another_process_has_the_task(servers, tmp_path):
    """A start waits a while for the lock of a run that may just have been killed; a stop does not."""
    source, target, job = prepared(servers, tmp_path, "mariadb-10.11")
    job.run_ok()
    first = job.start(until=None)
    first.wait_for(lambda line: line.get("caught_up"), why="a task that follows")
    second = Job(tmp_path / "second", source, target).start()
    second.wait_for(lambda line: line.get("unit") == "sync", why="its start")
    time.sleep(1)
    second.interrupt()
    assert second.wait(6).code == 130
    zoo.run_all(source, ["INSERT INTO t0 VALUES (2, 'b')"], DB)
    wait_until(lambda: target.query(f"SELECT COUNT(*) FROM {DB}.t0") == [("2",)])
    first.interrupt()
    assert first.wait(30).code == 130
