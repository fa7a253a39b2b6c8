"""Statements that change definitions, as applications write them, with rows between them. Each story is a list of SQL."""

from support.zoo import DDL, MAIN, ODD
from support.values import quoted


def stories(have, config):
    """The stories that source and target of this pair can both take part in."""
    tidb = config["target_kind"] == "tidb"
    out = [a_table_grows, many_changes_at_once, renames, swap_of_tables, truncates, drops_and_makes_again, like, databases, indexes, defaults,
           columns_of_a_busy_table, odd_names, comments_and_options, if_exists, in_place_changes, partitions, time_defaults, quoted_and_executable]
    if "rename column" in have:
        out.append(rename_column)
    if "rename index" in have:
        out.append(rename_index)
    if "ctas" in have:
        out.append(table_from_select)
    if "generated" in have:
        out.append(generated_columns)
    if not tidb:
        out += [primary_keys, foreign_keys, charset_changes]
    return out


def a_table_grows(rng, n):
    t = f"{DDL}.grow_{n}"
    return [f"CREATE TABLE {t} (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, v varchar(10) NOT NULL DEFAULT 'x')",
            f"INSERT INTO {t} (v) VALUES ('a'), ('b'), ('c')",
            f"ALTER TABLE {t} ADD COLUMN w int NOT NULL DEFAULT 5", f"INSERT INTO {t} (v, w) VALUES ('d', 6)",
            f"ALTER TABLE {t} ADD COLUMN first_one bigint NULL FIRST", f"INSERT INTO {t} VALUES (9, NULL, 'e', 7)",
            f"ALTER TABLE {t} ADD COLUMN mid text AFTER id", f"UPDATE {t} SET mid = 'text' WHERE w > 5",
            f"ALTER TABLE {t} MODIFY COLUMN w bigint NULL", f"UPDATE {t} SET w = 5000000000 WHERE v = 'a'", f"UPDATE {t} SET w = NULL WHERE v = 'b'",
            f"ALTER TABLE {t} MODIFY v varchar(300) CHARACTER SET utf8mb4 NULL AFTER first_one", f"INSERT INTO {t} (v) VALUES (REPEAT('ü', 200))",
            f"ALTER TABLE {t} CHANGE v voice varchar(301) CHARACTER SET utf8mb4 NOT NULL DEFAULT ''", f"INSERT INTO {t} (voice) VALUES ('new')",
            f"ALTER TABLE {t} DROP COLUMN mid", f"DELETE FROM {t} WHERE w = 5", f"ALTER TABLE {t} DROP first_one", f"INSERT INTO {t} (voice, w) VALUES ('last', 1)"]


def many_changes_at_once(rng, n):
    t = f"{DDL}.many_{n}"
    return [f"CREATE TABLE {t} (id int NOT NULL PRIMARY KEY, a int, b varchar(20), c int, KEY ka (a), KEY kc (c))",
            f"INSERT INTO {t} VALUES (1, 1, 'one', 1), (2, 2, 'two', 2), (3, NULL, NULL, NULL)",
            f"ALTER TABLE {t} ADD COLUMN d int NOT NULL DEFAULT 3, ADD COLUMN e varchar(5) AFTER a, ADD INDEX kd (d), DROP INDEX ka",
            f"INSERT INTO {t} (id, d, e) VALUES (4, 4, 'e')",
            f"ALTER TABLE {t} DROP COLUMN c, ADD COLUMN f bigint FIRST, MODIFY b varchar(40), ADD UNIQUE KEY ue (e), COMMENT = 'many'",
            f"UPDATE {t} SET f = id * 10, b = 'longer than it was before'", f"ALTER TABLE {t} ADD (g int, h int), ADD KEY gh (g, h)",
            f"UPDATE {t} SET g = id, h = d", f"ALTER TABLE {t} CHANGE g g2 bigint, ALTER COLUMN d SET DEFAULT 77, DROP KEY kd", f"INSERT INTO {t} (id) VALUES (5)"]


