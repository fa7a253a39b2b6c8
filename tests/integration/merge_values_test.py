"""DDL of one merged table and the values of the others; what the target has "already". Never a value changed in silence."""

import re

import pytest

from support import zoo
from support.dmlib import EXIT_CHECK, EXIT_OK, EXIT_TASK, Job, assert_error

PAIRS = [("mariadb-10.11", "mariadb-10.11"), ("mysql-8.0", "mysql-8.0"), ("mysql-8.0", "tidb")]
LENIENT, STRICT = "SET sql_mode=''", "SET sql_mode='STRICT_TRANS_TABLES'"


def rows(server, query):
    return sorted(tuple(map(str, r)) for r in server.query(query))


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


class Lab:
    """Many small tasks on one pair of servers: each has its schema, and a target's table `all_N`.t."""

    def __init__(self, source, target, folder):
        self.source, self.target, self.folder, self.number = source, target, folder, 0

    def job(self, *tables, merged=True, **keys):
        """Tables as (statement's body, rows); a full copy is made."""
        self.number += 1
        self.db, self.all = f"it_{self.number}", f"all_{self.number}"
        zoo.run_all(self.source, [f"CREATE DATABASE {self.db} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"])
        for n, (columns, values) in enumerate(tables, 1):
            zoo.run_all(self.source, ["SET NAMES utf8mb4", LENIENT, f"CREATE TABLE t_{n} ({columns})", *([f"INSERT INTO t_{n} VALUES {values}"] if values else [])], self.db)
        routes = {"tables": {"schema-pattern": self.db, "table-pattern": "t_*", "target-schema": self.all, "target-table": "t"}, "schemas": {"schema-pattern": self.db, "target-schema": self.all}}
        self.target_table = f"{self.all}.t" if merged else f"{self.db}.t_1"
        instance = ({"route-rules": ["tables", "schemas"]} if merged else {}) | ({"filter-rules": list(keys["filters"])} if "filters" in keys else {})
        job = Job(self.folder / str(self.number), self.source, self.target, name=f"it{self.number}", schemas=(self.db,), instance=instance, **({"routes": routes} if merged else {}), **keys)
        job.run_ok()
        return job

    def has(self, what, where=""):
        return rows(self.target, f"SELECT {what} FROM {self.target_table} {where}")

    def shape(self):
        return self.target.query(f"SHOW CREATE TABLE {self.target_table}")[0][1]

    def refused(self, job, *told, table=2):
        """Stops, twice; nothing of the target has changed."""
        before, shape = self.has("*"), self.shape()
        for _ in range(2):
            outcome = job.run()
            assert outcome.code == EXIT_TASK, f"{told}: {outcome}"
            assert_error(outcome.error, "sync-ddl-refused", task=job.name, table=(self.db, f"t_{table}"), position=True)
            for text in told:
                assert text in outcome.error["message"], outcome.error
            assert (self.has("*"), self.shape()) == (before, shape), str(outcome)
            assert rows(self.target, f"SHOW TABLES FROM {self.target_table.split('.')[0]}") == [(self.target_table.split(".")[1],)]
        return outcome


def leave_out(job, events, tables="t_*"):
    job.task_config["filters"] = {"no": {"schema-pattern": "it_*", "table-pattern": tables, "events": events, "action": "Ignore"}}
    job.task_config["mysql-instances"][0]["filter-rules"] = ["no"]


@pytest.fixture
def lab(servers, tmp_path):
    return lambda source, target: Lab(servers(source), servers(target), tmp_path)


