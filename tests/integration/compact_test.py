"""`syncers.compact`: several changes of one row in a batch are written as one, or each of them. The rows are the same."""

import pytest

from support import zoo
from support.dmlib import Job

DB = "it_compact"
CHANGES = 60


def updates(server):
    return int(server.query("SHOW GLOBAL STATUS LIKE 'Handler_update'")[0][1])


@pytest.mark.parametrize("kind", ["mariadb-10.11", "mysql-9.7"])
@pytest.mark.parametrize("ordering", ["row", "transaction"])
def test_each_change_is_written_where_it_is_off(servers, tmp_path, kind, ordering):
    source, target = servers(kind), servers(kind)
    zoo.run_all(source, [f"CREATE DATABASE {DB}"])
    zoo.run_all(source, ["CREATE TABLE t (id int PRIMARY KEY, n int)", "CREATE TABLE two (id int PRIMARY KEY, n int, u int, UNIQUE (u))"], DB)
    zoo.run_all(source, ["INSERT INTO t VALUES (1, 0), (2, 0)", "INSERT INTO two VALUES (2, 0, 2)"], DB)
    job = Job(tmp_path, source, target, syncers={"all": {"ordering": ordering}})
    job.run_ok()
    found = {}
    for compact in (True, False, None):
        job.task_config["syncers"]["all"] = {"ordering": ordering} | ({} if compact is None else {"compact": compact})
        with source.connect(database=DB) as c, c.cursor() as cursor:
            for i in range(CHANGES):
                cursor.execute("UPDATE t SET n = n + 1 WHERE id = 1")
                if i % 10 == 9:    # a value of a unique key wanders, and a row goes and comes back
                    cursor.execute("UPDATE two SET u = u + 10 WHERE id = 2")
                    cursor.execute("DELETE FROM t WHERE id = 2")
                    cursor.execute("INSERT INTO t VALUES (2, %s)", (i,))
            c.commit()
        before = updates(target)
        job.run_ok()
        found[compact] = updates(target) - before
        for table in ("t", "two"):
            rows = f"SELECT * FROM {DB}.{table} ORDER BY id"
            assert target.query(rows) == source.query(rows), (compact, table)
    # The checkpoint's own rows are updated, too.
    assert found[False] >= CHANGES and found[False] - max(found[True], found[None]) > CHANGES // 2, found
