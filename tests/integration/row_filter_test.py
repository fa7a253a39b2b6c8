"""Expression filters: as servers compute them, and from end to end."""

import os
import subprocess
from pathlib import Path

import pytest

from support import zoo
from support.dmlib import Job
from support.row_filters import record

KIND = "mariadb-10.11"


def test_expressions_as_two_servers_compute_them(servers, tmp_path):
    """Expressions and rows of a seed: the same in every run of a tree, others with DMLIB_SEED (campaigns)."""
    program = Path(os.environ.get("DMLIB_BUILD_DIR", ".")) / "tests" / "test_transform"
    if not program.exists():
        message = f"no {program}: build the target test_transform and set DMLIB_BUILD_DIR"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    seed = int(os.environ.get("DMLIB_SEED", 20261122))
    print(f"seed {seed}")
    started = {"mysql": servers("mysql-8.0"), "mariadb": servers(KIND)}
    answers = tmp_path / "answers.jsonl"
    record(answers, {name: s.connect(charset="utf8mb4") for name, s in started.items()}, seed, expressions=3000)
    done = subprocess.run([program, "expressions have the value that servers give them"], capture_output=True, text=True,
                          env=os.environ | {"DMLIB_ROW_FILTER_ANSWERS": str(answers)}, check=False)
    assert done.returncode == 0, f"seed {seed}\n{done.stdout[-6000:]}"


def rows(server, table):
    return server.query(f"SELECT * FROM {table} ORDER BY id")


@pytest.mark.parametrize("kind", [KIND, "mysql-8.0"])
def test_rows_are_left_out_of_copy_and_replication(servers, tmp_path, kind):
    source, target = servers(kind), servers(KIND)
    zoo.run_all(source, ["CREATE DATABASE it_rows DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"])
    zoo.run_all(source, ["CREATE TABLE t (id int PRIMARY KEY, c int, name varchar(20), d date, x decimal(8,2))",
                         "INSERT INTO t VALUES " + ", ".join(f"({n}, {n % 10}, 'Name {n % 3}', '2024-01-{n % 28 + 1:02}', {n}.25)" for n in range(1, 1001)),
                         "CREATE TABLE free (id int PRIMARY KEY, c int)", "INSERT INTO free VALUES (1, 2), (2, 4)"], "it_rows")
    insert = "c % 2 = 0 OR (name LIKE 'name 1' AND d >= '2024-01-15')"
    filters = {"even": {"schema": "it_rows", "table": "t", "insert-value-expr": insert, "update-old-value-expr": "c = 3", "update-new-value-expr": "c = 33", "delete-value-expr": "x > 900"}}
    job = Job(tmp_path, source, target, instance={"expression-filters": ["even"]}, **{"expression-filter": filters})
    job.run_ok()
    kept = source.query(f"SELECT * FROM it_rows.t WHERE NOT ({insert}) ORDER BY id")
    assert 0 < len(kept) < 1000
    assert rows(target, "it_rows.t") == kept
    assert len(rows(target, "it_rows.free")) == 2

    zoo.run_all(source, ["INSERT INTO t VALUES (2001, 2, 'even', NULL, NULL), (2002, 3, 'odd', NULL, NULL), (2003, NULL, NULL, NULL, NULL)",
                         "UPDATE t SET c = 33 WHERE id IN (3, 13)",      # both expressions hold: left out
                         "UPDATE t SET c = 5 WHERE id IN (23, 33)",      # only the old one: done
                         "UPDATE t SET c = 33 WHERE id IN (7, 17)",      # only the new one: done
                         "UPDATE t SET name = 'x' WHERE id = 10",        # never copied: changes nothing
                         "DELETE FROM t WHERE id IN (999, 9, 20)"],      # 999: left out; 20: never copied
                "it_rows")
    job.run_ok()
    found = {int(r[0]): r for r in rows(target, "it_rows.t")}
    assert 2001 not in found and 2002 in found and 2003 in found
    for row, c in ((3, "3"), (13, "13"), (23, "5"), (33, "5"), (7, "33"), (17, "33")):
        if row in found:
            wanted = {3: "3", 13: "3"}.get(row, c)
            assert str(found[row][1]) == wanted, found[row]
    assert 3 in found and 7 in found
    assert 10 not in found and 20 not in found
    assert 9 not in found
    assert (999 in found) == any(int(r[0]) == 999 for r in kept)


@pytest.mark.parametrize("expression, part", [("z / 3 > 1", "38 digits"), ("no_such = 1", "no_such"), ("v = 'x'", "collation"), ("ts > '2024-01-01'", "timezone")])
def test_what_is_not_exact_is_refused_before_anything_is_written(servers, tmp_path, expression, part):
    source, target = servers(KIND), servers(KIND)
    zoo.run_all(source, ["CREATE DATABASE it_rows"])
    zoo.run_all(source, ["CREATE TABLE t (id int PRIMARY KEY, c int, v varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_turkish_ci, ts timestamp NULL, z decimal(38,10))", "INSERT INTO t VALUES (1, 1, 'a', NULL, 1)"], "it_rows")
    job = Job(tmp_path, source, target, instance={"expression-filters": ["f"]}, **{"expression-filter": {"f": {"schema": "it_rows", "table": "t", "insert-value-expr": expression}}})
    outcome = job.run()
    assert outcome.code != 0
    assert part in str(outcome.error or outcome.stderr), outcome
    assert "it_rows" not in [r[0] for r in target.query("SHOW DATABASES")]