ID = "id int NOT NULL PRIMARY KEY"
# The columns of both tables, the second one's values, the first one's statement, its session, what the error says.
HARM = {
    "a name": ("v varchar(20)", "'aaaaa'", "CHANGE v w varchar(20)", STRICT, "rename column `v`"),
    "a name and one anew": ("v varchar(20)", "'aaaaa'", "CHANGE v w varchar(20), ADD COLUMN v varchar(20) DEFAULT 'z'", STRICT, "rename column `v`"),
    "the name of another": ("v varchar(20), w varchar(20)", "'aaaaa', 'b'", "DROP COLUMN w, CHANGE v w varchar(20)", STRICT, "column `v`"),
    "a shorter text": ("v varchar(20)", "'aaaaa'", "MODIFY v varchar(3)", LENIENT, "varchar(20)"),
    "blanks of a longer text": ("v varchar(20)", "'aa   '", "MODIFY v varchar(3)", STRICT, "change values"),
    "blanks of a CHAR": ("v varchar(20)", "'aa '", "MODIFY v char(20)", STRICT, "change values"),
    "a number": ("v varchar(20)", "'1.6'", "MODIFY v int", STRICT, "change values"),
    "a date": ("v varchar(20)", "'aaaaa'", "MODIFY v date", LENIENT, "change values"),
    "members": ("v varchar(20)", "'aaaaa'", "MODIFY v enum('b','c')", LENIENT, "change values"),
    "a charset": ("v varchar(20)", "'日本'", "MODIFY v varchar(20) CHARACTER SET latin1", LENIENT, "change values"),
    "the table's charset": ("v varchar(20)", "'日本'", "CONVERT TO CHARACTER SET latin1", LENIENT, "change values"),
    "no NULL": ("v varchar(20)", "NULL", "MODIFY v varchar(20) NOT NULL", LENIENT, "NOT NULL, without strict mode"),
    "no NULL in a number": ("v int", "NULL", "MODIFY v int NOT NULL DEFAULT 5", LENIENT, "NOT NULL"),
    "no NULL in a TIMESTAMP": ("v timestamp NULL", "NULL", "MODIFY v timestamp NOT NULL DEFAULT '2024-01-01 00:00:00'", STRICT, "NOT NULL"),
    "a sign": ("v int", "-5", "MODIFY v int unsigned", LENIENT, "unsigned"),
    "a small number": ("v int", "500", "MODIFY v tinyint", LENIENT, "without strict mode"),
    "digits": ("v decimal(10,2)", "1.25", "MODIFY v decimal(10,1)", STRICT, "decimal(10,1)"),
    "parts of a second": ("v datetime(3)", "'2024-01-01 10:00:00.7'", "MODIFY v datetime", STRICT, "change values"),
    "a day": ("v datetime", "'2024-01-01 10:00:00'", "MODIFY v date", STRICT, "change values"),
    "a FLOAT": ("v float", "0.1", "MODIFY v double", STRICT, "float"),
    "the order of a SET": ("v set('a','b')", "'a,b'", "MODIFY v set('b','a')", STRICT, "set('b','a')"),
    "another member": ("v enum('a','b')", "'a'", "MODIFY v enum('A','b')", STRICT, "enum('A','b')"),
    "blanks to fill up": ("v binary(3)", "'a'", "MODIFY v binary(5)", STRICT, "binary(5)"),
    "an expression": ("v varchar(20)", "'aaaaa'", "MODIFY v varchar(20) AS ('q') STORED", STRICT, "AS ("),
    "a generated one": ("v int", "5", "DROP COLUMN v, ADD COLUMN v int AS (id) VIRTUAL", STRICT, "column `v`"),
}


