"""DDL runs in the time zone of the source's session: what fills old rows depends on it."""

import pytest

from support import zoo
from support.dmlib import Job
from support.proxy import CutProxy
from support.same import assert_equal

KIND = "mariadb-10.11"
UNKNOWN = "does not know the time zone"
# A zone of the test's own: five hours ahead, and no other server has it.
ZONE = ["INSERT INTO mysql.time_zone VALUES (9999, 'N')", "INSERT INTO mysql.time_zone_name VALUES ('Test/Plus5', 9999)",
        "INSERT INTO mysql.time_zone_transition_type VALUES (9999, 0, 18000, 0, 'P5')"]


def make(source):
    zoo.run_all(source, ["CREATE DATABASE it_z", "CREATE TABLE it_z.t (id int PRIMARY KEY)", "INSERT INTO it_z.t VALUES (1), (2)"])


def add_local_times(source, zone):
    zoo.run_all(source, [f"SET time_zone = '{zone}', timestamp = 1700000000", "ALTER TABLE t ADD COLUMN at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP"], "it_z")


@pytest.mark.parametrize("answer", [(1205, "HY000", "Lock wait timeout exceeded; try restarting transaction"), None], ids=["lock-wait", "cut"])
def test_a_failure_is_no_unknown_zone(servers, tmp_path, answer):
    """The statement is tried again. It never runs in another zone than the source's."""
    source, target = servers(KIND), servers(KIND)
    make(source)
    with CutProxy(target) as proxy:
        job = Job(tmp_path, source, target)
        job.task_config["target-database"] |= {"host": proxy.host, "port": proxy.port}
        job.source_config[0]["checker"] = {"backoff-min": "50ms", "backoff-max": "1s"}
        job.run_ok()
        add_local_times(source, "+05:00")
        proxy.answer_once("SET time_zone='+05:00'", answer)
        outcome = job.run_ok()
        assert proxy.counts["answered"] == 1
        assert UNKNOWN not in outcome.stderr, outcome.stderr
    assert_equal(source, target)
    assert target.query("SELECT DISTINCT at FROM it_z.t") == [("2023-11-15 03:13:20",)]


@pytest.mark.parametrize("kind", [KIND, "mysql-9.7", "tidb"])
def test_a_zone_that_only_the_source_knows(servers, tmp_path, kind):
    source, target = servers(KIND), servers(kind)
    make(source)
    zoo.run_all(source, ZONE)
    job = Job(tmp_path, source, target)
    job.run_ok()
    add_local_times(source, "Test/Plus5")
    outcome = job.run_ok()
    assert f"{UNKNOWN} Test/Plus5" in outcome.stderr, outcome.stderr
    assert target.query("SELECT DISTINCT at FROM it_z.t") == [("2023-11-14 22:13:20",)]