def renames(rng, n):
    a, b = f"{DDL}.old_{n}", f"{DDL}.new_{n}"
    return [f"CREATE TABLE {a} (id int PRIMARY KEY, v int)", f"INSERT INTO {a} VALUES (1, 1), (2, 2)", f"RENAME TABLE {a} TO {b}", f"UPDATE {b} SET v = 3 WHERE id = 1",
            f"ALTER TABLE {b} RENAME TO {a}", f"INSERT INTO {a} VALUES (4, 4)", f"ALTER TABLE {a} RENAME AS {b}", f"DELETE FROM {b} WHERE id = 2",
            f"RENAME TABLE {b} TO {MAIN}.moved_{n}", f"INSERT INTO {MAIN}.moved_{n} VALUES (5, 5)", f"DROP TABLE {MAIN}.moved_{n}"]


def swap_of_tables(rng, n):
    a, b, t = f"{DDL}.left_{n}", f"{DDL}.right_{n}", f"{DDL}.tmp_{n}"
    return [f"CREATE TABLE {a} (id int PRIMARY KEY, v int)", f"CREATE TABLE {b} (id int PRIMARY KEY, v varchar(20), w int)",
            f"INSERT INTO {a} VALUES (1, 10)", f"INSERT INTO {b} VALUES (1, 'text', 20)", f"RENAME TABLE {a} TO {t}, {b} TO {a}, {t} TO {b}",
            f"INSERT INTO {a} VALUES (2, 'more', 21)", f"INSERT INTO {b} VALUES (2, 11)", f"DROP TABLE {b}"]


def truncates(rng, n):
    t = f"{DDL}.cut"
    return [f"CREATE TABLE IF NOT EXISTS {t} (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, v int)", f"INSERT INTO {t} (v) VALUES (1), (2), (3)",
            f"TRUNCATE TABLE {t}", f"INSERT INTO {t} (v) VALUES (4)", f"TRUNCATE {t}", f"INSERT INTO {t} (id, v) VALUES (100, 5)"]


def drops_and_makes_again(rng, n):
    t = f"{DDL}.again"
    kinds = ["id int PRIMARY KEY, v int", "id bigint PRIMARY KEY, v varchar(30), w double", "k varchar(20) NOT NULL, v int, UNIQUE KEY k (k)", "a int, b int"]
    rows = ["(1, 1), (2, 2)", "(1, 'a', 0.5), (2, 'b', 1.5)", "('one', 1), ('two', 2)", "(1, 1), (1, 1)"]
    which = rng.randrange(4)
    return [f"DROP TABLE IF EXISTS {t}", f"CREATE TABLE {t} ({kinds[which]})", f"INSERT INTO {t} VALUES {rows[which]}", f"DELETE FROM {t} LIMIT 1",
            f"CREATE TABLE {DDL}.one_{n} (a int)", f"CREATE TABLE {DDL}.two_{n} (a int)", f"DROP TABLE {DDL}.one_{n}, {DDL}.two_{n}"]


def like(rng, n):
    return [f"CREATE TABLE {DDL}.like_{n} LIKE {MAIN}.several", f"INSERT INTO {DDL}.like_{n} VALUES (1, 1, 'b', 2, 3)",
            f"CREATE TABLE {DDL}.like2_{n} (LIKE {MAIN}.composite)", f"INSERT INTO {DDL}.like2_{n} VALUES ('r', 1, '2024-01-01', 'v')"]


def table_from_select(rng, n):
    t = f"{DDL}.chosen_{n}"
    return [f"CREATE TABLE {t} (PRIMARY KEY (id)) SELECT id, a, b FROM {MAIN}.several ORDER BY id LIMIT 20", f"UPDATE {t} SET b = 'x' WHERE id > 5",
            f"CREATE TABLE {DDL}.plain_{n} AS SELECT 1 AS one, 'two' AS two, CAST(3.5 AS DECIMAL(5,2)) AS three", f"INSERT INTO {DDL}.plain_{n} VALUES (2, 'TWO', 4.25)"]


