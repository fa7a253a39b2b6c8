"""Statements that hardly anybody writes, and the rows behind them."""

import pytest

from support import zoo
from support.dmlib import Job
from support.same import assert_equal

SOURCE = "mariadb-10.11"


def made(servers, tmp_path, to, statements):
    source, target = servers(SOURCE), servers(to)
    zoo.run_all(source, ["CREATE DATABASE it_rare", *statements])
    job = Job(tmp_path, source, target)
    job.run_ok()
    return source, target, job


def test_a_partition_becomes_a_table_and_a_table_a_partition(servers, tmp_path):
    source, target, job = made(servers, tmp_path, "mariadb-11.8", [
        "CREATE TABLE it_rare.p (id int NOT NULL, d int NOT NULL, s varchar(9), PRIMARY KEY (id, d), KEY (s)) PARTITION BY RANGE (d) "
        "(PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))",
        "INSERT INTO it_rare.p VALUES (1, 1, 'a'), (2, 11, 'b')"])
    zoo.run_all(source, ["ALTER TABLE p CONVERT PARTITION p0 TO TABLE q", "INSERT INTO q VALUES (3, 3, 'c')", "UPDATE q SET s = 'z' WHERE id = 1", "ALTER TABLE q ADD n int",
                         "INSERT INTO q VALUES (4, 4, 'd', 4)", "ALTER TABLE q DROP n", "INSERT INTO p VALUES (5, 15, 'e')"], "it_rare")
    job.run_ok()
    assert_equal(source, target)
    assert target.query("SELECT id, s FROM it_rare.q ORDER BY id") == [("1", "z"), ("3", "c"), ("4", "d")]
    zoo.run_all(source, ["CREATE TABLE r (id int NOT NULL, d int NOT NULL, s varchar(9), PRIMARY KEY (id, d), KEY (s))", "INSERT INTO r VALUES (6, 25, 'f')",
                         "ALTER TABLE p CONVERT TABLE r TO PARTITION p2 VALUES LESS THAN (30)", "UPDATE p SET s = 'g' WHERE id = 6", "INSERT INTO p VALUES (7, 26, 'h')"], "it_rare")
    job.run_ok()
    assert_equal(source, target)
    assert target.query("SHOW TABLES FROM it_rare") == [("p",), ("q",)]


@pytest.mark.parametrize("to", ["mariadb-11.8", "mysql-8.0", "tidb"])
def test_modes_and_years_of_two_digits(servers, tmp_path, to):
    source, target, job = made(servers, tmp_path, to, [
        "CREATE TABLE it_rare.y (id int PRIMARY KEY, a year(2), b year(4))", "INSERT INTO it_rare.y VALUES (1, 70, 1970), (2, 69, 2069), (3, 2005, 2005)"])
    zoo.run_all(source, ["SET sql_mode='MSSQL'", "CREATE TABLE [odd t] ([id] int PRIMARY KEY, [a b] int)", "INSERT INTO [odd t] VALUES (1, 2)", "ALTER TABLE [odd t] ADD [key] int DEFAULT 5 AFTER [id]",
                         "INSERT INTO [odd t] VALUES (2, 3, 4)", "SET sql_mode='MAXDB'", "CREATE TABLE m (id int PRIMARY KEY, t timestamp, u timestamp(3))", "INSERT INTO m VALUES (1, '1900-01-01 00:00:00', '9000-01-01 00:00:00.125')",
                         "SET sql_mode=''", "INSERT INTO y VALUES (4, 99, 1999)", "ALTER TABLE y ADD c year(2) NOT NULL DEFAULT 77", "INSERT INTO y VALUES (5, 1, 2001, 2002)"], "it_rare")
    job.run_ok()
    for table in ("`odd t`", "m"):
        what = f"SELECT * FROM it_rare.{table} ORDER BY id"
        assert target.query(what) == source.query(what)
    years = [("1", "1970", "1970", "1977"), ("2", "2069", "2069", "1977"), ("3", "2005", "2005", "1977"), ("4", "1999", "1999", "1977"), ("5", "2001", "2001", "2002")]
    two = [tuple(v if at != 1 and at != 3 else v[2:] for at, v in enumerate(row)) for row in years]
    assert target.query("SELECT id, a, b, c FROM it_rare.y ORDER BY id") == (two if to.startswith("mariadb") else years)
