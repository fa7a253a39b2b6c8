"""Columns that the binlog tells less about than SHOW CREATE TABLE: what was copied and what is replicated has to be the same, or is refused."""

import pytest

from support.dmlib import Job
from support.same import assert_equal
from support.zoo import run_all

DB = "it_odd"
ADDRESSES = ["::", "::1", "1::", "fe80::1", "1:2:3::5:6:7:8", "1:0:0:2::3", "1:0:0:2:3:0:0:4", "::1.2.3.4", "::100:0", "::ffff:1.2.3.4", "::ffff:0:102:304", "::ffff", "::1:0:0", "1:2:3:4:5:6:7:8",
             "0:1:2:3:4:5:6:7", "1:2:3:4:5:6:7:0"]


def rows(server, table, order):
    return server.query(f"SELECT * FROM {DB}.{table} ORDER BY {order}")


@pytest.mark.parametrize("to", ["mysql-9.7", "mariadb-11.8"])
def test_addresses(servers, tmp_path, to):
    source, target = servers("mariadb-11.8"), servers(to)
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, ["CREATE TABLE keyed (a inet6 PRIMARY KEY, n int)", "CREATE TABLE plain (id int PRIMARY KEY, a inet6, b inet4, u uuid)"], DB)
    values = [f"({n}, '{a}', '10.0.{n}.255', '{n:08x}-89ab-7cde-8f01-23456789abcd')" for n, a in enumerate(ADDRESSES)]
    run_all(source, ["INSERT INTO plain VALUES " + ",".join(values), "INSERT INTO keyed SELECT a, id FROM plain"], DB)
    job = Job(tmp_path, source, target)
    job.run_ok()
    run_all(source, ["INSERT INTO plain SELECT id + 100, a, b, u FROM plain", "UPDATE keyed SET n = n + 1", "DELETE FROM keyed WHERE a = '1:0:0:2::3'", "UPDATE keyed SET a = '1:0::2' WHERE a = '::1'"], DB)
    job.run_ok()
    for table, order in (("plain", "id"), ("keyed", "n")):
        assert rows(target, table, order) == rows(source, table, order), table


def test_a_generated_key_stays_in_front(servers, tmp_path):
    source, target = servers("mysql-9.7"), servers("mariadb-11.8")
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, ["SET sql_generate_invisible_primary_key = 1", "CREATE TABLE p (a int)", "INSERT INTO p (a) VALUES (10), (20)"], DB)
    job = Job(tmp_path, source, target)
    job.run_ok()
    # Both columns have one type: no table map tells them apart.
    run_all(source, ["ALTER TABLE p ADD b bigint unsigned FIRST", "INSERT INTO p (b, a) VALUES (777, 1), (888, 2)", "UPDATE p SET b = 5 WHERE a = 10"], DB)
    job.run_ok()
    chosen = f"SELECT my_row_id, b, a FROM {DB}.p ORDER BY a"
    assert target.query(chosen) == source.query(chosen)
    assert ("3", "777", "1") in target.query(chosen)


PAIRS = [("mariadb-10.11", "mysql-8.0"), ("mysql-8.0", "tidb"), ("mysql-9.7", "mariadb-10.11")]