def databases(rng, n):
    d = f"it_db_{n}"
    return [f"CREATE DATABASE {d} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", f"CREATE TABLE {d}.t (id int PRIMARY KEY, v varchar(20))",
            f"INSERT INTO {d}.t VALUES (1, 'a')", f"ALTER DATABASE {d} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", f"CREATE TABLE {d}.u (k varchar(20) PRIMARY KEY)",
            f"INSERT INTO {d}.u VALUES ('a'), ('A')", *([f"DROP DATABASE {d}"] if rng.random() < 0.7 else [f"DROP TABLE {d}.t"]), f"CREATE SCHEMA IF NOT EXISTS {DDL}"]


def indexes(rng, n):
    t = f"{DDL}.indexed_{n}"
    return [f"CREATE TABLE {t} (id int PRIMARY KEY, a int, b varchar(100), c text)", f"INSERT INTO {t} VALUES (1, 1, 'x', 'c'), (2, 2, 'y', 'd')",
            f"CREATE INDEX ia ON {t} (a)", f"CREATE UNIQUE INDEX ub ON {t} (b(20))", f"ALTER TABLE {t} ADD INDEX ic (c(10)), ADD KEY iab (a, b(5))",
            f"UPDATE {t} SET a = 5 WHERE id = 1", f"DROP INDEX ia ON {t}", f"ALTER TABLE {t} DROP INDEX ub", f"INSERT INTO {t} VALUES (3, 2, 'y', 'd')",
            f"ALTER TABLE {t} ADD UNIQUE (id, a)", f"UPDATE {t} SET b = 'z'"]


def defaults(rng, n):
    t = f"{DDL}.defaulted_{n}"
    return [f"CREATE TABLE {t} (id int PRIMARY KEY, a int DEFAULT 1, b varchar(20) DEFAULT 'it''s', c datetime DEFAULT '2024-01-01 00:00:00', d decimal(6,2) DEFAULT 1.50,"
            " e enum('p','q') DEFAULT 'q', f bit(3) DEFAULT b'101', g double DEFAULT -1.5)", f"INSERT INTO {t} (id) VALUES (1)",
            f"ALTER TABLE {t} ALTER a SET DEFAULT 42", f"ALTER TABLE {t} ALTER COLUMN b DROP DEFAULT", f"INSERT INTO {t} (id, b) VALUES (2, 'given')",
            f"ALTER TABLE {t} MODIFY e enum('p','q','r','s') DEFAULT 's'", f"INSERT INTO {t} (id, b) VALUES (3, '')", f"ALTER TABLE {t} ADD h varchar(30) NOT NULL DEFAULT 'ü\\'s'",
            f"INSERT INTO {t} (id, b) VALUES (4, 'n')"]


def time_defaults(rng, n):
    """The rows that exist get the statement's own time."""
    t = f"{DDL}.timed_{n}"
    return [f"CREATE TABLE {t} (id int PRIMARY KEY)", f"INSERT INTO {t} VALUES (1), (2)", f"ALTER TABLE {t} ADD at datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)",
            f"ALTER TABLE {t} ADD ts timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP", f"INSERT INTO {t} (id) VALUES (3)", f"UPDATE {t} SET id = 4 WHERE id = 1"]


def columns_of_a_busy_table(rng, n):
    """Other sessions write to it all the time."""
    t, c = f"{MAIN}.accounts", f"extra_{n}"
    return [f"ALTER TABLE {t} ADD COLUMN {c} int NULL DEFAULT {n % 100}", f"UPDATE {t} SET {c} = id WHERE id < 50", f"ALTER TABLE {t} MODIFY COLUMN {c} bigint NULL",
            f"ALTER TABLE {t} ADD KEY k{c} ({c})", f"UPDATE {t} SET {c} = 4294967296 WHERE id BETWEEN 50 AND 90", f"ALTER TABLE {t} DROP KEY k{c}", f"ALTER TABLE {t} DROP COLUMN {c}"]


