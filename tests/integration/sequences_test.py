"""MariaDB's sequences are left out, and said to be; the tables beside them go on, also over restarts."""

from support.dmlib import Job
from support.zoo import run_all

DB = "it_sequences"


def test_sequences_are_left_out(servers, tmp_path):
    source, target = servers("mariadb-10.11"), servers("mariadb-10.11")
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, ["CREATE TABLE a (id int PRIMARY KEY, n bigint)"], DB)
    job = Job(tmp_path, source, target)
    job.run_ok()
    run_all(source, ["CREATE SEQUENCE s CACHE 2", "INSERT INTO a VALUES (1, NEXTVAL(s))", "DO SETVAL(s, 50)"], DB)
    first = job.run_ok()
    assert "rows of sequence" in first.stderr and "are left out" in first.stderr
    run_all(source, ["INSERT INTO a VALUES (2, NEXTVAL(s))", "ALTER TABLE a ADD c int", "INSERT INTO a VALUES (3, NEXTVAL(s), 1)"], DB)
    job.run_ok()
    run_all(source, ["DO SETVAL(s, 90)", "DROP SEQUENCE s", "INSERT INTO a VALUES (4, 4, 4)"], DB)
    job.run_ok()
    assert target.query(f"SELECT * FROM {DB}.a ORDER BY id") == source.query(f"SELECT * FROM {DB}.a ORDER BY id")
    assert [row[0] for row in target.query(f"SHOW TABLES FROM {DB}")] == ["a"]
