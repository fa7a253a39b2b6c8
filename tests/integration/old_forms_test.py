"""Stored forms of old servers whose width no row event tells, only the table's definition: the DECIMAL of MySQL 4.1 (a text) and the
fractions of a second of MariaDB 5.3 to 10.0. Copied, replicated, and read again behind a restart."""

from decimal import Decimal
from pathlib import Path

import pytest

from support import zoo
from support.dmlib import Job

DB = "it_old"
ENTRY = 17  # bytes of a column in a .frm file, in front of the names


def entries(frm, first, count):
    """Where the columns of a .frm file are described."""
    return frm.rfind(b"\xff" + first + b"\xff") - ENTRY * count


def age_decimals(server, table, columns):
    """Makes CHAR columns the DECIMAL of MySQL 4.1: in the rows of MyISAM both are so many bytes. No server of today makes such a
    column, but all that have .frm files read them. A table with today's DECIMAL lends what else the file says of the column."""
    definition = ", ".join(["id int NOT NULL"] + [f"{name} {text}" for name, text, _ in columns])
    chars = ", ".join(["id int NOT NULL"] + [f"{name} char({width}) CHARACTER SET latin1" + (" NOT NULL" if "NOT NULL" in text else "") for name, text, width in columns])
    zoo.run_all(server, [f"CREATE TABLE {table} ({chars}, PRIMARY KEY (id)) ENGINE=MyISAM ROW_FORMAT=FIXED", f"CREATE TABLE lender ({definition}, PRIMARY KEY (id)) ENGINE=MyISAM ROW_FORMAT=FIXED", "FLUSH TABLES"], DB)
    folder = Path(server.datadir, DB)
    lender = (folder / "lender.frm").read_bytes()
    aged = bytearray((folder / f"{table}.frm").read_bytes())
    count = len(columns) + 1
    to, of = entries(bytes(aged), b"id", count), entries(lender, b"id", count)
    for n in range(1, count):
        at, there = to + ENTRY * n, of + ENTRY * n
        aged[at + 8:at + 10] = lender[there + 8:there + 10]  # digits behind the point, sign, zerofill
        aged[at + 11] = lender[there + 11]
        aged[at + 13] = 0  # the type
        aged[at + 14] = lender[there + 14]
    (folder / f"{table}.frm").write_bytes(aged)
    zoo.run_all(server, ["FLUSH TABLES", "DROP TABLE lender"], DB)


def rows(server, table, columns="*"):
    return list(server.query(f"SELECT {columns} FROM {DB}.{table} ORDER BY 1"))


def numbers(server, table, columns="*"):
    """Of which -0 is 0 and +3 is 3."""
    return [tuple(v if v is None else Decimal(v) for v in r) for r in rows(server, table, columns)]


DECIMALS = [("a", "decimal(10,2)", 12), ("n", "decimal(4,0) NOT NULL", 5), ("z", "decimal(5,2) unsigned zerofill", 6), ("w", "decimal(30,12)", 32)]
FIRST = ["INSERT INTO t VALUES (1, 1.5, -3, 2, -1), (2, -123456.789, 7, 0, '123456789012345678.123456789012'), (3, NULL, 9999, 999.99, '-0.000000000001')", "INSERT INTO t (id, a, n) VALUES (4, '+3.1', '+4'), (5, -0.004, '-0')"]
LATER = ["INSERT INTO t VALUES (11, 99999999.99, -9999, 1.005, NULL), (12, -99999999.99, 0, 7, '999999999999999999.999999999999')", "INSERT INTO t (id, a, n, w) VALUES (13, '+3.1', '+4', '-999999999999999999.999999999999')",
         "UPDATE t SET a = a + 1, n = n - 1 WHERE id IN (1, 4)", "UPDATE t SET z = 12.3, w = '-12.5' WHERE id <= 2", "DELETE FROM t WHERE id = 3"]


