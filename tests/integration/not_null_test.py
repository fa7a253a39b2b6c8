"""A column of the target that does not take the NULL which it gets: the error says that, and its way out is one."""

import pytest

from support import zoo
from support.dmlib import EXIT_TASK, Job, assert_error

PAIRS = [("mysql-8.0", "mysql-8.0"), ("mysql-8.0", "tidb"), ("mariadb-10.11", "mariadb-10.11")]
# The column on the source, on the target.
COLUMNS = {
    "plain": ("g int", "g int NOT NULL DEFAULT 5"),
    "generated": ("g int AS (a + 1) VIRTUAL", "g int AS (a + 1) VIRTUAL NOT NULL"),
    "stored": ("g int AS (a + 1) STORED", "g int AS (a + 1) STORED NOT NULL"),
    "only there": ("x int", "x int, g int AS (a + 1) STORED NOT NULL"),
}


@pytest.mark.parametrize("source, target", PAIRS)
def test_null_for_a_column_that_takes_none(servers, tmp_path, source, target):
    here, there = servers(source), servers(target)
    for number, (name, (on_source, on_target)) in enumerate(COLUMNS.items()):
        if name != "plain" and target.startswith("mariadb"):
            continue    # its generated columns cannot be NOT NULL
        for copied in (True, False):
            db = f"it_{number}_{int(copied)}"
            late = "INSERT INTO t (id, a) VALUES (2, NULL)"
            first = "INSERT INTO t (id, a) VALUES (1, 1)" if name != "plain" else "INSERT INTO t (id, a, g) VALUES (1, 1, 2)"
            zoo.run_all(here, [f"CREATE DATABASE {db}"])
            zoo.run_all(there, [f"CREATE DATABASE {db}"])
            zoo.run_all(here, [f"CREATE TABLE t (id int PRIMARY KEY, a int, {on_source})", first, *([late] if copied else [])], db)
            zoo.run_all(there, [f"CREATE TABLE t (id int PRIMARY KEY, a int, {on_target})"], db)
            job = Job(tmp_path / db, here, there, name=db, schemas=(db,))
            if not copied:
                job.run_ok()
                zoo.run_all(here, [late], db)
            for _ in range(2):
                outcome = job.run()
                assert outcome.code == EXIT_TASK, f"{name}: {outcome}"
                assert_error(outcome.error, "db-not-null", task=db, table=(db, "t"), position=not copied)
                assert "'g'" in outcome.error["message"] and "NULL" in outcome.error["workaround"], outcome.error
            zoo.run_all(there, ["ALTER TABLE t MODIFY g int"] if name == "plain" else ["ALTER TABLE t DROP COLUMN g", "ALTER TABLE t ADD COLUMN g int AS (a + 1) VIRTUAL"], db)
            job.run_ok()
            assert there.query(f"SELECT id, a, g FROM {db}.t ORDER BY id") == [("1", "1", "2"), ("2", None, None)], name