@pytest.mark.parametrize("source, target", PAIRS)
def test_values_of_the_others_stay(lab, source, target):
    """The way out that is named leaves exactly this statement out."""
    here = lab(source, target)
    for name, (columns, values, change, mode, told) in HARM.items():
        if target == "tidb" and "latin1" in change:    # which it lacks: the column stays as it is
            continue
        job = here.job((f"{ID}, {columns}", None), (f"{ID}, {columns}", f"(201, {values})"))
        was = here.has("id, v")
        zoo.run_all(here.source, [mode, f"ALTER TABLE t_1 {change}", "INSERT INTO t_1 (id) VALUES (101)" if "NOT NULL" not in change else "INSERT INTO t_2 (id) VALUES (102)"], here.db)
        outcome = here.refused(job, told)
        events = re.search(r"events: \[(.*?)\]", outcome.error["workaround"]).group(1).split(", ")
        leave_out(job, events)
        outcome = job.run()
        assert "sync-ddl-refused" not in str(outcome.error), f"{name}: {outcome}"
        assert set(was) <= set(here.has("id, v")), f"{name}: {here.has('*')}"
        if outcome.code == EXIT_OK:
            assert {r[0] for r in here.has("id")} == {"201", "101" if "NOT NULL" not in change else "102"}, name


@pytest.mark.parametrize("source, target", PAIRS)
def test_a_name_and_then_the_column(lab, source, target):
    """What a rename moved away cannot be dropped, or taken for another table's new column."""
    here = lab(source, target)
    two = ((f"{ID}, v varchar(20)", "(101, 'a')"), (f"{ID}, v varchar(20)", "(201, 'b')"))
    for more in ("ALTER TABLE t_1 DROP COLUMN w", "ALTER TABLE t_2 ADD COLUMN w varchar(20)", "UPDATE t_2 SET v = 'new'"):
        job = here.job(*two)
        zoo.run_all(here.source, ["ALTER TABLE t_1 CHANGE v w varchar(20)", more], here.db)
        here.refused(job, "rename column `v`")


@pytest.mark.parametrize("source, target", PAIRS)
def test_the_way_out_of_a_name(lab, source, target):
    here = lab(source, target)
    job = here.job((f"{ID}, v varchar(20)", "(101, 'a')"), (f"{ID}, v varchar(20)", "(201, 'b')"))
    zoo.run_all(here.source, ["UPDATE t_2 SET v = 'b2'", "ALTER TABLE t_1 CHANGE v w varchar(20)", "ALTER TABLE t_2 CHANGE v w varchar(20)", "UPDATE t_1 SET w = 'a2'", "INSERT INTO t_2 VALUES (202, 'c')"], here.db)
    outcome = here.refused(job, "rename column `v`") if job.run().code else None
    assert "rename the column on the target" in outcome.error["workaround"], outcome.error
    leave_out(job, ["rename column"])
    assert job.run().code == EXIT_TASK
    here.target.query(f"ALTER TABLE {here.target_table} CHANGE v w varchar(20)")
    job.run_ok()
    assert here.has("id, w") == [("101", "a2"), ("201", "b2"), ("202", "c")]


# The columns of both tables, their values, the first one's statement: it runs.
FINE = {
    "wider numbers": ("v int", "5", "MODIFY v bigint"), "digits": ("v decimal(9,1)", "1.5", "MODIFY v decimal(12,3)"), "a number with digits": ("v smallint", "-7", "MODIFY v decimal(8,2)"),
    "longer texts": ("v varchar(9)", "'a  '", "MODIFY v varchar(20)"), "a TEXT": ("v varchar(9)", "'a  '", "MODIFY v text"), "a charset": ("v varchar(9) CHARACTER SET latin1", "'é'", "MODIFY v varchar(9) CHARACTER SET utf8mb4"),
    "no CHAR": ("v char(9)", "'a'", "MODIFY v varchar(9)"), "a collation": ("v varchar(9)", "'a'", "MODIFY v varchar(9) COLLATE utf8mb4_bin"), "members": ("v enum('a','c')", "'c'", "MODIFY v enum('c','b','a')"),
    "more of a SET": ("v set('a','c')", "'a,c'", "MODIFY v set('a','b','c')"), "a time of day": ("v date", "'2024-01-02'", "MODIFY v datetime(2)"), "bytes": ("v varbinary(9)", "'a'", "MODIFY v blob"), "bits": ("v bit(4)", "b'101'", "MODIFY v bit(9)"),
    "a default": ("v int", "5", "ALTER v SET DEFAULT 7"), "a comment": ("v int", "5", "MODIFY v int COMMENT 'x'"), "an index": ("v int", "5", "ADD INDEX k (v)"), "a place": ("v int, w int", "5, 6", "MODIFY w int AFTER id"),
    "no NULL in strict mode": ("v int", "5", "MODIFY v int NOT NULL"), "smaller in strict mode": ("v int", "5", "MODIFY v tinyint"), "less bytes": ("v varbinary(9)", "'ab'", "MODIFY v varbinary(4)"), "NULL": ("v int NOT NULL", "5", "MODIFY v int NULL"),
    "a charset in strict mode": ("v varchar(9)", "'é'", "MODIFY v varchar(9) CHARACTER SET latin1"),
}