@pytest.mark.parametrize("kind, target_kind", [("mysql-5.6", "mysql-9.7"), ("mysql-5.6", "tidb"), ("mariadb-10.2", "mariadb-10.11"), ("mariadb-10.11", "mariadb-10.11")])
def test_decimals_of_4_1(servers, tmp_path, kind, target_kind):
    source, target = servers(kind), servers(target_kind)
    zoo.run_all(source, [f"CREATE DATABASE {DB} DEFAULT CHARACTER SET latin1"])
    age_decimals(source, "t", DECIMALS)
    zoo.run_all(source, FIRST, DB)
    exact = "id, CAST(CONCAT(a) AS DECIMAL(30,2)), CAST(CONCAT(n) AS DECIMAL(30,0)), CAST(CONCAT(z) AS DECIMAL(30,2)), CAST(CONCAT(w) AS DECIMAL(40,12))"
    job = Job(tmp_path, source, target)
    job.run_ok()
    assert numbers(target, "t", exact) == numbers(source, "t", exact), "the copy"
    zoo.run_all(source, LATER, DB)
    job.run_ok()
    assert numbers(target, "t", exact) == numbers(source, "t", exact), "the changes"
    assert len(rows(source, "t")) == 7
    # The statement makes it the DECIMAL of today; rows before and behind it are in one binlog.
    zoo.run_all(source, ["INSERT INTO t VALUES (21, 5, 6, 7, 8)", "ALTER TABLE t FORCE" if kind.startswith("mariadb") else "ALTER TABLE t ENGINE=InnoDB", "INSERT INTO t VALUES (22, -5, -6, 7, -8.5)", "UPDATE t SET a = 1 WHERE id = 11"], DB)
    job.run_ok()
    assert numbers(target, "t", exact) == numbers(source, "t", exact), "behind ALTER TABLE"


def test_a_positive_number_in_the_place_of_the_sign(servers, tmp_path):
    """MySQL 4.1 put a digit more there than the column has. Nobody's DECIMAL of today has room for it."""
    source, target = servers("mysql-5.6"), servers("mysql-9.7")
    zoo.run_all(source, [f"CREATE DATABASE {DB} DEFAULT CHARACTER SET latin1"])
    age_decimals(source, "t", DECIMALS)
    job = Job(tmp_path, source, target)
    job.run_ok()
    zoo.run_all(target, ["ALTER TABLE t MODIFY a decimal(12,2)"], DB)
    zoo.run_all(source, ["INSERT INTO t (id, a, n) VALUES (1, 999999999.99, 1)"], DB)
    job.run_ok()
    assert numbers(target, "t", "id, a") == [(1, Decimal("999999999.99"))]
    zoo.run_all(source, ["INSERT INTO t (id, a, n) VALUES (2, 1, 99999)"], DB)
    stopped = job.run()
    assert stopped.error["name"] == "db-data-too-long", stopped
    assert numbers(target, "t", "id") == [(1,)]


TIMES = ["'00:00:00'", "'-00:00:00.000001'", "'00:00:00.999999'", "'-838:59:58.999999'", "'838:59:58.123456'", "'838:59:59'", "'-838:59:59'", "'-01:00:00.5'", "'12:34:56.789012'", "NULL"]
DATETIMES = ["'1000-01-01 00:00:00'", "'9999-12-31 23:59:59.999999'", "'2024-02-29 12:34:56.789012'", "'2000-12-31 23:59:59.5'", "'1970-01-01 00:00:00.000001'", "NULL"]
ODD_DATETIMES = ["'0000-00-00 00:00:00'", "'2000-00-00 01:02:03.4'", "'2001-02-00 00:00:00.999999'"]
STAMPS = ["'1970-01-01 00:00:01'", "'2038-01-19 03:14:07.999999'", "'2024-02-29 12:34:56.789012'", "'2001-09-09 01:46:40.000001'"]


