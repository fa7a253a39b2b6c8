"""Prechecks whose way out is not a statement but a key of a file, a setting with a restart, or another server: each fails, what it
prints is done, it passes. See ways_out_test.py for those that a statement puts right."""

import pytest

from support import zoo
from support.dmlib import EXIT_CHECK, Job
from ways_out_test import failing, prepared


def one(job, name, severity="error", about=""):
    item, = failing(job, name, about)
    assert item["severity"] == severity and item["instruction"], item
    assert job.check()[0] == (EXIT_CHECK if severity == "error" else 0)
    return item


def passes(job, name):
    items = [i for i in job.check()[1]["items"] if i["name"] == name]
    assert items and all(i["passed"] for i in items), items


@pytest.mark.parametrize("side", ["source", "target"])
def test_connections(servers, tmp_path, side):
    _, _, job = prepared(servers, tmp_path)
    account = job.source_config[0]["from"] if side == "source" else job.task_config["target-database"]
    right = dict(account)
    account |= {"user": "nobody-here", "password": "wrong"}
    assert "user" in one(job, "connection")["instruction"].lower()
    account |= right
    account["port"] = 1
    assert "port" in one(job, "connection")["instruction"].lower()
    account["port"] = right["port"]
    account.update(right)
    passes(job, "connection")


def test_flavor(servers, tmp_path):
    _, _, job = prepared(servers, tmp_path)
    job.source_config[0]["flavor"] = "mysql"
    item = one(job, "version")
    assert "flavor: mariadb" in item["instruction"], item
    job.source_config[0]["flavor"] = "mariadb"
    passes(job, "version")


@pytest.mark.parametrize("side, name, severity", [("source", "version", "error"), ("target", "downstream_version", "warning")])
def test_versions(servers, tmp_path, side, name, severity):
    """A server that says it is older than it is."""
    source, target, job = prepared(servers, tmp_path, **{f"{side}_settings": {"version": "10.0.38-MariaDB-log"}})
    assert "10.1" in one(job, name, severity)["instruction"]
    server = source if side == "source" else target
    server.stop()
    del server.facts["settings"]["version"]
    server.again()
    passes(job, name)


def test_a_source_that_cannot_be_one(servers, tmp_path):
    source, target = servers("tidb"), servers("mariadb-10.11")
    zoo.run_all(source, ["CREATE DATABASE it_w"])
    job = Job(tmp_path, source, target)
    assert "MySQL or MariaDB server" in failing(job, "version")[0]["instruction"]
    other = servers("mysql-8.0")
    zoo.run_all(other, ["CREATE DATABASE it_w"])
    job.source_config[0]["from"]["port"] = other.port
    passes(job, "version")


@pytest.mark.parametrize("kind", ["mariadb-10.11", "mysql-8.0"])
def test_no_binlog(servers, tmp_path, kind):
    source, _, job = prepared(servers, tmp_path, kind, source_settings={"skip_log_bin": None})
    assert "log_bin=binlog" in one(job, "binlog_enable")["instruction"]
    source.stop()
    source.facts["settings"].pop("skip_log_bin")
    source.facts["unset"] = []
    source.again({"log_bin": "binlog"} | ({"log_slave_updates": "ON"} if kind.startswith("mariadb") else {}))
    passes(job, "binlog_enable")
    job.run_ok()


def test_tables_that_the_target_cannot_hold(servers, tmp_path):
    """An engine without rows, and names that differ by case alone: left out, or routed. A type that TiDB lacks gets another form, and is said."""
    source, target = servers("mariadb-10.11"), servers("tidb")
    zoo.run_all(source, ["CREATE DATABASE it_w"])
    zoo.run_all(source, ["CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE place (id int PRIMARY KEY, g geometry NOT NULL)",
                         "CREATE TABLE one (id int PRIMARY KEY) ENGINE=MyISAM", "CREATE TABLE both_of (id int PRIMARY KEY) ENGINE=MRG_MyISAM UNION=(one)",
                         "CREATE TABLE T (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)", "INSERT INTO T VALUES (2), (3)"], "it_w")
    job = Job(tmp_path, source, target)
    engine, = (i for i in failing(job, "table_schema", "MRG_MyISAM") if i["severity"] == "error")
    case, = failing(job, "table_schema", "upper from lower case")
    assert case["severity"] == "error" and "block-allow-list" in engine["instruction"] and "another name" in case["instruction"]
    assert all(i["severity"] == "warning" and "LONGBLOB" in i["message"] for i in failing(job, "table_schema", "geometry"))
    job.task_config["block-allow-list"]["chosen"]["ignore-tables"] = [{"db-name": "it_w", "tbl-name": "both_of"}]
    job.task_config["case-sensitive"] = True
    job.task_config["routes"] = {"upper": {"schema-pattern": "it_w", "table-pattern": "T", "target-schema": "it_w", "target-table": "t_upper"}}
    job.task_config["mysql-instances"][0]["route-rules"] = ["upper"]
    job.source_config[0]["case-sensitive"] = True
    assert [i for i in failing(job, "table_schema") if i["severity"] == "error"] == []
    job.run_ok()
    assert [str(target.query(f"SELECT COUNT(*) FROM it_w.{name}")[0][0]) for name in ("t", "t_upper")] == ["1", "2"]


def test_charsets_that_tidb_lacks(servers, tmp_path):
    """The nearest form is taken and said; an ALTER of the source makes it unneeded."""
    source, target = servers("mysql-8.0"), servers("tidb")
    zoo.run_all(source, ["CREATE DATABASE it_w"])
    zoo.run_all(source, ["CREATE TABLE wide (id int PRIMARY KEY, v varchar(20) CHARACTER SET utf16)"], "it_w")
    job = Job(tmp_path, source, target)
    assert failing(job, "table_schema", "utf16")
    zoo.run_all(source, ["ALTER TABLE wide MODIFY v varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"], "it_w")
    assert failing(job, "table_schema", "utf16") == []
    job.run_ok()