@pytest.mark.parametrize("source, target", PAIRS)
def test_what_keeps_values_goes_on(lab, source, target):
    here = lab(source, target)
    for number, (columns, values, change) in enumerate(FINE.values()):
        job = here.job((f"{ID}, {columns}", f"(101, {values})"), (f"{ID}, {columns}", f"(201, {values})"))
        zoo.run_all(here.source, [STRICT, f"ALTER TABLE t_1 {change}"], here.db)
        job.run_ok()
        zoo.run_all(here.source, [STRICT, "UPDATE t_2 SET id = 202", f"ALTER TABLE t_2 {change}", "UPDATE t_1 SET id = 102"], here.db)
        job.run_ok()
        what = "id, v, CHAR_LENGTH(v)" if "latin1" in columns + change else "id, HEX(v)"
        assert here.has(what) == rows(here.source, f"SELECT {what} FROM {here.db}.t_1 UNION ALL SELECT {what} FROM {here.db}.t_2"), (number, change)


@pytest.mark.parametrize("source, target", PAIRS)
def test_the_target_itself_refuses_in_strict_mode(lab, source, target):
    here = lab(source, target)
    for columns, values, change in (("v int", "NULL", "MODIFY v int NOT NULL"), ("v int", "500", "MODIFY v tinyint"), ("v int", "-5", "MODIFY v int unsigned"), ("v varbinary(9)", "'abcde'", "MODIFY v varbinary(4)"), ("v varchar(9)", "'日'", "MODIFY v varchar(9) CHARACTER SET ascii"),
                                    ("v int NOT NULL", "7", "DROP PRIMARY KEY, ADD PRIMARY KEY (v)")):
        job = here.job((f"{ID}, {columns}", None), (f"{ID}, {columns}", f"(201, {values}), (202, {values})"))
        zoo.run_all(here.source, [STRICT, f"ALTER TABLE t_1 {change}"], here.db)
        here.refused(job, "the target refused", table=1)


@pytest.mark.parametrize("source, target", PAIRS)
def test_another_table_is_wider(lab, source, target):
    """A statement that leaves its own column as wide as it is makes the target's narrower, which has room for another table."""
    here = lab(source, target)
    job = here.job((f"{ID}, v varchar(20)", None), (f"{ID}, v varchar(20)", None), (f"{ID}, v varchar(20)", None))
    zoo.run_all(here.source, ["ALTER TABLE t_2 MODIFY v varchar(50)", "INSERT INTO t_2 VALUES (201, REPEAT('x', 40))"], here.db)
    job.run_ok()
    zoo.run_all(here.source, [LENIENT, "ALTER TABLE t_1 MODIFY v varchar(20) COMMENT 'z'"], here.db)
    here.refused(job, "varchar(50)")


DROPPED = {"no": {"schema-pattern": "it_*", "table-pattern": "*", "events": ["drop column"], "action": "Ignore"}}


