"""DDL runs in the time zone of the source's session: what fills old rows depends on it."""

import re

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


def in_utc(server, sql):
    with server.connect() as c, c.cursor() as cursor:
        cursor.execute("SET time_zone = '+00:00'")
        cursor.execute(sql)
        return [list(map(str, row)) for row in cursor.fetchall()]


def assert_same_moments(source, target, why):
    # information_schema of MySQL 8 has the text of the session that made the column.
    for table, in source.query("SHOW TABLES FROM it_z"):
        shown = [re.findall(r"`(\w+)` timestamp.* DEFAULT '([^']*)'", in_utc(server, f"SHOW CREATE TABLE it_z.{table}")[0][1]) for server in (source, target)]
        assert shown[0] == shown[1], f"{why}: {table}"
        assert in_utc(source, f"SELECT * FROM it_z.{table} ORDER BY id") == in_utc(target, f"SELECT * FROM it_z.{table} ORDER BY id"), f"{why}: {table}"


def make_moments(source):
    zoo.run_all(source, ["CREATE DATABASE it_z CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"])
    zoo.run_all(source, ["SET time_zone = '+00:00'", "CREATE TABLE t (id int PRIMARY KEY, old timestamp NULL DEFAULT '2001-01-01 01:01:01', n int)", "INSERT INTO t (id) VALUES (1), (2)"], "it_z")


@pytest.mark.parametrize("kind, target_kind", [(KIND, KIND), ("mysql-9.7", "tidb"), ("mysql-8.0", "mysql-9.7"), (KIND, "tidb"), ("mysql-5.6", KIND), (KIND, "mysql-8.0")])
def test_a_moment_as_a_default(servers, tmp_path, kind, target_kind):
    """A literal of a session's zone is a moment; a definition shows it in UTC. Rows that are there get it, later ones too."""
    source, target = servers(kind), servers(target_kind)
    make_moments(source)
    job = Job(tmp_path, source, target)
    job.run_ok()
    zoo.run_all(source, ["SET time_zone = '-06:00'", "ALTER TABLE t ADD COLUMN a timestamp NOT NULL DEFAULT '2005-05-05 01:01:01'", "INSERT INTO t (id) VALUES (3)",
                         "CREATE TABLE u (id int PRIMARY KEY, a timestamp NOT NULL DEFAULT '2005-12-31 23:00:01', b timestamp(3) NULL DEFAULT '2004-02-28 20:00:00.125', c datetime DEFAULT '2005-05-05 01:01:01')", "INSERT INTO u (id) VALUES (1)"], "it_z")
    job.run_ok()
    assert_same_moments(source, target, "in the west")
    # What an earlier session left there is a moment in the next one's statement, too.
    zoo.run_all(source, ["SET time_zone = '+09:30'", "ALTER TABLE t MODIFY n bigint, CHANGE old older timestamp NULL DEFAULT '2002-02-02 02:02:02'", "ALTER TABLE u ADD COLUMN d timestamp NULL DEFAULT '2010-01-01 00:00:00' FIRST, ALTER COLUMN b SET DEFAULT '2011-11-11 11:11:11'",
                         "CREATE TABLE v LIKE u", "INSERT INTO v (id) VALUES (1)", "INSERT INTO u (id) VALUES (2)", "INSERT INTO t (id) VALUES (4)", "ALTER TABLE u RENAME TO w"], "it_z")
    job.run_ok()
    assert_same_moments(source, target, "in the east")
    zoo.run_all(source, ["SET time_zone = '-03:00'", "ALTER TABLE w CHANGE a aa timestamp NOT NULL DEFAULT '2006-06-06 06:06:06', DROP COLUMN c, ADD KEY (aa)", "ALTER TABLE w CHANGE id id bigint, ADD COLUMN e int DEFAULT 5", "INSERT INTO w (id) VALUES (9)"], "it_z")
    job.run_ok()
    assert_same_moments(source, target, "in the west again")


