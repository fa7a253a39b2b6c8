"""-0 of FLOAT and DOUBLE: a value of its own in a column, equal to 0 in every comparison. MariaDB keeps 0 in its place."""

import pytest

from support import zoo
from support.dmlib import Job

DB = "it_zero"
COLUMNS = "id int NOT NULL PRIMARY KEY, d double, f float, d2 double(10,2), u double UNIQUE, n int"


def seen(server, table):
    """ATAN2 tells the two zeros apart, whatever prints them."""
    signs = ", ".join(f"IF({c} = 0, SIGN(ATAN2({c}, -1)), {c})" for c in ("d", "f", "d2", "u"))
    return [tuple(map(str, r)) for r in server.query(f"SELECT id, {signs}, n FROM {DB}.{table} ORDER BY id")]


@pytest.mark.parametrize("kind", ["mysql-9.7", "mysql-5.6"])
def test_copied_and_replicated(servers, tmp_path, kind):
    source, target = servers("mysql-8.0"), servers(kind)
    zoo.run_all(source, [f"CREATE DATABASE {DB} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"])
    # The copy of t is LOAD DATA; a text that has to be converted makes that of w an INSERT.
    zoo.run_all(source, [f"CREATE TABLE t ({COLUMNS})", f"CREATE TABLE w ({COLUMNS}, g varchar(10) CHARACTER SET gbk)", "CREATE TABLE no_key (id int, d double, f float, d2 double, u double, n int)"], DB)
    values = "(1, -0e0, -0e0, -0e0, -0e0, 1), (2, 0, 0, 0, 5, 1), (3, -0e0, 1.5, -0e0, 6, 1)"
    for table in ("t", "w", "no_key"):
        zoo.run_all(source, [f"INSERT INTO {table} (id, d, f, d2, u, n) VALUES {values}"], DB)
    assert seen(source, "t")[0][1:3] == ("-1", "-1") and seen(source, "t")[1][1:3] == ("1", "1")
    job = Job(tmp_path, source, target)
    job.run_ok()
    for table in ("t", "w", "no_key"):
        assert seen(target, table) == seen(source, table), f"copy of {table}"
        zoo.run_all(source, [f"INSERT INTO {table} (id, d, f, d2, u, n) VALUES (10, -0e0, -0e0, 1, 7, 1), (11, 0, -0e0, -0e0, 8, 1)", f"UPDATE {table} SET d = -0e0, f = -0e0 WHERE id = 2",
                             f"UPDATE {table} SET d = 0, f = 0 WHERE id = 3", f"UPDATE {table} SET u = 0 WHERE id = 1", f"UPDATE {table} SET n = 2 WHERE id IN (1, 2)"], DB)
    job.run_ok()
    for table in ("t", "w", "no_key"):
        assert seen(target, table) == seen(source, table), f"changes of {table}"
        zoo.run_all(source, [f"DELETE FROM {table} WHERE d = 0"], DB)
    job.run_ok()
    for table in ("t", "w", "no_key"):
        assert seen(target, table) == seen(source, table) == []