@pytest.mark.parametrize("safe", [False, True], ids=["plain", "safe"])
@pytest.mark.parametrize("kinds", PAIRS, ids="-to-".join)
def test_fixed_bytes_and_long_sets(servers, tmp_path, kinds, safe):
    """Row events leave out zeros at the end of BINARY(n); a SET of 64 members is more than a double holds."""
    source, target = servers(kinds[0]), servers(kinds[1])
    members = ",".join(f"'s{n}'" for n in range(1, 65))
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, ["CREATE TABLE b (k binary(4) PRIMARY KEY, v int)", "CREATE TABLE bu (id int PRIMARY KEY, k binary(4), UNIQUE (k))", "CREATE TABLE bn (k binary(4), v int)", f"CREATE TABLE s (k set({members}) PRIMARY KEY, v int)",
                     f"CREATE TABLE sn (k set({members}), v int)"], DB)
    for table in ("b", "bn"):
        run_all(source, [f"INSERT INTO {table} VALUES ('a', 1), ('b\\0c', 1), ('e\\0 ', 1), ('', 1), ('full', 1)"], DB)
    sets = [f"('s{low},s{high}', 1)" for low in (1, 2, 3) for high in (53, 54, 60, 63, 64)]
    for table in ("s", "sn"):
        run_all(source, [f"INSERT INTO {table} VALUES {','.join(sets)}"], DB)
    run_all(source, ["INSERT INTO bu VALUES (1, 'x'), (2, 'y'), (3, 'z\\0z')"], DB)
    job = Job(tmp_path, source, target, syncers={"global": {"safe-mode": safe}}, instance={"syncer-config-name": "global"})
    job.run_ok()
    for table in ("b", "bn"):
        run_all(source, [f"UPDATE {table} SET v = 2", f"UPDATE {table} SET k = 'aa' WHERE k = 'a\\0\\0\\0'", f"DELETE FROM {table} WHERE k = 'e\\0 \\0'", f"INSERT INTO {table} VALUES ('n', 5)", f"UPDATE {table} SET v = 6 WHERE k = 'n\\0\\0\\0'"], DB)
    for table in ("s", "sn"):
        for high in (53, 54, 60, 63, 64):
            run_all(source, [f"UPDATE {table} SET v = 2 WHERE k = 's3,s{high}'", f"DELETE FROM {table} WHERE k = 's2,s{high}'", f"UPDATE {table} SET k = 's4,s{high}' WHERE k = 's1,s{high}'"], DB)
    run_all(source, ["BEGIN", "UPDATE bu SET k = 'tmp' WHERE id = 1", "UPDATE bu SET k = 'x' WHERE id = 2", "UPDATE bu SET k = 'y' WHERE id = 1", "COMMIT", "DELETE FROM bu WHERE k = 'z\\0z\\0'"], DB)
    job.run_ok()
    for table in ("b", "bn", "s", "sn", "bu"):
        key = "HEX(k)" if table.startswith("b") else "k"
        chosen = f"SELECT {key}, {'id' if table == 'bu' else 'v'} FROM {DB}.{table}"
        assert sorted(target.query(chosen)) == sorted(source.query(chosen)), table


@pytest.mark.parametrize("pair", [("mariadb-10.11", "mariadb-10.11"), ("mysql-8.0", "mysql-8.0"), ("mysql-8.0", "tidb")], ids="-to-".join)
def test_a_column_that_one_statement_drops_and_makes(servers, tmp_path, pair):
    """It has nothing of the old one's values, whatever it looks like."""
    source, target = servers(pair[0]), servers(pair[1])
    changes = ["DROP COLUMN v, ADD COLUMN v varchar(20) DEFAULT 'z'", "DROP COLUMN v, RENAME COLUMN w TO v", "DROP COLUMN v, ADD COLUMN v varchar(20)",
               "ADD COLUMN V varchar(20) DEFAULT 'y' FIRST, DROP COLUMN v", "DROP INDEX k, DROP COLUMN v, ADD COLUMN v int DEFAULT 3 AFTER id", "DROP COLUMN v, CHANGE w v varchar(30)",
               "DROP INDEX k, DROP COLUMN v, ADD COLUMN v varchar(20) DEFAULT 'x', ADD INDEX k (v, w)"]
    run_all(source, ["CREATE DATABASE it_anew"])
    for n in range(len(changes)):
        run_all(source, [f"CREATE TABLE t{n} (id int PRIMARY KEY, v varchar(20), w varchar(20), KEY k (v, w))", f"INSERT INTO t{n} VALUES (1, 'old', 'w'), (2, NULL, 'x')"], "it_anew")
    job = Job(tmp_path, source, target)
    job.run_ok()
    for n, change in enumerate(changes):
        run_all(source, [f"ALTER TABLE t{n} {change}", f"UPDATE t{n} SET id = 3 WHERE id = 2"], "it_anew")
    job.run_ok()
    assert_equal(source, target)