@pytest.mark.parametrize("source, target", PAIRS)
def test_a_column_that_was_left_on_the_target(lab, source, target):
    here = lab(source, target)
    for first, again in (("v varchar(20)", "v varchar(20)"), ("v varchar(20) NOT NULL DEFAULT 'x'", "v varchar(20) NOT NULL DEFAULT 'x'"), ("v int NOT NULL", "v int NOT NULL"), ("v varchar(20) NOT NULL DEFAULT '8'", "v varchar(20) NOT NULL DEFAULT '8'")):
        job = here.job((f"{ID}, {first}", "(1, '8'), (2, '9')"), merged=False, filters=DROPPED)
        zoo.run_all(here.source, ["ALTER TABLE t_1 DROP COLUMN v", f"ALTER TABLE t_1 ADD COLUMN {again}"], here.db)
        here.refused(job, "not all of its rows have the value", table=1)
        values = rows(here.source, f"SELECT id, v FROM {here.db}.t_1")
        for key, value in values:
            here.target.query(f"UPDATE {here.target_table} SET v = " + ("NULL" if value == "None" else f"'{value}'") + f" WHERE id = {key}")
        outcome = job.run_ok()
        assert here.has("id, v") == values and outcome.status[-1]["ddl_already_there"] == 1


@pytest.mark.parametrize("source, target", PAIRS)
def test_a_column_that_was_left_in_a_merged_table(lab, source, target):
    """The others' rows may have any values; this table's rows have theirs of before."""
    here = lab(source, target)
    job = here.job((f"{ID}, v varchar(20)", "(101, 'a')"), (f"{ID}, v varchar(20)", "(201, 'b')"), filters=DROPPED)
    zoo.run_all(here.source, ["ALTER TABLE t_2 DROP COLUMN v", "ALTER TABLE t_2 ADD COLUMN v varchar(20)"], here.db)
    outcome = job.run()
    assert outcome.code == EXIT_TASK, str(outcome)
    assert_error(outcome.error, "sync-ddl-refused", task=job.name, table=(here.db, "t_2"), position=True)
    # Another one that was never left out: as the first one has it.
    job = here.job((f"{ID}", "(101)"), (f"{ID}", "(201)"))
    zoo.run_all(here.source, ["ALTER TABLE t_1 ADD COLUMN c int DEFAULT 7", "UPDATE t_1 SET c = 8", "ALTER TABLE t_2 ADD COLUMN c int DEFAULT 7"], here.db)
    job.run_ok()
    assert here.has("id, c") == [("101", "8"), ("201", "7")]


@pytest.mark.parametrize("source, target", PAIRS)
def test_a_column_that_was_left_is_known_to_later_runs(lab, source, target):
    here = lab(source, target)
    left = "ALTER TABLE t_2 DROP COLUMN v"
    # The statement that was left out, what other runs replicate behind it, the one that must not take the old values for its own.
    for between, again, table in (([], "ALTER TABLE {} ADD COLUMN v varchar(20)", "t_2"), (["INSERT INTO t_2 VALUES (202, 1)"], "ALTER TABLE {} ADD COLUMN V varchar(20)", "t_2"),
                                  (["ALTER TABLE t_2 ADD COLUMN more int"], "ALTER TABLE {} ADD COLUMN v varchar(20)", "t_2"), (["RENAME TABLE t_2 TO t_`3"], "ALTER TABLE {} ADD COLUMN v varchar(20)", "t_`3"),
                                  (["RENAME TABLE t_2 TO t_x, t_1 TO t_2, t_x TO t_1"], "ALTER TABLE {} ADD COLUMN v varchar(20)", "t_1")):
        between = [s.replace("t_`3", "`t_``3`") for s in between]
        job = here.job((f"{ID}, v varchar(20), x int", "(101, 'a', 1)"), (f"{ID}, v varchar(20), x int", "(201, 'b', 1)"), filters=DROPPED)
        for statement in (left, *between, None):
            if statement:
                zoo.run_all(here.source, [statement], here.db)
            job.run_ok()
        zoo.run_all(here.source, [again.format(quoted(table))], here.db)
        for _ in range(2):
            outcome = job.run()
            assert outcome.code == EXIT_TASK, f"{between}: {outcome}"
            assert_error(outcome.error, "sync-ddl-refused", task=job.name, table=(here.db, table), position=True)
            assert "not all of its rows" in outcome.error["message"], outcome.error
        # As a person would have it: the rows of that table lose the values that they lost on the source.
        zoo.run_all(here.target, [f"UPDATE {here.target_table} SET v = NULL"])
        job.run_ok()
        assert ("201", "None") in here.has("id, v")


