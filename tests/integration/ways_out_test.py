"""Each precheck that a statement can put right: it fails, its own printed way out runs, it passes."""

import re

import pytest

from support import zoo
from support.dmlib import Job

STATEMENT = re.compile(r"(?:SET GLOBAL|GRANT|ALTER TABLE|DROP TRIGGER)\b[^;]*")
WEAK = ["CREATE USER 'weak'@'%' IDENTIFIED BY 'Pass-word1'", "GRANT SELECT ON mysql.* TO 'weak'@'%'"]


def failing(job, name, about=""):
    """The items of that name that do not pass, or that the text is in."""
    _, answer, errors = job.check()
    assert answer is not None, errors
    assert all(i["message"] for i in answer["items"])
    return [i for i in answer["items"] if i["name"] == name and not i["passed"] and about in i["message"]]


def put_right(job, name, source, target, about=""):
    """Runs what the findings say, where they say it."""
    found = failing(job, name, about)
    assert found, f"{name} passes, although it should not"
    for item in found:
        statements = STATEMENT.findall(item["instruction"])
        assert statements, item
        side = source if item["source"] and not re.search(r"target's", item["message"]) else target
        zoo.run_all(side, [s.strip() for s in statements])
    left = failing(job, name, about)
    assert left == [], left


def prepared(servers, tmp_path, kind="mariadb-10.11", **keys):
    source, target = servers(kind, **keys.pop("source_settings", {})), servers(kind, **keys.pop("target_settings", {}))
    zoo.run_all(source, ["CREATE DATABASE it_w"])
    zoo.run_all(source, ["CREATE TABLE t (id int PRIMARY KEY, v varchar(20) NOT NULL DEFAULT 'x')"], "it_w")
    return source, target, Job(tmp_path, source, target, **keys)


SETTINGS = [("binlog_format", "SET GLOBAL binlog_format = 'STATEMENT'", "source"), ("binlog_row_image", "SET GLOBAL binlog_row_image = 'MINIMAL'", "source"),
            ("binlog_expire", "SET GLOBAL binlog_expire_logs_seconds = 600", "source"), ("target_read_only", "SET GLOBAL read_only = 1", "target"),
            ("max_allowed_packet", "SET GLOBAL max_allowed_packet = 1048576", "target"), ("conn_number", "SET GLOBAL max_connections = 10", "target"),
            ("conn_number", "SET GLOBAL max_connections = 10", "source")]


@pytest.mark.parametrize("kind", ["mariadb-10.11", "mysql-8.0"])
def test_settings(servers, tmp_path, kind):
    source, target, job = prepared(servers, tmp_path, kind)
    job.task_config["mydumpers"]["all"]["threads"] = job.task_config["loaders"]["all"]["pool-size"] = 16
    for name, sql, side in SETTINGS:
        server = source if side == "source" else target
        zoo.run_all(server, [sql])
        put_right(job, name, source, target)
    if kind == "mysql-8.0":
        zoo.run_all(source, ["SET GLOBAL binlog_row_value_options = 'PARTIAL_JSON'", "SET GLOBAL binlog_row_image = 'MINIMAL'"])
        put_right(job, "binlog_row_value_options", source, target)
        zoo.run_all(source, ["SET GLOBAL binlog_row_image = 'FULL'"])
        zoo.run_all(target, ["SET GLOBAL super_read_only = 1"])
        put_right(job, "target_read_only", source, target)
    else:
        job.source_config[0]["enable-gtid"] = True
        zoo.run_all(source, ["SET GLOBAL gtid_strict_mode = 0"])
        put_right(job, "gtid_mode", source, target)
    assert job.check()[1]["passed"]


@pytest.mark.parametrize("kind", ["mariadb-10.11", "mysql-8.0", "mysql-5.6"])
def test_privileges(servers, tmp_path, kind):
    source, target, job = prepared(servers, tmp_path, kind)
    for server in (source, target):
        zoo.run_all(server, WEAK)
    zoo.run_all(source, ["GRANT INSERT ON it_w.* TO 'weak'@'%'"])  # sees the table, may not read it
    job.source_config[0]["from"] |= {"user": "weak", "password": "Pass-word1"}
    put_right(job, "replication_privilege", source, target)
    put_right(job, "dump_privilege", source, target)
    job.task_config["target-database"] |= {"user": "weak", "password": "Pass-word1"}
    put_right(job, "target_privilege", source, target)
    assert job.check()[1]["passed"]
    job.run_ok()


def test_tables(servers, tmp_path):
    source, target, job = prepared(servers, tmp_path)
    zoo.run_all(source, ["CREATE TABLE no_key (id varchar(10), id_2 int)", "CREATE TABLE old (id int PRIMARY KEY) ENGINE=MyISAM", "CREATE TABLE other_key (a int NOT NULL, b varchar(50) NOT NULL, PRIMARY KEY (a, b(10)))",
                         "CREATE TABLE loses (id int PRIMARY KEY, a varchar(20) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL DEFAULT 'it''s', b decimal(5,2) DEFAULT NULL)",
                         "CREATE TABLE wins (id int PRIMARY KEY)"], "it_w")
    zoo.run_all(target, ["CREATE DATABASE it_w"])
    zoo.run_all(target, ["CREATE TABLE t (id int PRIMARY KEY, v varchar(20) NOT NULL DEFAULT 'x') ENGINE=Aria", "CREATE TABLE other_key (a int NOT NULL PRIMARY KEY, b varchar(50) NOT NULL)",
                         "CREATE TABLE loses (id int PRIMARY KEY)", "CREATE TABLE wins (id int PRIMARY KEY, more varchar(10) NOT NULL COMMENT 'ours')"], "it_w")
    put_right(job, "table_schema", source, target, "no primary key")
    put_right(job, "table_schema", source, target, "has engine MyISAM")
    put_right(job, "table_schema", source, target, "has engine Aria")
    put_right(job, "table_schema", source, target, "primary key of the target")
    put_right(job, "table_schema", source, target, "lacks column")
    put_right(job, "table_schema", source, target, "has a column")
    assert failing(job, "table_schema") == []
    assert "it''s" in target.query("SHOW CREATE TABLE it_w.loses")[0][1]
    zoo.run_all(target, ["CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.v = 'y'"], "it_w")
    put_right(job, "target_triggers", source, target)
    job.run_ok()
