"""CREATE TABLE ... SELECT: in row format the server writes the table's definition and the rows into the binlog; MySQL 8.0.21 and
later as one transaction that begins with the CREATE TABLE."""

import time

import pymysql
import pytest

from support.dmlib import Job
from support.same import assert_equal
from support.small import DB, make_small
from support.zoo import run_all

PAIRS = [("mariadb-10.11", "mariadb-10.11"), ("mariadb-11.8", "tidb"), ("mysql-8.0", "mysql-8.0"), ("mysql-9.7", "mysql-9.7"), ("mysql-9.7", "tidb"),
         ("mariadb-10.2", "mariadb-10.2")]
FORMS = [
    "CREATE TABLE plain SELECT * FROM t",
    "CREATE TABLE keyed (PRIMARY KEY (id), KEY by_v (v)) COMMENT 'from t' AS SELECT id, v FROM t WHERE id < 50",
    "CREATE TABLE typed (extra int NOT NULL DEFAULT 3, v varchar(100), n bigint AUTO_INCREMENT PRIMARY KEY) SELECT v, id * 2 AS doubled, CAST(id / 3 AS DECIMAL(10, 3)) AS third,"
    " CAST('2024-02-03 04:05:06' AS DATETIME) AS at, NULLIF(id, 7) AS seven, CONCAT(v, 'ü') AS text FROM t ORDER BY id",
    "CREATE TABLE IF NOT EXISTS plain SELECT 1 AS other",
    "CREATE TABLE nothing AS SELECT id, v FROM t WHERE id < 0",
    "CREATE TABLE twins AS SELECT * FROM no_key",
    "CREATE TABLE unioned (u int UNIQUE) REPLACE SELECT id % 10 AS u, v FROM t UNION SELECT 100, 'hundred'",
    "CREATE TABLE `odd ``name` AS SELECT id AS `a b`, 'x' AS `select` FROM t LIMIT 3",
    "CREATE TABLE it_other.elsewhere AS SELECT id, v FROM t",
    "UPDATE plain SET v = 'changed' WHERE id BETWEEN 5 AND 9",
    "ALTER TABLE typed ADD COLUMN more int DEFAULT 4, DROP COLUMN at",
    "INSERT INTO typed (v, doubled) VALUES ('behind', 1)",
    "DELETE FROM keyed WHERE id > 40",
    "CREATE TABLE again SELECT * FROM typed",
    "DROP TABLE plain",
    "CREATE TABLE plain (PRIMARY KEY (id)) SELECT id FROM t",
]


@pytest.mark.parametrize("pair", PAIRS, ids="-to-".join)
def test_tables_from_selects(servers, tmp_path, pair):
    source, target = servers(pair[0]), servers(pair[1])
    make_small(source)
    run_all(source, ["CREATE DATABASE it_other"])
    job = Job(tmp_path, source, target)
    job.run_ok()
    run_all(source, FORMS, DB)
    # What fails leaves nothing behind; rows behind it still arrive.
    with source.connect(database=DB) as c, c.cursor() as cursor, pytest.raises(pymysql.err.MySQLError, match="Duplicate"):
        cursor.execute("CREATE TABLE failed (u int PRIMARY KEY) SELECT id % 10 AS u FROM t")
    if pair[0].startswith("mariadb"):
        run_all(source, ["CREATE OR REPLACE TABLE twins (KEY (a)) SELECT DISTINCT a, b FROM no_key"], DB)
    run_all(source, ["INSERT INTO t VALUES (1000, 1000, 'last')", "CREATE TEMPORARY TABLE passing SELECT id, v FROM t", "INSERT INTO `odd ``name` SELECT id, 'y' FROM passing WHERE id > 190"], DB)
    job.run_ok()
    assert_equal(source, target)
    assert target.query(f"SELECT COUNT(*), SUM(doubled) FROM {DB}.again") == source.query(f"SELECT COUNT(*), SUM(doubled) FROM {DB}.again")
    assert target.query(f"SELECT COUNT(*) FROM {DB}.plain") == [("200",)]


@pytest.mark.parametrize("pair", [("mariadb-10.11", "mariadb-10.11"), ("mysql-9.7", "mysql-9.7")], ids="-to-".join)
@pytest.mark.parametrize("lanes", [1, 8])
def test_killed_while_its_rows_wait_and_another_statement_comes(servers, tmp_path, pair, lanes):
    """The table is made before its rows are committed: no later statement may take the place of its record."""
    source, target = servers(pair[0]), servers(pair[1])
    make_small(source)
    run_all(source, ["CREATE TABLE stuck (id int PRIMARY KEY, v int)", "INSERT INTO stuck VALUES " + ",".join(f"({i}, 0)" for i in range(40))], DB)
    job = Job(tmp_path, source, target)
    job.task_config["syncers"]["all"]["worker-count"] = lanes
    job.run_ok()
    lock = target.connect(database=DB)
    with lock.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM stuck FOR UPDATE")
        cursor.fetchall()
    run_all(source, ["CREATE TABLE chosen (PRIMARY KEY (id)) SELECT * FROM t", "UPDATE stuck SET v = v + 1", "ALTER TABLE t ADD COLUMN more int",
                     "INSERT INTO t VALUES (2000, 2000, 'more', 5)"], DB)
    run = job.start(until=None)
    run.wait_for(lambda line: line.get("unit") == "sync" and line.get("position"), 60, "replication")
    end = time.monotonic() + 30
    while not target.query(f"SHOW TABLES FROM {DB} LIKE 'chosen'") and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(3)
    run.kill9()
    lock.rollback()
    lock.close()
    job.run_ok()
    assert_equal(source, target)
