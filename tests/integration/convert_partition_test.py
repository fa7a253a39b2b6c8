"""MariaDB's ALTER TABLE ... CONVERT: a partition becomes a table, with its rows, and a table a partition."""

import pytest

from support.dmlib import Job
from support.same import assert_equal
from support.zoo import run_all

DB = "it_convert"


@pytest.mark.parametrize("kind", ["mariadb-10.11", "mariadb-11.8"])
def test_to_a_table_and_back(servers, tmp_path, kind):
    source, target = servers(kind), servers(kind)
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, ["CREATE TABLE t (id int PRIMARY KEY, v int) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))",
                     "INSERT INTO t VALUES (1, 1), (11, 11)"], DB)
    job = Job(tmp_path, source, target)
    job.run_ok()
    run_all(source, ["INSERT INTO t VALUES (2, 2)", "ALTER TABLE t CONVERT PARTITION p1 TO TABLE apart", "INSERT INTO apart VALUES (12, 12), (99, 99)", "INSERT INTO t VALUES (3, 3)",
                     "UPDATE apart SET v = 0 WHERE id = 11", "DELETE FROM apart WHERE id = 99"], DB)
    job.run_ok()
    assert_equal(source, target)
    run_all(source, ["ALTER TABLE t CONVERT TABLE apart TO PARTITION p1 VALUES LESS THAN (30)", "INSERT INTO t VALUES (25, 25)", "DELETE FROM t WHERE id = 12"], DB)
    job.run_ok()
    assert_equal(source, target)
