"""DROP TABLE of a table that is gone already where replication begins: left out where the target lacks it too, a fault where it has it.

A copy meets that where it looks between the drop and its event: MariaDB and MySQL write the binlog last.
"""

import json

import pytest

from support import zoo
from support.dmlib import Job

DB = "it_dropped"


@pytest.mark.parametrize("kind", ["mariadb-10.11", "mysql-9.7"])
@pytest.mark.parametrize("statement", ["DROP TABLE gone", "DROP TABLE gone, there", "DROP TABLE IF EXISTS gone"])
def test_a_table_that_nobody_has(servers, tmp_path, kind, statement):
    source, target = servers(kind), servers(kind)
    for server in (source, target):
        zoo.run_all(server, [f"CREATE DATABASE {DB}"])
        zoo.run_all(server, ["CREATE TABLE there (id int PRIMARY KEY)", "CREATE TABLE stays (id int PRIMARY KEY)"], DB)
    zoo.run_all(source, ["CREATE TABLE gone (id int PRIMARY KEY)", "FLUSH BINARY LOGS"], DB)
    status = source.query("SHOW MASTER STATUS" if kind.startswith("mariadb") else "SHOW BINARY LOG STATUS")[0]
    zoo.run_all(source, ["INSERT INTO stays VALUES (1)", statement, "INSERT INTO stays VALUES (2)"], DB)
    job = Job(tmp_path, source, target)
    job.task_config["task-mode"] = "incremental"
    job.task_config["mysql-instances"][0]["meta"] = {"binlog-name": status[0], "binlog-pos": int(status[1])}
    outcome = job.run_ok()
    if "IF EXISTS" not in statement:
        assert "it was gone before, here and on the target" in outcome.stderr, outcome.stderr
    assert target.query(f"SELECT id FROM {DB}.stays ORDER BY id") == [("1",), ("2",)]
    tables = [r[0] for r in target.query(f"SHOW TABLES IN {DB}")]
    assert tables == [r[0] for r in source.query(f"SHOW TABLES IN {DB}")], tables


def test_a_merged_target_is_not_gone(servers, tmp_path):
    """Its rows may be there: what becomes of them is not left out in silence."""
    source, target = servers("mariadb-10.11"), servers("mariadb-10.11")
    for server in (source, target):
        zoo.run_all(server, [f"CREATE DATABASE {DB}"])
    zoo.run_all(target, ["CREATE TABLE every (id int PRIMARY KEY)"], DB)
    zoo.run_all(source, ["CREATE TABLE part_1 (id int PRIMARY KEY)", "CREATE TABLE part_2 (id int PRIMARY KEY)", "FLUSH BINARY LOGS"], DB)
    status = source.query("SHOW MASTER STATUS")[0]
    zoo.run_all(source, ["INSERT INTO part_1 VALUES (1)", "DROP TABLE part_2"], DB)
    job = Job(tmp_path, source, target)
    job.task_config["task-mode"] = "incremental"
    job.task_config["mysql-instances"][0]["meta"] = {"binlog-name": status[0], "binlog-pos": int(status[1])}
    job.task_config.setdefault("routes", {})["all"] = {"schema-pattern": DB, "table-pattern": "part_*", "target-schema": DB, "target-table": "every"}
    job.task_config["mysql-instances"][0]["route-rules"] = ["all"]
    outcome = job.run()
    assert outcome.error["name"].startswith("sync-ddl-") and "part_2" in json.dumps(outcome.error), outcome