@pytest.mark.parametrize("kind, target_kind", [(KIND, "tidb"), ("mysql-9.7", KIND), ("mysql-5.6", "mysql-8.0")])
def test_the_zone_of_the_source_s_system(servers, tmp_path, monkeypatch, kind, target_kind):
    """SYSTEM is another zone on the target."""
    monkeypatch.setenv("DMLIB_SERVER_TZ", "CST-8")
    source = servers(kind, default_time_zone="SYSTEM")
    monkeypatch.delenv("DMLIB_SERVER_TZ")
    target = servers(target_kind)
    assert source.query("SELECT @@time_zone, TIMESTAMPDIFF(HOUR, UTC_TIMESTAMP(), NOW())") == [("SYSTEM", "8")]
    make_moments(source)
    job = Job(tmp_path, source, target)
    job.run_ok()
    zoo.run_all(source, ["SET timestamp = 1700000000", "ALTER TABLE t ADD COLUMN at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, ADD COLUMN a timestamp NOT NULL DEFAULT '2005-05-05 01:01:01'", "INSERT INTO t (id) VALUES (3)",
                         "ALTER TABLE t MODIFY old datetime NULL", "ALTER TABLE t ADD COLUMN b timestamp NULL, MODIFY n bigint", "UPDATE t SET b = old",
                         "CREATE TABLE u (id int PRIMARY KEY, a timestamp NOT NULL DEFAULT '2005-12-31 23:00:01')", "INSERT INTO u (id) VALUES (1)"], "it_z")
    outcome = job.run_ok()
    assert_same_moments(source, target, "in the east")
    assert target.query("SELECT DISTINCT at FROM it_z.t") == [("2023-11-15 06:13:20",)]
    assert "daylight" not in outcome.stderr


def test_a_system_with_daylight_saving_time(servers, tmp_path, monkeypatch):
    monkeypatch.setenv("DMLIB_SERVER_TZ", "EST5EDT,M3.2.0,M11.1.0")
    source = servers(KIND, default_time_zone="SYSTEM")
    monkeypatch.delenv("DMLIB_SERVER_TZ")
    make_moments(source)
    assert "daylight saving time" in Job(tmp_path, source, servers(KIND)).run_ok().stderr


@pytest.mark.parametrize("target_kind", [KIND, "tidb", "mysql-9.7"])
@pytest.mark.parametrize("there, fine", [("2005-05-05 07:01:01", True), ("2005-05-05 01:01:01", False)])
def test_a_moment_that_is_there(servers, tmp_path, target_kind, there, fine):
    """What the target has already is compared as a moment: its definition, and its rows."""
    source, target = servers(KIND), servers(target_kind)
    make_moments(source)
    job = Job(tmp_path, source, target)
    job.run_ok()
    zoo.run_all(target, ["SET time_zone = '+00:00'", f"ALTER TABLE t ADD COLUMN a timestamp NOT NULL DEFAULT '{there}'"], "it_z")
    zoo.run_all(source, ["SET time_zone = '-06:00'", "ALTER TABLE t ADD COLUMN a timestamp NOT NULL DEFAULT '2005-05-05 01:01:01'", "INSERT INTO t (id) VALUES (3)"], "it_z")
    if fine:
        job.run_ok()
        assert_same_moments(source, target, "there already")
    else:
        stopped = job.run()
        assert stopped.error["name"] in ("sync-ddl-failed", "sync-ddl-refused", "db-already-exists", "db-duplicate-column"), stopped


def test_a_literal_in_a_zone_by_name(servers, tmp_path):
    """What it is in UTC is not known here: it is right in that zone, and a warning says where it may not be."""
    source, target = servers(KIND), servers(KIND)
    make_moments(source)
    for server in (source, target):
        zoo.run_all(server, ZONE)
    job = Job(tmp_path, source, target)
    job.run_ok()
    zoo.run_all(source, ["SET time_zone = 'Test/Plus5', timestamp = 1700000000", "ALTER TABLE t ADD COLUMN at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, ADD COLUMN b timestamp NULL, MODIFY n bigint"], "it_z")
    assert "literal default" not in job.run_ok().stderr
    zoo.run_all(source, ["SET time_zone = 'Test/Plus5'", "ALTER TABLE t ADD COLUMN a timestamp NOT NULL DEFAULT '2005-05-05 01:01:01'", "INSERT INTO t (id) VALUES (3)"], "it_z")
    outcome = job.run_ok()
    assert "Test/Plus5" in outcome.stderr and "a of " in outcome.stderr, outcome.stderr
    assert "old of" not in outcome.stderr
    assert_same_moments(source, target, "by name")
    zoo.run_all(source, ["SET time_zone = 'Test/Plus5'", "CREATE TABLE v LIKE t"], "it_z")
    assert "old of " in job.run_ok().stderr
