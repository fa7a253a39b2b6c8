"""A table is renamed, used and dropped while its copy is interrupted: the stream passes statements and rows of a name that no copy ever saw."""

import contextlib
import time

import pytest

from support.dmlib import Job
from support.zoo import run_all

DB = "it_walks"
KINDS = [("mariadb-10.11", "mariadb-10.11"), ("mysql-9.7", "mysql-9.7")]
# Slow enough to be caught at work on any machine.
ONE_BY_ONE = {"mydumpers": {"all": {"threads": 1, "rows": 2000}}, "loaders": {"all": {"pool-size": 1}}}
STORIES = {
    "dropped": ["RENAME TABLE walks TO away", "INSERT INTO away VALUES (1000001, 'x')", "DROP TABLE away"],
    "moved on": ["RENAME TABLE walks TO away", "INSERT INTO away VALUES (1000001, 'x')", "RENAME TABLE away TO walks", "INSERT INTO walks VALUES (1000002, 'y')"],
    "another comes": ["RENAME TABLE walks TO away", "UPDATE away SET c = 'z' WHERE id < 5", "DROP TABLE away", "CREATE TABLE other (id int PRIMARY KEY, c varchar(120))",
                      "INSERT INTO other VALUES (7, 'other')", "RENAME TABLE other TO away", "INSERT INTO away VALUES (8, 'away')", "RENAME TABLE away TO stays"],
    "online": ["CREATE TABLE fresh (id int PRIMARY KEY AUTO_INCREMENT, c varchar(120), d int)", "INSERT INTO fresh SELECT id, c, 1 FROM walks", "UPDATE walks SET c = 'late' WHERE id = 1",
               "UPDATE fresh SET c = 'late' WHERE id = 1", "RENAME TABLE walks TO former, fresh TO walks", "INSERT INTO walks VALUES (1000001, 'n', 2)", "UPDATE former SET c = 'q' WHERE id = 3",
               "DROP TABLE former", "UPDATE walks SET d = 5 WHERE id = 9"],
    "swapped": ["CREATE TABLE twin LIKE walks", "INSERT INTO twin VALUES (7, 'twin')", "RENAME TABLE walks TO aside, twin TO walks, aside TO twin", "INSERT INTO twin VALUES (1000001, 'x')",
                "INSERT INTO walks VALUES (8, 'eight')", "DELETE FROM twin WHERE id = 5"],
    "swapped and gone": ["CREATE TABLE twin LIKE walks", "INSERT INTO twin VALUES (7, 'twin')", "RENAME TABLE walks TO aside, twin TO walks, aside TO twin", "INSERT INTO twin VALUES (1000001, 'x')",
                         "INSERT INTO walks VALUES (8, 'eight')", "DROP TABLE twin", "INSERT INTO walks VALUES (9, 'nine')"],
}


@pytest.mark.parametrize("kinds", KINDS, ids="-to-".join)
@pytest.mark.parametrize("story", STORIES)
def test_a_name_that_came_and_went(servers, tmp_path, kinds, story):
    source, target = servers(kinds[0]), servers(kinds[1])
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, ["CREATE TABLE at_once (id int PRIMARY KEY)", "INSERT INTO at_once VALUES (1)", "CREATE TABLE walks (id int PRIMARY KEY AUTO_INCREMENT, c varchar(120))",
                     "INSERT INTO walks (c) VALUES (REPEAT('w', 100))"] + ["INSERT INTO walks (c) SELECT c FROM walks"] * 19, DB)
    job = Job(tmp_path, source, target, **ONE_BY_ONE)
    run = job.start()
    run.wait_for(lambda line: line.get("unit") == "load" and line.get("rows_done", 0) > 0, 60, "the copy under way")
    run.kill9()
    run_all(source, STORIES[story], DB)
    run_all(source, ["INSERT INTO at_once VALUES (2)"], DB)
    job.run_ok()
    tables = [row[0] for row in source.query(f"SHOW TABLES FROM {DB}")]
    assert [row[0] for row in target.query(f"SHOW TABLES FROM {DB}")] == tables
    for table in tables:
        query = f"SELECT * FROM {DB}.{table} ORDER BY id"
        assert target.query(query) == source.query(query), table


DONE = "SELECT DISTINCT table_name FROM dm_meta.it_dmlib_chunks WHERE chunk_state = 'done'"


def make_two(source):
    """The larger one is copied first, and complete when the other one is under way."""
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, ["CREATE TABLE walks (id int PRIMARY KEY AUTO_INCREMENT, c varchar(120))", "CREATE TABLE at_once LIKE walks", "INSERT INTO walks (c) VALUES (REPEAT('w', 100))"] +
            ["INSERT INTO walks (c) SELECT c FROM walks"] * 18 + ["INSERT INTO at_once (c) SELECT c FROM walks"] * 2 + ["ANALYZE LOCAL TABLE walks, at_once"], DB)


