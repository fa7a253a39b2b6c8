"""A small database for tests that look at one thing."""

from support.zoo import run_all

DB = "it_small"


def make_small(source, rows=200):
    run_all(source, [f"CREATE DATABASE {DB} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"])
    run_all(source, ["CREATE TABLE t (id int NOT NULL PRIMARY KEY, u int NOT NULL, v varchar(50), UNIQUE KEY u (u))", "CREATE TABLE no_key (a int, b varchar(20))",
                     "INSERT INTO t VALUES " + ", ".join(f"({n}, {n}, 'v{n}')" for n in range(rows)), "INSERT INTO no_key VALUES " + ", ".join(["(1, 'twin')"] * 50)], DB)


def make_large(source, rows=300000):
    """Rows for a copy of some seconds, made by the server itself."""
    make_small(source)
    digits = "(SELECT 0 d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)"
    numbers = " + ".join(f"{x}.d * {10 ** n}" for n, x in enumerate("abcdef"))
    tables = ", ".join(f"{digits} {x}" for x in "abcdef")
    run_all(source, ["CREATE TABLE large (id int NOT NULL PRIMARY KEY, k int NOT NULL, c varchar(250), KEY k (k))",
                     f"INSERT INTO large SELECT n, n % 1000, REPEAT('row of some length ', 12) FROM (SELECT {numbers} AS n FROM {tables}) x WHERE n < {rows}"], DB)


def changes(source, start=1000, count=20):
    """A few transactions that touch both tables."""
    with source.connect(database=DB) as c, c.cursor() as cursor:
        for n in range(start, start + count):
            cursor.execute("INSERT INTO t VALUES (%s, %s, 'new')", (n, n))
            cursor.execute("UPDATE t SET v = CONCAT(v, '+') WHERE id = %s", (n % 100,))
            cursor.execute("DELETE FROM t WHERE id = %s", (n - 1,))
            cursor.execute("INSERT INTO no_key VALUES (%s, 'new')", (n,))
            cursor.execute("UPDATE no_key SET b = 'x' WHERE b = 'twin' LIMIT 1")
            c.commit()
