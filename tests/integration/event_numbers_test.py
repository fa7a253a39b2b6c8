"""Lanes' records number the events of a source transaction: the number of a row must not hang on what the source sends besides rows."""

import time

import pytest

from support.dmlib import Job
from support.same import assert_equal
from support.zoo import run_all

DB = "it_numbers"
ROWS = 1500


def wait_until(what, seconds, why):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, why
        time.sleep(0.05)


def rows_there(target):
    return int(target.query(f"SELECT COUNT(*) FROM {DB}.keyless")[0][0])


def settled(target):
    """Lanes that are not held have committed all that they can."""
    before = -1
    while before != rows_there(target) or before == 0:
        before = rows_there(target)
        time.sleep(1.5)


@pytest.mark.parametrize("images", [("FULL", "MINIMAL"), ("MINIMAL", "FULL")], ids="-to-".join)
@pytest.mark.parametrize("kinds", [("mariadb-10.11", "mariadb-10.11"), ("mysql-8.0", "mariadb-10.11")], ids="-to-".join)
def test_row_images_change_while_lanes_are_ahead(servers, tmp_path, kinds, images):
    """MariaDB's ANNOTATE_ROWS events come only where row images are not full, and stand within the transaction."""
    source, target = servers(kinds[0]), servers(kinds[1])
    source.query(f"SET GLOBAL binlog_row_image = '{images[0]}'")
    try:
        run_all(source, [f"CREATE DATABASE {DB}"])
        run_all(source, ["CREATE TABLE held (id int PRIMARY KEY, v int)", "CREATE TABLE keyless (a int, b varchar(20))", "INSERT INTO held VALUES (1, 1)"], DB)
        job = Job(tmp_path, source, target, syncers={"all": {"worker-count": 4, "batch": 20}})
        job.run_ok()
        run = job.start(until=None)
        run.wait_for(lambda line: line.get("unit") == "sync", 60, "replication")
        lock = target.connect(database=DB)
        with lock.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT * FROM held FOR UPDATE")
        with source.connect(database=DB) as c, c.cursor() as cursor:
            for n in range(ROWS):
                cursor.execute(f"INSERT INTO keyless VALUES ({n}, 'x')")
                if n == 700:
                    cursor.execute("UPDATE held SET v = v + 1")
            c.commit()
        settled(target)
        assert 0 < rows_there(target) < ROWS, "no lane is held back, or all are"
        run.kill9()
        lock.rollback()
        lock.close()
        source.query(f"SET GLOBAL binlog_row_image = '{images[1]}'")
        job.run_ok()
        assert_equal(source, target)
    finally:
        source.query("SET GLOBAL binlog_row_image = 'FULL'")
