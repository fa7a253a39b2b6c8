"""A target whose transactions have to be small: lanes' transactions are split (`ordering: row`), and nothing is lost or doubled."""

import pytest

from support import zoo
from support.dmlib import EXIT_OK, Job

DB = "it_small"
ROWS = 3000


def prepared(servers, tmp_path, kind, ordering, target_kind=None):
    source, target = servers(kind), servers(target_kind or kind)
    zoo.run_all(source, [f"CREATE DATABASE {DB}"])
    zoo.run_all(source, ["CREATE TABLE t (id int PRIMARY KEY, v varchar(200))", "CREATE TABLE k (v varchar(200))", "CREATE TABLE n (n int PRIMARY KEY)",
                         "INSERT INTO n VALUES " + ",".join(f"({n})" for n in range(ROWS))], DB)
    job = Job(tmp_path, source, target, syncers={"all": {"ordering": ordering, "worker-count": 4}})
    job.run_ok()
    return source, target, job


def one_large(source):
    zoo.run_all(source, ["INSERT INTO t SELECT n, REPEAT('x', 150) FROM n", "INSERT INTO k SELECT v FROM t", "UPDATE t SET v = CONCAT(v, id)",
                         "DELETE FROM k LIMIT 1000"], DB)


def many_small(source):
    with source.connect(database=DB) as c, c.cursor() as cursor:
        for n in range(2000):
            cursor.execute("INSERT INTO t VALUES (%s, REPEAT('y', 150))", (10000 + n,))
            c.commit()


def equal(source, target):
    for table in ("t", "k"):
        sql = f"SELECT COUNT(*), SUM(CRC32(v)), MIN(v), MAX(v) FROM {DB}.{table}"
        assert source.query(sql) == target.query(sql), table


SMALLER = "a transaction is too large for the target"


@pytest.mark.parametrize("kind", ["mariadb-10.11", "mysql-9.7"])
@pytest.mark.parametrize("what", [one_large, many_small])
def test_the_cache_for_the_binlog(servers, tmp_path, kind, what):
    source, target, job = prepared(servers, tmp_path, kind, "row")
    what(source)
    target.query("SET GLOBAL binlog_cache_size = 32768")
    target.query("SET GLOBAL max_binlog_cache_size = 32768")
    outcome = job.run_ok()
    assert SMALLER in outcome.stderr, outcome.stderr
    equal(source, target)


def test_whole_transactions_that_are_collected(servers, tmp_path):
    """`ordering: transaction`: several of the source's in one are split, one of them is not."""
    source, target, job = prepared(servers, tmp_path, "mariadb-10.11", "transaction")
    many_small(source)
    target.query("SET GLOBAL max_binlog_cache_size = 32768")
    outcome = job.run_ok()
    assert SMALLER in outcome.stderr, outcome.stderr
    equal(source, target)
    one_large(source)
    outcome = job.run()
    assert outcome.error["name"] == "db-packet-too-large", outcome
    target.query("SET GLOBAL max_binlog_cache_size = 1073741824")
    job.run_ok()
    equal(source, target)


def test_memory_of_tidb(servers, tmp_path):
    source, target, job = prepared(servers, tmp_path, "mysql-8.0", "row", "tidb")
    # Not the table without a key: there one DELETE alone reads more than that.
    zoo.run_all(source, ["INSERT INTO t SELECT n, REPEAT('x', 150) FROM n", "UPDATE t SET v = CONCAT(v, id)", "DELETE FROM t WHERE id % 3 = 0"], DB)
    before = target.query("SELECT @@GLOBAL.tidb_mem_quota_query")[0][0]
    target.query("SET GLOBAL tidb_mem_oom_action = 'CANCEL'")
    target.query("SET GLOBAL tidb_mem_quota_query = 131072")
    try:
        outcome = job.run()
    finally:
        target.query(f"SET GLOBAL tidb_mem_quota_query = {before}")
    assert outcome.code == EXIT_OK and SMALLER in outcome.stderr, (outcome, outcome.stderr)
    equal(source, target)
