"""Each precheck that a statement can put right: it fails, its own printed way out runs, it passes."""

import json
import re
import subprocess

import pytest

from support import zoo
from support.dmlib import Job

STATEMENT = re.compile(r"(?:SET GLOBAL|GRANT|CALL|ALTER TABLE|DROP TABLE|TRUNCATE TABLE|DROP TRIGGER)\b[^;]*")
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


# ---- what a statement puts right --------------------------------------------------------------------------------------

def test_gtids(servers, tmp_path):
    """From no GTIDs at all to gtid_mode ON, by the statements of the item."""
    source, target, job = prepared(servers, tmp_path, "mysql-8.0", source_settings={"gtid_mode": "OFF", "enforce_gtid_consistency": "OFF"})
    job.source_config[0]["enable-gtid"] = True
    assert failing(job, "gtid_consistency")
    put_right(job, "gtid_mode", source, target)
    assert source.query("SELECT @@GLOBAL.gtid_mode") == [("ON",)]
    assert failing(job, "gtid_consistency") == []
    for mode in ("ON_PERMISSIVE", "OFF_PERMISSIVE", "OFF"):
        source.query(f"SET GLOBAL gtid_mode = {mode}")
    source.query("SET GLOBAL enforce_gtid_consistency = WARN")
    put_right(job, "gtid_consistency", source, target)


def test_server_ids(servers, tmp_path):
    source, target, job = prepared(servers, tmp_path, "mysql-8.0")
    source.query("SET GLOBAL server_id = 0")
    put_right(job, "server_id", source, target)
    job.source_config[0]["server-id"] = int(source.query("SELECT @@GLOBAL.server_id")[0][0])
    item, = failing(job, "server_id")
    assert item["severity"] == "error" and "another server-id" in item["instruction"], item
    job.source_config[0]["server-id"] += 100
    assert failing(job, "server_id") == []
    other = Job(tmp_path / "other", source, target, name="other", source_keys={"server-id": job.source_config[0]["server-id"]})
    run = other.start(until=None)
    run.wait_for(lambda line: line.get("caught_up"), 60, "a replica with that server-id")
    item, = failing(job, "server_id")
    assert item["severity"] == "warning" and "leave it out" in item["instruction"], item
    del job.source_config[0]["server-id"]
    assert failing(job, "server_id") == []
    run.interrupt()
    run.wait(30)


@pytest.mark.parametrize("way", ["leave the database out", "remove the setting"])
def test_databases_that_are_not_logged(servers, tmp_path, way):
    source, _, job = prepared(servers, tmp_path, source_settings={"binlog_ignore_db": "it_hidden"})
    zoo.run_all(source, ["CREATE DATABASE it_hidden"])
    zoo.run_all(source, ["CREATE TABLE t (id int PRIMARY KEY)"], "it_hidden")
    item, = failing(job, "binlog_db")
    assert "`it_hidden`" in item["message"] and "leave the database out" in item["instruction"] and "Remove the setting" in item["instruction"], item
    if way == "leave the database out":
        job.task_config["block-allow-list"]["chosen"]["do-dbs"] = ["it_w"]
    else:
        source.stop()
        source.facts["settings"] = {k: v for k, v in source.facts["settings"].items() if "ignore" not in k}
        source.again()
    assert failing(job, "binlog_db") == []


@pytest.mark.parametrize("shadow", ["_t_gho", "_t_new"])
def test_unfinished_online_changes(servers, tmp_path, shadow):
    """A shadow table that the rules leave out: its rename into their tables could not be followed."""
    source, target, job = prepared(servers, tmp_path)
    zoo.run_all(source, [f"CREATE TABLE {shadow} (id int PRIMARY KEY, v varchar(20), w int)"], "it_w")
    assert failing(job, "online_ddl") == []       # it is replicated like others
    job.task_config["block-allow-list"]["chosen"]["ignore-tables"] = [{"db-name": "it_w", "tbl-name": "~^_.*_(gho|ghc|new)$"}]
    put_right(job, "online_ddl", source, target)


