"""The programs of examples/embed: the library inside a program of somebody else."""

import os
import subprocess
import time
from pathlib import Path

import pytest
from compare import compare

from support import zoo
from support.dmlib import find_program

KIND = "mariadb-10.11"


def example(name):
    build = Path(os.environ.get("DMLIB_BUILD_DIR") or Path(find_program()).parents[2])
    program = build / "examples" / f"example_{name}"
    if not program.exists():
        (pytest.fail if os.environ.get("CI", "").lower() in ("true", "1") else pytest.skip)(f"no {program}: build with DMLIB_BUILD_EXAMPLES=ON")
    return str(program)


def run(*argv, seconds=120):
    return subprocess.run([str(a) for a in argv], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds)


@pytest.mark.parametrize("context", ["ours", "library"])
def test_migrate(servers, context):
    source, target = servers(KIND), servers(KIND)
    for shop in (1, 2):
        zoo.run_all(source, [f"CREATE DATABASE shop_{shop}"])
        zoo.run_all(source, ["CREATE TABLE order_a (id INT PRIMARY KEY, v VARCHAR(20))", "CREATE TABLE other (id INT PRIMARY KEY)",
                             "INSERT INTO order_a VALUES " + ", ".join(f"({shop * 1000 + i}, 'v{i}')" for i in range(500))], f"shop_{shop}")
    for change in (None, "UPDATE order_a SET v = 'new' WHERE id % 3 = 0", "DELETE FROM order_a WHERE id % 7 = 0"):
        if change:
            zoo.run_all(source, [change], "shop_1")
        done = run(example("migrate"), source.port, target.port, context)
        assert (done.returncode, done.stdout) == (0, "caught_up\n"), done.stderr
        assert "mysql-01: " in done.stderr
        assert compare([source], target, tables={"shop_1.order_a": "shop.orders", "shop_2.order_a": "shop.orders"}) == []
    assert [r[0] for r in target.query("SHOW TABLES FROM shop")] == ["orders"]


def test_migrate_says_what_is_wrong(servers):
    target = servers(KIND)
    done = run(example("migrate"), 1, target.port)
    assert done.returncode == 1
    assert "error" in done.stdout and "127.0.0.1:1" in done.stderr


@pytest.mark.parametrize("kind", [KIND, "mysql-9.7"])
def test_follow_changes(servers, tmp_path, kind):
    """Each transaction comes once and in order, also over the end of a run."""
    source, position = servers(kind), tmp_path / "position"
    zoo.run_all(source, ["CREATE DATABASE shop", "CREATE DATABASE hidden"])
    zoo.run_all(source, ["CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), u BIGINT UNSIGNED) DEFAULT CHARSET=utf8mb4"], "shop")
    follower = subprocess.Popen([example("follow_changes"), str(source.port), "shop", str(position), "4"],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    # Without a stored position it begins at the end of the binlog, so it has to be there before the first change.
    end = time.monotonic() + 60
    while follower.poll() is None and time.monotonic() < end and not any(
            "Binlog Dump" in str(r[4]) for r in source.query("SHOW PROCESSLIST")):
        time.sleep(0.1)
    zoo.run_all(source, ["INSERT INTO t VALUES (1, 'één', 18446744073709551615), (2, NULL, 0)", "UPDATE t SET v = 'zwei' WHERE id = 2",
                         "CREATE TABLE hidden.x (id INT)", "INSERT INTO hidden.x VALUES (1)",
                         "ALTER TABLE t ADD w INT DEFAULT 5", "DELETE FROM t WHERE id = 1"], "shop")
    out, errors = follower.communicate(timeout=60)
    assert follower.returncode == 0, errors
    lines = [line.strip() for line in out.splitlines() if not line.startswith("transaction ")]
    assert lines == [
        "shop.t", "after id=1 v=één u=18446744073709551615", "shop.t", "after id=2 v=NULL u=0",
        "shop.t", "before id=2 v=NULL u=0", "after id=2 v=zwei u=0",
        "ddl ALTER TABLE t ADD w INT DEFAULT 5",
        "shop.t", "before id=1 v=één u=18446744073709551615 w=5"], out
    # A second program goes on behind what the first one acknowledged.
    zoo.run_all(source, ["INSERT INTO t VALUES (3, 'drei', 3, 6)", "UPDATE t SET w = 7 WHERE id = 3"], "shop")
    done = run(example("follow_changes"), source.port, "shop", position, 2)
    assert done.returncode == 0, done.stderr
    lines = [line.strip() for line in done.stdout.splitlines() if not line.startswith("transaction ")]
    assert lines == ["shop.t", "after id=3 v=drei u=3 w=6", "shop.t", "before id=3 v=drei u=3 w=6", "after id=3 v=drei u=3 w=7"]