def odd_names(rng, n):
    t = f"{quoted(ODD)}.{quoted(f'new `{n}. ü')}"
    return [f"CREATE TABLE {t} (`a b` int PRIMARY KEY, `key` varchar(10), KEY `k``1` (`key`))", f"INSERT INTO {t} VALUES (1, 'v')", f"ALTER TABLE {t} ADD `ä.ö` int AFTER `a b`",
            f"UPDATE {t} SET `ä.ö` = 3", f"ALTER TABLE {t} CHANGE `ä.ö` `sel``ect` bigint", f"UPDATE {t} SET `sel``ect` = 4", f"DROP TABLE {t}"]


def comments_and_options(rng, n):
    t = f"{DDL}.commented_{n}"
    return [f"CREATE TABLE {t} (id int NOT NULL AUTO_INCREMENT COMMENT 'the ''id''', v int COMMENT 'ünï \\\\ x', PRIMARY KEY (id)) ENGINE=InnoDB AUTO_INCREMENT=500 COMMENT='a; table' ROW_FORMAT=DYNAMIC",
            f"INSERT INTO {t} (v) VALUES (1)", f"ALTER TABLE {t} COMMENT 'other'", f"ALTER TABLE {t} AUTO_INCREMENT = 1000", f"INSERT INTO {t} (v) VALUES (2)",
            f"ALTER TABLE {t} ENGINE=InnoDB", f"INSERT INTO {t} (v) VALUES (3)"]


def if_exists(rng, n):
    return [f"CREATE TABLE IF NOT EXISTS {DDL}.start (other int)", f"INSERT INTO {DDL}.start VALUES ({n % 2000000000}, 'x')", f"DROP TABLE IF EXISTS {DDL}.not_there_{n}",
            f"CREATE DATABASE IF NOT EXISTS {DDL}", f"DELETE FROM {DDL}.start WHERE id > 100"]


def in_place_changes(rng, n):
    t = f"{DDL}.placed_{n}"
    return [f"CREATE TABLE {t} (id int PRIMARY KEY, e enum('a','b'), s set('x','y'), d decimal(5,2), c char(5), b binary(4))",
            f"INSERT INTO {t} VALUES (1, 'a', 'x,y', 1.25, 'c', 'b'), (2, 'b', 'y', -9.99, 'cc', x'00')", f"ALTER TABLE {t} MODIFY e enum('a','b','c')", f"UPDATE {t} SET e = 'c' WHERE id = 1",
            f"ALTER TABLE {t} MODIFY d decimal(12,4)", f"UPDATE {t} SET d = 12345678.9012 WHERE id = 2", f"ALTER TABLE {t} MODIFY c varchar(50)", f"UPDATE {t} SET c = 'longer than five'",
            f"ALTER TABLE {t} MODIFY s set('x','y','z')", f"UPDATE {t} SET s = 'z'", f"ALTER TABLE {t} MODIFY b varbinary(10)", f"UPDATE {t} SET b = x'00ff00' WHERE id = 1"]


def partitions(rng, n):
    t = f"{DDL}.parted_{n}"
    return [f"CREATE TABLE {t} (id int NOT NULL, y int NOT NULL, PRIMARY KEY (id, y)) PARTITION BY RANGE (y) (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (20))",
            f"INSERT INTO {t} VALUES (1, 5), (2, 15)", f"ALTER TABLE {t} ADD PARTITION (PARTITION c VALUES LESS THAN (30))", f"INSERT INTO {t} VALUES (3, 25)",
            f"ALTER TABLE {t} TRUNCATE PARTITION a", f"INSERT INTO {t} VALUES (4, 6)", f"ALTER TABLE {t} DROP PARTITION b", f"INSERT INTO {t} VALUES (5, 26)"]


def quoted_and_executable(rng, n):
    """Comments of applications, no spaces where none are needed, a default database."""
    t = f"spaced_{n}"
    return [f"USE {DDL}", f"/* app: it */ create table{quoted(t)}(`id`int primary key,`v`int)-- end", f"insert into {t} values (1,1)", f"ALTER\n\tTABLE\n{t}\nADD\nCOLUMN\nw\nint # last",
            f"insert into {t} values (2,2,2)", f"alter table {t} /*!50000 add column x int */", f"insert into {t} values (3,3,3,3)", f"USE {MAIN}"]