@pytest.mark.parametrize("kind", ["mariadb-10.11", "mysql-8.0"])
def test_start_positions(servers, tmp_path, kind):
    source, _, job = prepared(servers, tmp_path, kind, mode="incremental")
    job.source_config[0]["enable-gtid"] = False
    instance = job.task_config["mysql-instances"][0]
    instance["meta"] = {"binlog-name": "mysql-bin.999999", "binlog-pos": 4}
    item, = failing(job, "meta_position")
    assert "meta" in item["instruction"], item
    name, position = source.query("SHOW MASTER STATUS")[0][:2]
    instance["meta"] = {"binlog-name": name, "binlog-pos": int(position)}
    assert failing(job, "meta_position") == []
    job.run_ok()


def test_foreign_keys(servers, tmp_path):
    source, target, job = prepared(servers, tmp_path)
    zoo.run_all(source, ["CREATE TABLE parent (id int PRIMARY KEY)", "CREATE TABLE outside (id int PRIMARY KEY)",
                         "CREATE TABLE child (id int PRIMARY KEY, p int, KEY (p), CONSTRAINT `we``ird` FOREIGN KEY (p) REFERENCES parent (id) ON DELETE SET NULL ON UPDATE CASCADE)",
                         "CREATE TABLE plain (id int PRIMARY KEY, CONSTRAINT nothing FOREIGN KEY (id) REFERENCES parent (id))",
                         "CREATE TABLE lonely (id int PRIMARY KEY, CONSTRAINT lone FOREIGN KEY (id) REFERENCES outside (id) ON DELETE CASCADE)"], "it_w")
    job.task_config["block-allow-list"]["chosen"]["ignore-tables"] = [{"db-name": "it_w", "tbl-name": "outside"}]
    assert [i["table"]["table"] for i in failing(job, "foreign_keys")] == ["lonely"]
    put_right(job, "foreign_keys", source, target, "outside")
    zoo.run_all(target, ["CREATE DATABASE it_w"])
    zoo.run_all(target, ["CREATE TABLE parent (id int PRIMARY KEY)", "CREATE TABLE child (id int PRIMARY KEY, p int, KEY (p))"], "it_w")
    put_right(job, "foreign_keys", source, target, "no such key")
    assert "SET NULL" in target.query("SHOW CREATE TABLE it_w.child")[0][1]
    zoo.run_all(source, ["INSERT INTO parent VALUES (1), (2)", "INSERT INTO child VALUES (1, 1), (2, 2)"], "it_w")
    job.run_ok()
    zoo.run_all(source, ["DELETE FROM parent WHERE id = 1", "UPDATE parent SET id = 3 WHERE id = 2"], "it_w")
    job.run_ok()
    rows = "SELECT id, p FROM it_w.child ORDER BY id"
    assert target.query(rows) == source.query(rows) and [str(r[1]) for r in target.query(rows)] == ["None", "3"]


def shards(source, job):
    zoo.run_all(source, ["CREATE TABLE order_1 (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, a int, b varchar(20) NOT NULL DEFAULT 'it''s')",
                         "CREATE TABLE order_2 (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, a bigint, c int)"], "it_w")
    job.task_config["routes"] = {"orders": {"schema-pattern": "it_w", "table-pattern": "order_*", "target-schema": "it_all", "target-table": "orders"}}
    job.task_config["mysql-instances"][0]["route-rules"] = ["orders"]


def test_structures_of_shards(servers, tmp_path):
    source, target, job = prepared(servers, tmp_path)
    shards(source, job)
    item, = failing(job, "schema_of_shard_tables")
    zoo.run_all(source, [s.strip() for s in STATEMENT.findall(item["instruction"])])
    assert failing(job, "schema_of_shard_tables") == []
    columns = [set(r[0] for r in source.query(f"SHOW COLUMNS FROM it_w.order_{n}")) for n in (1, 2)]
    assert columns[0] == columns[1] == {"id", "a", "b", "c"}, columns