def moments(first, odd):
    """Rows of all fractions of a second: each value in each of the columns."""
    times, datetimes, stamps = TIMES, DATETIMES + (ODD_DATETIMES if odd else []), STAMPS + (["'0000-00-00 00:00:00'"] if odd else [])
    out = []
    for n in range(max(len(times), len(datetimes))):
        t, d, s = times[n % len(times)], datetimes[n % len(datetimes)], stamps[n % len(stamps)]
        out.append(f"({first + n}, " + ", ".join([t] * 7 + [d] * 7 + [s] * 7) + ")")
    return ", ".join(out)


@pytest.mark.parametrize("kind, target_kind", [("mariadb-10.2", "mariadb-10.11"), ("mariadb-10.11", "tidb"), ("mariadb-11.8", "mysql-9.7")])
def test_fractions_of_5_3(servers, tmp_path, kind, target_kind):
    source, target = servers(kind, mysql56_temporal_format="OFF", sql_mode=""), servers(target_kind)
    odd = target_kind == "mariadb-10.11"
    columns = ", ".join([f"t{n} time({n})" for n in range(7)] + [f"d{n} datetime({n})" for n in range(7)] + [f"s{n} timestamp({n}) NULL" for n in range(7)])
    zoo.run_all(source, [f"CREATE DATABASE {DB} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"])
    zoo.run_all(source, [f"CREATE TABLE m (id int NOT NULL PRIMARY KEY, {columns})", f"CREATE TABLE no_key (id int, {columns})"], DB)
    assert kind == "mariadb-10.2" or "mariadb-5.3" in source.query(f"SHOW CREATE TABLE {DB}.m")[0][1]
    job = Job(tmp_path, source, target)

    def write(statements):
        with source.connect(database=DB) as c, c.cursor() as cursor:
            cursor.execute("SET time_zone = '+00:00'")
            for s in statements:
                cursor.execute(s)
            c.commit()

    def same(why):
        for table in ("m", "no_key"):
            shown = ", ".join(["id"] + [f"CONCAT({c}{n})" for c in "tds" for n in range(7)])
            seen = []
            for server in (source, target):
                with server.connect(database=DB) as c, c.cursor() as cursor:
                    cursor.execute("SET time_zone = '+00:00'")
                    cursor.execute(f"SELECT {shown} FROM {table} ORDER BY id")
                    seen.append(cursor.fetchall())
            assert seen[0] == seen[1], f"{why}: {table}"

    def insert(first):
        return [f"INSERT INTO {t} VALUES {moments(first, odd)}" for t in ("m", "no_key")]

    write(insert(1))
    job.run_ok()
    same("the copy")
    write(insert(101) + [f"UPDATE {t} SET t3 = '01:02:03.456', d6 = '2020-01-02 03:04:05.678901', s1 = '2020-01-02 03:04:05.6' WHERE id IN (2, 103)" for t in ("m", "no_key")] + [f"DELETE FROM {t} WHERE id IN (1, 105)" for t in ("m", "no_key")])
    job.run_ok()
    same("the changes")
    # A table that is made while the task follows, and one that comes to the form of today.
    write(["CREATE TABLE later (id int NOT NULL PRIMARY KEY, t time(4), d datetime(1), s timestamp(5) NULL)", "INSERT INTO later VALUES (1, '-01:02:03.4567', '2020-01-02 03:04:05.6', '2020-01-02 03:04:05.67891')",
           "SET GLOBAL mysql56_temporal_format = ON", "ALTER TABLE m FORCE", *insert(201)])
    job.run_ok()
    same("behind ALTER TABLE")
    assert rows(target, "later", "id, CONCAT(t), CONCAT(d)") == rows(source, "later", "id, CONCAT(t), CONCAT(d)")
    assert rows(target, "later", "id, UNIX_TIMESTAMP(s)") == rows(source, "later", "id, UNIX_TIMESTAMP(s)")
