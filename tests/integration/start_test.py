"""Where a task begins that has no checkpoint, or only a copy."""

import time

import pytest

from support.dmlib import EXIT_OK, Job, end_of_binlog
from support.zoo import run_all

PAIRS = [("mariadb-10.11", "mariadb-10.11"), ("mysql-8.0", "tidb"), ("mysql-9.7", "mysql-9.7")]
DB = "it_start"


@pytest.fixture
def pair(request, servers, tmp_path):
    source, target = servers(request.param[0]), servers(request.param[1])
    run_all(source, [f"CREATE DATABASE {DB}", f"CREATE TABLE {DB}.t (id int PRIMARY KEY)", f"INSERT INTO {DB}.t VALUES (1)"])
    return source, target, Job(tmp_path, source, target)


def insert(source, number):
    source.query(f"INSERT INTO {DB}.t VALUES ({number})")


def rows(server):
    return [int(r[0]) for r in server.query(f"SELECT id FROM {DB}.t ORDER BY id")]


def fault(outcome):
    assert outcome.code != EXIT_OK and outcome.error, outcome
    return outcome.error


@pytest.mark.parametrize("pair", PAIRS, ids="-to-".join, indirect=True)
def test_an_incremental_task_without_a_start(pair):
    """The end of the source's binlog would leave out what the target lacks, in silence."""
    source, target, job = pair
    job.task_config["task-mode"], job.no_start = "incremental", True
    run_all(target, [f"CREATE DATABASE {DB}", f"CREATE TABLE {DB}.t (id int PRIMARY KEY)"])
    stopped = fault(job.run())
    assert stopped["name"] == "sync-position" and "meta" in stopped["workaround"], stopped
    assert rows(target) == []


@pytest.mark.parametrize("pair", PAIRS, ids="-to-".join, indirect=True)
def test_an_incremental_run_goes_on_from_the_copy(pair):
    source, target, job = pair
    job.no_start = True
    job.task_config["task-mode"] = "full"
    job.run_ok(until="finished", result="finished")
    insert(source, 2)
    job.task_config["task-mode"] = "incremental"
    job.run_ok()
    assert rows(target) == [1, 2]
    insert(source, 3)
    job.run_ok()
    assert rows(target) == [1, 2, 3]


@pytest.mark.parametrize("pair", PAIRS[:1], ids="-to-".join, indirect=True)
def test_an_incremental_run_ends_the_copy_first(pair):
    source, target, job = pair
    source.query(f"INSERT INTO {DB}.t SELECT seq FROM {DB}.seq_2_to_3000000")
    job.no_start = True
    job.task_config["mydumpers"]["all"] = {"threads": 1, "rows": 1000}
    job.task_config["loaders"]["all"]["pool-size"] = 1
    run = job.start()
    end = time.monotonic() + 60
    while copied(target) == 0:
        assert time.monotonic() < end, "no row was copied"
    run.kill9()
    assert 0 < copied(target) < 3000000
    job.task_config["task-mode"] = "incremental"
    job.run_ok()
    assert copied(target) == 3000000


def copied(target):
    if not target.query(f"SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = '{DB}' AND TABLE_NAME = 't'"):
        return 0
    return int(target.query(f"SELECT COUNT(*) FROM {DB}.t")[0][0])


@pytest.mark.parametrize("pair", PAIRS, ids="-to-".join, indirect=True)
def test_a_gtid_set_of_somewhere_else(pair):
    """Servers take such a set for an empty one and send all that they have: here a DROP of what the target holds."""
    source, target, job = pair
    run_all(source, [f"DROP DATABASE {DB}", f"CREATE DATABASE {DB}", f"CREATE TABLE {DB}.t (id int PRIMARY KEY)"])
    run_all(target, [f"CREATE DATABASE {DB}", f"CREATE TABLE {DB}.t (id int PRIMARY KEY)", f"INSERT INTO {DB}.t VALUES (7)"])
    job.task_config["task-mode"] = "incremental"
    job.source_config[0]["enable-gtid"] = True
    instance = job.task_config["mysql-instances"][0]
    for gtids in ("0-1-5", "99-99-99", "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-23"):
        instance["meta"] = {"binlog-gtid": gtids}
        stopped = fault(job.run())
        assert stopped["name"] in ("sync-position", "check-failed", "config-bad-value") and rows(target) == [7], (gtids, stopped)
    del instance["meta"]
    other = "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-23" if source.flavour == "mariadb" else "0-1-5"
    job.task_config["mysql-instances"][0]["meta"] = dict(zip(("binlog-name", "binlog-pos"), end_of_binlog(source)))
    stopped = fault(job.run(until=other, seconds=60))
    assert stopped["name"] == "sync-position", stopped


@pytest.mark.parametrize("pair", PAIRS[2:], ids="-to-".join, indirect=True)
def test_a_source_that_takes_over_from_the_one_that_was_copied(pair, servers, tmp_path):
    """Behind the copy's places the copy says nothing any more, so another server with the same history may go on."""
    source, target, job = pair
    job.run_ok()
    insert(source, 2)
    job.run_ok()
    position = source.query("SELECT @@gtid_executed")[0][0]
    heir = servers("mysql-9.7")
    run_all(heir, ["RESET BINARY LOGS AND GTIDS", "SET sql_log_bin=0"])
    heir.query(f"CREATE DATABASE {DB}")
    run_all(heir, [f"CREATE TABLE {DB}.t (id int PRIMARY KEY)", f"INSERT INTO {DB}.t VALUES (1), (2)"])
    heir.query("RESET BINARY LOGS AND GTIDS")
    heir.query("SET GLOBAL gtid_purged = '" + position.replace("\n", "") + "'")
    insert(heir, 3)
    job.source_config[0]["from"]["port"] = heir.port
    job.run_ok()
    assert rows(target) == [1, 2, 3]
    insert(heir, 4)
    job.run_ok()
    assert rows(target) == [1, 2, 3, 4]


@pytest.mark.parametrize("place", ["middle", "file"])
@pytest.mark.parametrize("kind", ["mysql-8.0", "mysql-5.6", "mysql-9.7"])
def test_a_start_by_file_and_offset_of_a_task_with_gtids(servers, tmp_path, kind, place):
    """The next start is by GTID, with those before the place: not from the oldest transaction of the source on, whose rows would come twice."""
    source, target = servers(kind), servers("mariadb-10.11")
    for server in (source, target):
        run_all(server, [f"CREATE DATABASE {DB}", f"CREATE TABLE {DB}.t (id int)"])
    source.query("RESET BINARY LOGS AND GTIDS" if kind == "mysql-9.7" else "RESET MASTER")
    insert(source, 1)
    if place == "file":
        source.query("FLUSH BINARY LOGS")
    insert(target, 1)
    job = Job(tmp_path, source, target, mode="incremental")
    if place == "file":
        job.task_config["mysql-instances"][0]["meta"] = {"binlog-name": end_of_binlog(source)[0], "binlog-pos": 4}
    job.write()
    for number in (2, 3, 4):
        insert(source, number)
        job.run_ok()
        assert rows(target) == list(range(1, number + 1)) == rows(source)