def test_counters_of_shards(servers, tmp_path):
    source, target, job = prepared(servers, tmp_path)
    shards(source, job)
    zoo.run_all(source, ["DROP TABLE order_2", "CREATE TABLE order_2 LIKE order_1"], "it_w")
    found = failing(job, "auto_increment_ID")
    assert len(found) == 2 and all("partition id" in i["instruction"] and "source-column and target-column id" in i["instruction"] for i in found), found
    job.task_config["column-mappings"] = {"ids": {"schema-pattern": "it_w", "table-pattern": "order_*", "expression": "partition id", "source-column": "id", "target-column": "id",
                                                  "arguments": ["1", "", "order_"]}}
    job.task_config["mysql-instances"][0]["column-mapping-rules"] = ["ids"]
    assert failing(job, "auto_increment_ID") == []
    zoo.run_all(source, ["INSERT INTO order_1 (a) VALUES (1), (2)", "INSERT INTO order_2 (a) VALUES (3), (4)"], "it_w")
    job.run_ok()
    assert target.query("SELECT COUNT(*) FROM it_all.orders") == source.query("SELECT 4")


def test_checks_on_demand(servers, tmp_path):
    source, target, job = prepared(servers, tmp_path)
    zoo.run_all(source, ["CREATE TABLE no_key (a int)"], "it_w")
    zoo.run_all(target, ["CREATE DATABASE it_w"])
    zoo.run_all(target, ["CREATE TABLE t (id int PRIMARY KEY, v varchar(20) NOT NULL DEFAULT 'x')", "INSERT INTO t VALUES (1, 'ours')"], "it_w")
    names = {i["name"] for i in job.check()[1]["items"]}
    assert not names & {"primary_key", "downstream_table_empty"} and {"downstream_version", "binlog_encryption"} <= names, names
    job.task_config["extra-checking-items"] = ["primary_key", "downstream_table_empty"]
    code, answer, _ = job.check()
    assert code == 3 and not answer["passed"]
    put_right(job, "primary_key", source, target)
    put_right(job, "downstream_table_empty", source, target)
    job.run_ok()
    zoo.run_all(source, ["INSERT INTO t VALUES (2, 'row')"], "it_w")
    job.run_ok()
    assert failing(job, "downstream_table_empty") == []     # the task goes on: its own rows are there


def test_retention_of_a_service(servers, tmp_path):
    """What RDS and Aurora have in place of expire_logs_days, as they have it."""
    source, target, job = prepared(servers, tmp_path)
    with source.connect(database="mysql") as c, c.cursor() as cursor:
        cursor.execute("CREATE TABLE rds_configuration (name varchar(100) PRIMARY KEY, value varchar(100), description varchar(300))")
        cursor.execute("INSERT INTO rds_configuration VALUES ('binlog retention hours', NULL, '')")
        cursor.execute("CREATE PROCEDURE rds_set_configuration(IN n varchar(100), IN v int) UPDATE mysql.rds_configuration SET value = v WHERE name = n")
        c.commit()
    put_right(job, "binlog_expire", source, target)
    assert [str(r[0]) for r in source.query("SELECT value FROM mysql.rds_configuration")] == ["168"]


def test_free_space(servers, tmp_path):
    source, _, job = prepared(servers, tmp_path)
    zoo.run_all(source, ["CREATE TABLE large (id int PRIMARY KEY, v longtext)", *[f"INSERT INTO large VALUES ({n}, REPEAT('x', 4000000))" for n in range(5)], "ANALYZE TABLE large"], "it_w")
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(small)], capture_output=True).returncode:
        pytest.skip("cannot mount a small file system here (needs root)")

    def items(folder):
        done = subprocess.run(job.argv("--json", "--data-dir", str(folder), command="check"), stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
        return [i for i in json.loads(done.stdout)["items"] if i["name"] == "free_space"]
    try:
        item, = items(small / "made" / "later")
        assert not item["passed"] and item["severity"] == "warning" and "MiB" in item["message"], item
        assert "another folder with --data-dir" in item["instruction"], item
    finally:
        subprocess.run(["umount", str(small)], check=True)
    item, = items(tmp_path)
    assert item["passed"], item
    (tmp_path / "file").write_text("")
    item, = items(tmp_path / "file")
    assert not item["passed"] and item["severity"] == "error", item
    assert [i for i in job.check()[1]["items"] if i["name"] == "free_space"] == []