def test_a_checkpoint_that_does_not_know_of_columns_that_were_left(lab):
    """Of a version before: it goes on, and stores them from here on."""
    here = lab("mysql-8.0", "mysql-8.0")
    job = here.job((f"{ID}, v varchar(20), x int", "(101, 'a', 1)"), (f"{ID}, v varchar(20), x int", "(201, 'b', 1)"), filters=DROPPED)
    zoo.run_all(here.target, [f"ALTER TABLE dm_meta.{job.name}_dmlib_progress DROP COLUMN left_columns"])
    zoo.run_all(here.source, ["ALTER TABLE t_2 DROP COLUMN v"], here.db)
    job.run_ok()
    zoo.run_all(here.source, ["ALTER TABLE t_2 ADD COLUMN v varchar(20)"], here.db)
    outcome = job.run()
    assert outcome.code == EXIT_TASK and outcome.error["name"] == "sync-ddl-refused", str(outcome)
    zoo.run_all(here.target, [f"UPDATE dm_meta.{job.name}_dmlib_progress SET left_columns = 'what is this'"])
    outcome = job.run()
    assert outcome.code == EXIT_CHECK and outcome.error["name"] == "checkpoint-read" and "columns" in outcome.error["message"], str(outcome)


# Columns with values that their rows have at once, and another value.
ADDED = {
    "int": "5", "int NOT NULL": "5", "int NOT NULL DEFAULT 7": "0", "decimal(6,2) DEFAULT 1.5": "1.51", "float NOT NULL DEFAULT 0.1": "0.2", "double NOT NULL": "1", "bit(4) NOT NULL": "b'1'", "bit(4) DEFAULT b'101'": "b'1'",
    "varchar(9) DEFAULT 'x'": "'X'", "varchar(9) NOT NULL": "' '", "char(9) NOT NULL DEFAULT 'é'": "'e'", "text": "''", "text NOT NULL": "'a'", "varbinary(4) NOT NULL": "0x00", "binary(3) NOT NULL": "'a'", "binary(3) DEFAULT 'a'": "'b'",
    "enum('a','b') NOT NULL": "'b'", "enum('a','b') DEFAULT 'b'": "'a'", "set('a','b') NOT NULL": "'a'", "set('a','b') DEFAULT 'a,b'": "'b'", "date DEFAULT '2024-01-02'": "'2024-01-03'", "datetime(2) NOT NULL DEFAULT '2024-01-02 03:04:05.25'": "'2024-01-02 03:04:05.26'",
    "time DEFAULT '10:00:00'": "'10:00:01'", "time NOT NULL": "'10:00:01'", "year NOT NULL": "2000", "year DEFAULT 2020": "2021", "json": "'{}'",
}