def rename_column(rng, n):
    t = f"{DDL}.recolumn_{n}"
    return [f"CREATE TABLE {t} (id int PRIMARY KEY, a int, b int)", f"INSERT INTO {t} VALUES (1, 2, 3)", f"ALTER TABLE {t} RENAME COLUMN a TO c", f"UPDATE {t} SET c = 5",
            f"ALTER TABLE {t} RENAME COLUMN b TO a, ADD COLUMN z int", f"INSERT INTO {t} VALUES (2, 1, 2, 3)"]


def rename_index(rng, n):
    t = f"{DDL}.reindex_{n}"
    return [f"CREATE TABLE {t} (id int PRIMARY KEY, a int, KEY one (a))", f"INSERT INTO {t} VALUES (1, 2)", f"ALTER TABLE {t} RENAME INDEX one TO two", f"ALTER TABLE {t} DROP INDEX two",
            f"INSERT INTO {t} VALUES (2, 2)"]


def generated_columns(rng, n):
    t = f"{DDL}.made_{n}"
    return [f"CREATE TABLE {t} (id int PRIMARY KEY, a int, b int AS (a + 1) VIRTUAL)", f"INSERT INTO {t} (id, a) VALUES (1, 2), (2, NULL)",
            f"ALTER TABLE {t} ADD c varchar(20) AS (concat(a, 'x')) VIRTUAL", f"UPDATE {t} SET a = 7 WHERE id = 1", f"ALTER TABLE {t} ADD KEY kb (b)", f"INSERT INTO {t} (id, a) VALUES (3, 9)",
            f"ALTER TABLE {t} DROP COLUMN c", f"DELETE FROM {t} WHERE id = 2"]


def primary_keys(rng, n):
    t = f"{DDL}.keyed_{n}"
    return [f"CREATE TABLE {t} (id int NOT NULL, v int NOT NULL)", f"INSERT INTO {t} VALUES (1, 1), (2, 2)", f"ALTER TABLE {t} ADD PRIMARY KEY (id)", f"UPDATE {t} SET v = 3 WHERE id = 1",
            f"ALTER TABLE {t} DROP PRIMARY KEY, ADD PRIMARY KEY (id, v)", f"INSERT INTO {t} VALUES (1, 9)", f"ALTER TABLE {t} DROP PRIMARY KEY", f"INSERT INTO {t} VALUES (1, 9)"]


def foreign_keys(rng, n):
    p, c = f"{DDL}.p_{n}", f"{DDL}.c_{n}"
    return [f"CREATE TABLE {p} (id int PRIMARY KEY)", f"CREATE TABLE {c} (id int PRIMARY KEY, p int)", f"INSERT INTO {p} VALUES (1), (2)", f"INSERT INTO {c} VALUES (1, 1)",
            f"ALTER TABLE {c} ADD CONSTRAINT fk_{n} FOREIGN KEY (p) REFERENCES {p} (id)", f"INSERT INTO {c} VALUES (2, 2)", f"ALTER TABLE {c} DROP FOREIGN KEY fk_{n}", f"DELETE FROM {p} WHERE id = 1"]


def charset_changes(rng, n):
    t = f"{DDL}.charset_{n}"
    return [f"CREATE TABLE {t} (id int PRIMARY KEY, v varchar(20), w text) DEFAULT CHARSET latin1", f"INSERT INTO {t} VALUES (1, 'äö', 'ü')",
            f"ALTER TABLE {t} CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", f"INSERT INTO {t} VALUES (2, '中', '中')",
            f"ALTER TABLE {t} DEFAULT CHARACTER SET latin1", f"ALTER TABLE {t} ADD x varchar(10)", f"INSERT INTO {t} VALUES (3, 'v', 'w', 'é')"]