def interrupted(job, target, tries):
    """Killed while the copy is under way that the ledger says began anew so often; `tries` are their places."""
    run = job.start()
    end, before = time.monotonic() + 60, len(tries)
    while run.alive() and time.monotonic() < end:
        with contextlib.suppress(Exception):
            tries.update(target.query("SELECT binlog_file, binlog_pos FROM dm_meta.it_dmlib_copy_tables WHERE table_name = 'walks'"))
            if len(tries) > before and {row[0] for row in target.query(DONE)} == {"at_once", "walks"}:
                break
        time.sleep(0.01)
    assert run.alive(), run.wait(5)
    run.kill9()
    assert target.query("SELECT copy_done FROM dm_meta.it_dmlib_copy") == [("0",)]


def assert_tables(source, target, *names):
    assert [row[0] for row in target.query(f"SHOW TABLES FROM {DB}")] == list(names)
    for table in names:
        query = f"SELECT * FROM {DB}.{table} ORDER BY id"
        assert target.query(query) == source.query(query), table


@pytest.mark.parametrize("kinds", KINDS, ids="-to-".join)
def test_tables_that_were_swapped_before_one_is_copied_after_all(servers, tmp_path, kinds):
    """Two tables are made and swapped between the first and the second try of a copy: the stream's, until the third try finds one of
    them tied to a table that is still being copied."""
    source, target = servers(kinds[0]), servers(kinds[1])
    make_two(source)
    job, tries = Job(tmp_path, source, target, **ONE_BY_ONE), set()
    interrupted(job, target, tries)
    run_all(source, ["CREATE TABLE leftie (id int PRIMARY KEY, v int)", "CREATE TABLE rightie (id int PRIMARY KEY, v int)", "INSERT INTO leftie VALUES (1, 10)",
                     "INSERT INTO rightie VALUES (2, 20)", "RENAME TABLE leftie TO aside, rightie TO leftie, aside TO rightie", "ALTER TABLE walks ADD COLUMN x int"], DB)
    interrupted(job, target, tries)
    run_all(source, ["RENAME TABLE walks TO walked, leftie TO lefted", "INSERT INTO rightie VALUES (3, 30)", "INSERT INTO lefted VALUES (4, 40)"], DB)
    job.run_ok()
    assert_tables(source, target, "at_once", "lefted", "rightie", "walked")


@pytest.mark.parametrize("kinds", KINDS, ids="-to-".join)
def test_a_name_that_was_gone_and_is_used_again(servers, tmp_path, kinds):
    """As tools for online DDL do it, once between any two tries."""
    source, target = servers(kinds[0]), servers(kinds[1])
    make_two(source)
    job, tries = Job(tmp_path, source, target, **ONE_BY_ONE), set()
    for n in range(2):
        interrupted(job, target, tries)
        run_all(source, ["CREATE TABLE fresh LIKE walks", f"ALTER TABLE fresh ADD COLUMN x{n} int", f"INSERT INTO fresh (id, c) VALUES ({n}, 'fresh'), (1000, 'more')",
                         "RENAME TABLE walks TO former, fresh TO walks", "UPDATE former SET c = 'late' WHERE id < 5", "DROP TABLE former",
                         "INSERT INTO walks (c) SELECT c FROM at_once LIMIT 200000"], DB)
    job.run_ok()
    assert_tables(source, target, "at_once", "walks")


@pytest.mark.parametrize("kinds", KINDS, ids="-to-".join)
def test_killed_before_the_first_table_was_written_down(servers, tmp_path, kinds):
    """The ledger has its head and no table: the next try begins where it begins, or statements between the two were half of the copy."""
    source, target = servers(kinds[0]), servers(kinds[1])
    run_all(source, [f"CREATE DATABASE {DB}"])
    run_all(source, ["CREATE TABLE at_once (id int PRIMARY KEY)", "INSERT INTO at_once VALUES (1)"], DB)
    job = Job(tmp_path, source, target)
    job.run_ok()
    run_all(target, [f"DROP DATABASE {DB}", "UPDATE dm_meta.it_dmlib_copy SET copy_done = 0"] +
            [f"DELETE FROM dm_meta.it_dmlib_{table}" for table in ("copy_tables", "chunks", "progress", "lanes", "schema", "keys")])
    run_all(source, ["CREATE TABLE leftie (id int PRIMARY KEY, v int)", "CREATE TABLE rightie (id int PRIMARY KEY, v varchar(20), w int)", "INSERT INTO leftie VALUES (1, 10)",
                     "INSERT INTO rightie VALUES (2, 'two', 20)", "RENAME TABLE leftie TO aside, rightie TO leftie, aside TO rightie", "INSERT INTO rightie VALUES (3, 30)",
                     "DROP TABLE rightie", "INSERT INTO leftie VALUES (4, 'four', 40)"], DB)
    job.run_ok()
    assert_tables(source, target, "at_once", "leftie")