@pytest.mark.parametrize("source, target", PAIRS)
def test_rows_that_have_the_default_or_not(lab, source, target):
    """Somebody made the column by hand: it is taken where each row has what the source's rows have."""
    here = lab(source, target)
    for definition, other in ADDED.items():
        job = here.job((ID, "(1), (2)"), merged=False)
        zoo.run_all(here.source, [f"ALTER TABLE t_1 ADD COLUMN c {definition}"], here.db)
        zoo.run_all(here.target, [f"ALTER TABLE {here.target_table} ADD COLUMN c {definition}", f"UPDATE {here.target_table} SET c = {other} WHERE id = 2"])
        here.refused(job, "not all of its rows", table=1)
        zoo.run_all(here.target, [f"ALTER TABLE {here.target_table} DROP COLUMN c"])
        zoo.run_all(here.target, [f"ALTER TABLE {here.target_table} ADD COLUMN c {definition}"])
        job.run_ok()
        assert here.has("id, HEX(c)") == rows(here.source, f"SELECT id, HEX(c) FROM {here.db}.t_1"), definition


# What the first one makes, what the second one makes under the same name; servers that have it.
OTHERWISE = {
    "a direction": ("ADD INDEX k (v)", "ADD INDEX k (v DESC)", "DESC", ("mariadb-10.11", "mysql-8.0")), "a hidden key": ("ADD INDEX k (v)", "ADD INDEX k (v) INVISIBLE", "INVISIBLE", ("mysql-8.0", "tidb")), "a key of words": ("ADD INDEX k (v)", "ADD FULLTEXT INDEX k (v)", "FULLTEXT", ("mariadb-10.11", "mysql-8.0")),
    "a prefix": ("ADD INDEX k (v(5))", "ADD INDEX k (v(6))", "(6)", ("mariadb-10.11", "mysql-8.0", "tidb")), "a hidden column": ("ADD COLUMN c int", "ADD COLUMN c int INVISIBLE", "INVISIBLE", ("mariadb-10.11", "mysql-8.0")),
    "a column's check": ("ADD COLUMN c int", "ADD COLUMN c int CHECK (c > 5)", "CHECK", ("mariadb-10.11",)), "an expression": ("ADD COLUMN c int AS ((id + 1) * 2) VIRTUAL", "ADD COLUMN c int AS (id + 1 * 2) VIRTUAL", "column `c`", ("mariadb-10.11", "mysql-8.0", "tidb")),
    "a text in it": ("ADD COLUMN c varchar(9) AS (CONCAT('a', id)) VIRTUAL", "ADD COLUMN c varchar(9) AS (CONCAT('A', id)) VIRTUAL", "column `c`", ("mariadb-10.11", "mysql-8.0", "tidb")), "zeros": ("ADD COLUMN c int", "ADD COLUMN c int zerofill", "zerofill", ("mariadb-10.11", "mysql-8.0")),
    "a check": ("ADD CONSTRAINT k CHECK (id > 0)", "ADD CONSTRAINT k CHECK (id > 0 AND id < 900)", "900", ("mariadb-10.11",)), "a storing one": ("ADD COLUMN c int AS (id) VIRTUAL", "ADD COLUMN c int AS (id) STORED", "STORED", ("mariadb-10.11", "mysql-8.0")),
}


@pytest.mark.parametrize("source, target", PAIRS)
def test_all_that_a_definition_says_is_compared(lab, source, target):
    here = lab(source, target)
    for name, (first, second, told, have) in OTHERWISE.items():
        if target not in have:
            continue
        job = here.job((f"{ID}, v varchar(20)", "(101, 'a')"), (f"{ID}, v varchar(20)", "(201, 'b')"))
        zoo.run_all(here.source, [f"ALTER TABLE t_1 {first}"], here.db)
        job.run_ok()
        zoo.run_all(here.source, [f"ALTER TABLE t_2 {second}"], here.db)
        here.refused(job, told, table=1 if told == "column `c`" else 2)    # known without the target
        # The same in both is the same.
        job = here.job((f"{ID}, v varchar(20)", "(101, 'a')"), (f"{ID}, v varchar(20)", "(201, 'b')"))
        zoo.run_all(here.source, [f"ALTER TABLE {t} {second}" for t in ("t_1", "t_2")], here.db)
        outcome = job.run_ok()
        assert outcome.status[-1]["ddl_already_there"] == 1, f"{name}: {outcome}"
