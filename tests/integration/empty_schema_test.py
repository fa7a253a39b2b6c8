"""The first table of a schema that was empty when the task began, or that only some of the rules let in."""

import pytest

from support.dmlib import Job
from support.zoo import run_all

KINDS = [("mariadb-10.11", "mariadb-10.11"), ("mysql-8.0", "tidb"), ("mysql-9.7", "mysql-9.7")]


@pytest.mark.parametrize("kinds", KINDS, ids="-to-".join)
@pytest.mark.parametrize("mode", ["all", "incremental"])
def test_a_table_in_an_empty_schema(servers, tmp_path, mode, kinds):
    source, target = servers(kinds[0]), servers(kinds[1])
    known = ["CREATE DATABASE it_full", "CREATE TABLE it_full.t (id int PRIMARY KEY)"]
    run_all(source, known + ["CREATE DATABASE it_empty CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "CREATE DATABASE it_other CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"])
    if mode == "incremental":
        run_all(target, known)
    job = Job(tmp_path, source, target, mode=mode)
    job.run_ok()
    run_all(source, ["CREATE TABLE it_empty.n (id int PRIMARY KEY, v varchar(20))", "INSERT INTO it_empty.n VALUES (1, 'a'), (2, 'A')",
                     "CREATE TABLE it_full.moves (id int PRIMARY KEY)", "INSERT INTO it_full.moves VALUES (7)", "RENAME TABLE it_full.moves TO it_other.moved"])
    job.run_ok()
    for query in ("SELECT * FROM it_empty.n ORDER BY id", "SELECT * FROM it_other.moved",
                  "SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN ('it_empty', 'it_other')"):
        assert target.query(query) == source.query(query)


def test_rules_that_name_tables_only(servers, tmp_path):
    """CREATE DATABASE is none of the rules' tables, and yet its default counts."""
    source, target = servers("mariadb-10.11"), servers("mariadb-10.11")
    run_all(source, ["CREATE DATABASE it_named", "CREATE TABLE it_named.t (id int PRIMARY KEY)"])
    job = Job(tmp_path, source, target)
    job.task_config["block-allow-list"]["chosen"] = {"do-tables": [{"db-name": "it_named", "tbl-name": "t"}, {"db-name": "it_late", "tbl-name": "t"}]}
    job.run_ok()
    run_all(source, ["CREATE DATABASE it_late CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "CREATE TABLE it_late.t (k varchar(20) PRIMARY KEY)",
                     "CREATE TABLE it_late.u (k varchar(20) PRIMARY KEY)", "INSERT INTO it_late.t VALUES ('a'), ('A')", "INSERT INTO it_late.u VALUES ('a')",
                     "CREATE DATABASE it_foreign", "CREATE TABLE it_foreign.x (id int)", "DROP DATABASE it_foreign"])
    job.run_ok()
    assert target.query("SELECT k FROM it_late.t ORDER BY k") == source.query("SELECT k FROM it_late.t ORDER BY k")
    assert target.query("SHOW CREATE TABLE it_late.t") == source.query("SHOW CREATE TABLE it_late.t")
    assert [row[0] for row in target.query("SHOW TABLES FROM it_late")] == ["t"]
    assert not target.query("SHOW DATABASES LIKE 'it\\_foreign'")
