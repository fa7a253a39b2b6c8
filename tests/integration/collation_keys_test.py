"""Unique texts under collations whose weights dmlib knows: rows that the target takes for equal keep their order over many lanes."""

import random

import pytest

from support.dmlib import Job
from support.zoo import run_all

DB = "it_words"
PAIRS = [("mariadb-10.11", "mariadb-10.11", "utf8mb4_general_ci"), ("mysql-9.7", "mysql-9.7", "utf8mb4_0900_ai_ci"), ("mysql-8.0", "tidb", "utf8mb4_0900_ai_ci"),
         ("mariadb-10.11", "tidb", "utf8mb4_general_ci"), ("mariadb-10.11", "mysql-8.0", "latin1_swedish_ci"), ("mariadb-10.11", "mariadb-10.11", "utf8mb4_unicode_ci"),
         ("mysql-9.7", "mysql-9.7", "utf8mb4_unicode_520_ci"), ("mysql-8.0", "tidb", "utf8mb4_unicode_ci"), ("mysql-8.0", "mariadb-10.11", "latin1_german1_ci")]
LETTERS = ["a", "A", "\u00e1", "\u00c4", "b", "B", "\u00df", "s", "S", "e", "\u00e9", " ", "-"]
WIDER = ["\u4e2d", "\u6587", "\u0436", "\u0416", "\U0001f600", "\U0001f601", "\u0e01", "ss", "\u0301", "\u00ad", "\ufb03", "ffi"]
TAKEN = {1062, 1586}
CHANGES = 4000


def word(rng, letters):
    return "".join(rng.choice(letters) for _ in range(rng.choice((1, 1, 2))))


def change(cursor, rng, letters):
    """Words are few and equal in many ways: keys are freed and taken by others all the time."""
    this, that, number = word(rng, letters), word(rng, letters), rng.randrange(40)
    rng.choice((
        lambda: cursor.execute("INSERT INTO w VALUES (%s, %s)", (this, number)),
        lambda: cursor.execute("DELETE FROM w WHERE k = %s", (this,)),
        lambda: cursor.execute("UPDATE w SET k = %s WHERE k = %s", (that, this)),
        lambda: cursor.execute("UPDATE w SET n = %s WHERE k = %s", (number, this)),
        lambda: cursor.execute("INSERT INTO u VALUES (%s, %s, %s)", (number, rng.choice((this, None)), 1)),
        lambda: cursor.execute("UPDATE u SET k = %s WHERE id = %s", (this, number)),
        lambda: cursor.execute("UPDATE u SET k = %s WHERE k = %s", (that, this)),
        lambda: cursor.execute("DELETE FROM u WHERE id = %s", (number,))))()


@pytest.mark.parametrize("kinds", PAIRS, ids="-".join)
def test_equal_words_keep_their_order(servers, tmp_path, kinds):
    import pymysql
    source, target = servers(kinds[0]), servers(kinds[1])
    collation = kinds[2]
    kind = f"varchar(20) CHARACTER SET {collation.split('_')[0]} COLLATE {collation}"
    run_all(source, [f"CREATE DATABASE {DB} CHARACTER SET utf8mb4"])
    run_all(source, [f"CREATE TABLE w (k {kind} PRIMARY KEY, n int)", f"CREATE TABLE u (id int PRIMARY KEY, k {kind}, v int, UNIQUE (k))"], DB)
    job = Job(tmp_path, source, target)
    job.task_config["syncers"]["all"] = {"worker-count": 8, "batch": 5}
    job.run_ok()
    rng = random.Random(11)
    letters = LETTERS if collation.startswith("latin1") else LETTERS + WIDER
    with source.connect(database=DB) as c, c.cursor() as cursor:
        for _ in range(CHANGES):
            try:
                change(cursor, rng, letters)
            except pymysql.err.IntegrityError as e:
                assert e.args[0] in TAKEN
            if rng.random() < 0.4:
                c.commit()
        c.commit()
    job.run_ok()
    for query in ("SELECT HEX(k), n FROM w ORDER BY HEX(k)", "SELECT id, HEX(k), v FROM u ORDER BY id"):
        query = query.replace("FROM ", f"FROM {DB}.")
        assert target.query(query) == source.query(query)
