"""Changes the databases of zoo.py from several sessions until it is told to stop: a process of its own.

    python3 writer.py CONFIG.json        port, kind, have, seed, stop (a file), threads, ddl, pause, ddl_pause; prints the counts as JSON
"""

import contextlib
import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pymysql  # noqa: E402

from support import ddl_story  # noqa: E402
from support.values import MODE, quoted, random_row, typed_tables  # noqa: E402
from support.zoo import MAIN, ODD, ODD_NAMES, WORDS_START, table_made  # noqa: E402

# Sessions that work against each other meet these; the transaction is rolled back, and the next one comes.
EXPECTED = {
    1062, 1586, 1213, 1205, 1020,       # duplicate key, deadlock, lock wait, changed since last read
    1146, 1054, 1051, 1050, 1091, 1060, 1061, 1176, 1049, 1007, 1008, 1136, 1072, 1412,     # a DDL of another session came between
    1451, 1452, 1216, 1217,             # foreign keys
    4025, 3819, 3854, 1366, 1267,       # CHECK, characters that the column or the comparison does not know
}
GONE = {2003, 2006, 2013, 2055, 1053, 1927, 1077, 1080, 0}


class Session:
    """One connection that comes back when the server was away."""

    def __init__(self, options, stop):
        self.options, self.stop, self.connection = options, stop, None

    def cursor(self):
        while self.connection is None:
            try:
                self.connection = pymysql.connect(**self.options, charset="utf8mb4", autocommit=False, connect_timeout=5,
                                                  init_command=MODE)
            except pymysql.MySQLError:
                if self.stop.is_set():
                    raise
                time.sleep(0.1)
        return self.connection.cursor()

    def drop(self):
        with contextlib.suppress(Exception):
            self.connection.close()
        self.connection = None


class Story:
    """One thread: a transaction after the other, each chosen by chance."""

    def __init__(self, config, number, counts, stop, failed):
        self.rng = random.Random(config["seed"] * 1000 + number)
        self.session = Session({"host": "127.0.0.1", "port": config["port"], "user": "root", "password": ""}, stop)
        self.config, self.number, self.counts, self.stop, self.failed = config, number, counts, stop, failed
        self.have = set(config["have"])
        self.next_id = (number + 1) * 10_000_000
        self.typed = typed_tables_of(config)
        self.steps = [getattr(self, n) for n in dir(type(self)) if n.startswith("do_")]

    def new_id(self):
        self.next_id += 1
        return self.next_id

    def finished(self):
        return self.stop.is_set()

    def choose(self):
        return self.rng.choice(self.steps)

    def run(self):
        while not self.finished():
            step = self.choose()
            try:
                cursor = self.session.cursor()
                cursor.execute(f"USE {MAIN}")
                step(cursor)
                self.session.connection.commit()
                self.counts[step.__name__] += 1
            except (pymysql.MySQLError, OSError) as e:
                self.after(e, step)
            if self.config.get("pause"):
                time.sleep(self.config["pause"])
        self.session.drop()

    def after(self, e, step):
        code = e.args[0] if e.args and isinstance(e.args[0], int) else 0
        if isinstance(e, OSError) or code in GONE:
            self.session.drop()
            self.counts["lost connections"] += 1
        elif code in EXPECTED:
            self.counts[f"error {code}"] += 1
            with contextlib.suppress(pymysql.MySQLError, OSError):
                self.session.connection.rollback()
        else:
            raise AssertionError(f"{step.__name__}: {e}")

    def some(self, cursor, table, column, count=1):
        """Values of a key column that are there now, most probably."""
        cursor.execute(f"SELECT {column} FROM {table} WHERE {column} >= (SELECT {column} FROM {table} ORDER BY {column} "
                       f"LIMIT 1 OFFSET {self.rng.randrange(300)}) ORDER BY {column} LIMIT {count}")
        return [r[0] for r in cursor.fetchall()]

    # ---- one transaction each ----

    def do_account_inserts(self, c):
        rows = [(f"new {self.rng.randrange(1000)}", self.rng.randrange(10**6) / 100, None) for _ in range(self.rng.randrange(1, 30))]
        c.execute("INSERT INTO accounts (owner, balance, note) VALUES " + ", ".join(["(%s, %s, %s)"] * len(rows)), [v for r in rows for v in r])

    def do_account_updates(self, c):
        for n in self.some(c, "accounts", "id", 5):
            c.execute("UPDATE accounts SET balance = balance + %s, note = %s WHERE id = %s", (self.rng.randrange(-500, 500), "ü" * self.rng.randrange(50), n))

    def do_account_move(self, c):
        """Two rows of one table, in one transaction, and one of another table."""
        both = self.some(c, "accounts", "id", 2)
        for n, sign in zip(both, (1, -1)):
            c.execute("UPDATE accounts SET balance = balance + %s WHERE id = %s", (sign * 10, n))
        c.execute("INSERT INTO no_key VALUES (%s, 'moved', 1.25)", (self.rng.randrange(50),))

    def do_account_many(self, c):
        c.execute("UPDATE accounts SET balance = balance + 1 WHERE owner LIKE %s LIMIT 100", (f"owner {self.rng.randrange(10)}%",))

    def do_account_delete(self, c):
        c.execute("DELETE FROM accounts WHERE owner LIKE 'new%%' ORDER BY id LIMIT %s", (self.rng.randrange(1, 30),))

    def do_account_new_key(self, c):
        for n in self.some(c, "accounts", "id", 2):
            c.execute("UPDATE accounts SET id = %s WHERE id = %s", (self.new_id(), n))

    def do_key_chain(self, c):
        """A key is freed and taken again within one transaction."""
        found = self.some(c, "accounts", "id", 1)
        if found:
            c.execute("DELETE FROM accounts WHERE id = %s", (found[0],))
            c.execute("INSERT INTO accounts (id, owner) VALUES (%s, 'reborn')", (found[0],))
            c.execute("UPDATE accounts SET owner = 'twice' WHERE id = %s", (found[0],))

    def do_no_key(self, c):
        what = self.rng.randrange(4)
        if what <= 1:
            same = self.rng.randrange(10)
            c.execute("INSERT INTO no_key VALUES " + ", ".join([f"({same}, 'twin', 0.5)"] * self.rng.randrange(1, 5)))
        elif what == 2:
            c.execute("DELETE FROM no_key WHERE a = %s LIMIT %s", (self.rng.randrange(50), self.rng.randrange(1, 4)))
        else:
            c.execute("UPDATE no_key SET c = c + 1, b = 'changed' WHERE a = %s LIMIT %s", (self.rng.randrange(50), self.rng.randrange(1, 4)))

    def do_no_key_nulls(self, c):
        c.execute(self.rng.choice(["INSERT INTO no_key_nulls VALUES (NULL, 1, 'same'), (NULL, 1, 'same'), (NULL, NULL, NULL)",
                                   "DELETE FROM no_key_nulls WHERE a IS NULL LIMIT 2", "UPDATE no_key_nulls SET c = 'other' WHERE a IS NULL LIMIT 1",
                                   "UPDATE no_key_nulls SET a = NULL WHERE a > 0 LIMIT 1", f"INSERT INTO no_key_nulls VALUES ({self.new_id()}, 1, 'x')"]))

    def do_composite(self, c):
        n = self.rng.randrange(3000)
        c.execute(self.rng.choice(["UPDATE composite SET n = n + 100000 WHERE n = %s", "DELETE FROM composite WHERE n = %s",
                                   "UPDATE composite SET v = 'changed', day = '2025-01-01' WHERE n = %s",
                                   "REPLACE INTO composite VALUES ('r1', %s, '2024-02-02', 'replaced')"]), (n,))

    def do_swap_by_temp(self, c):
        """The unique values of two rows change places, by way of a value that nobody has."""
        rows = self.some(c, "several", "id", self.rng.randrange(2, 20))
        if len(rows) > 1:
            x, y = rows[0], rows[-1]
            c.execute("SELECT id, a, b, c FROM several WHERE id IN (%s, %s) FOR UPDATE", (x, y))
            old = {r[0]: r[1:] for r in c.fetchall()}
            if len(old) == 2:
                c.execute("UPDATE several SET a = %s, b = %s, c = NULL WHERE id = %s", (-self.new_id(), f"tmp{self.new_id()}", x))
                c.execute("UPDATE several SET a = %s, b = %s, c = %s WHERE id = %s", (*old[x], y))
                c.execute("UPDATE several SET a = %s, b = %s, c = %s WHERE id = %s", (*old[y], x))

    def do_swap_by_case(self, c):
        """By one statement, which leaves the values free first."""
        rows = self.some(c, "several", "id", 2)
        if len(rows) == 2:
            c.execute("SELECT id, c FROM several WHERE id IN (%s, %s) FOR UPDATE", tuple(rows))
            old = dict(c.fetchall())
            c.execute("UPDATE several SET c = NULL WHERE id IN (%s, %s)", tuple(rows))
            c.execute("UPDATE several SET c = CASE id WHEN %s THEN %s WHEN %s THEN %s END WHERE id IN (%s, %s)",
                      (rows[0], old.get(rows[1]), rows[1], old.get(rows[0]), *rows))

    def do_shift(self, c):
        """Every row takes the value that its neighbour had a moment ago, within one statement."""
        n = self.rng.randrange(1000000, 1001000)
        if self.rng.random() < 0.5:
            c.execute("UPDATE several SET a = a + 1 WHERE a BETWEEN %s AND %s ORDER BY a DESC", (n, n + 8))
        else:
            c.execute("UPDATE several SET a = a - 1 WHERE a BETWEEN %s AND %s ORDER BY a", (n, n + 8))

    def do_several_new(self, c):
        n = self.new_id()
        c.execute(self.rng.choice(["INSERT INTO several VALUES (%s, %s, %s, %s, 5)", "REPLACE INTO several VALUES (%s, %s, %s, %s, 6)",
                                   "INSERT INTO several VALUES (%s, %s, %s, %s, 7) ON DUPLICATE KEY UPDATE d = d + 1",
                                   "INSERT IGNORE INTO several VALUES (%s, %s, %s, %s, 8)"]),
                  (self.rng.choice([n, self.rng.randrange(1, 500)]), 1000000 + self.rng.randrange(1200), f"b{self.rng.randrange(1200):06}", n % 5000))

    def do_several_gone(self, c):
        c.execute("DELETE FROM several WHERE id = %s OR d = 5 LIMIT 3", (self.rng.randrange(1, 1000),))

    def do_unique_only(self, c):
        n = self.rng.randrange(600)
        c.execute(self.rng.choice(["UPDATE unique_only SET v = v + 1 WHERE code = CONCAT('code-', %s)", "DELETE FROM unique_only WHERE code = CONCAT('code-', %s)",
                                   "INSERT INTO unique_only VALUES (CONCAT('code-', %s), 0)", "UPDATE unique_only SET code = CONCAT(code, 'x') WHERE v = %s AND LENGTH(code) < 18"]), (n,))

    def do_words(self, c):
        """Spellings that are one key for the collation."""
        tables = ["words", "words_bin"] + [t for t in ("words_0900", "words_1400", "words_latin") if table_made(t, self.have)]
        table, word = self.rng.choice(tables), self.rng.choice(WORDS_START)
        spelled = self.rng.choice([word, word.upper(), word.capitalize(), word + " ", word.replace("e", "é"), word.replace("ß", "ss")])
        what = self.rng.randrange(5)
        if what == 0:
            c.execute(f"INSERT INTO {table} (w, n) VALUES (%s, %s)", (spelled, self.rng.randrange(100)))
        elif what == 1:
            c.execute(f"UPDATE {table} SET w = %s, n = n + 1 WHERE w = %s", (spelled, word))
        elif what == 2:
            c.execute(f"DELETE FROM {table} WHERE w = %s", (word,))
            c.execute(f"INSERT INTO {table} (w, n) VALUES (%s, 7)", (spelled,))
        elif what == 3:
            c.execute(f"REPLACE INTO {table} (w, n) VALUES (%s, 8)", (spelled,))
        else:
            c.execute("UPDATE words SET alt = %s WHERE w = %s", (self.rng.choice(["Alt A", "alt a", "ALT Á", None, f"alt {self.rng.randrange(20)}"]), word))

    def do_other_keys(self, c):
        n = self.rng.randrange(256)
        c.execute("REPLACE INTO bytes_key VALUES (%s, %s)", (bytes([n, 0, self.rng.randrange(3)]), n))
        c.execute("UPDATE bytes_key SET k = CONCAT(k, x'00') WHERE k = %s AND LENGTH(k) < 20", (bytes([n, 0, 255 - n]),))
        c.execute("UPDATE moments SET at = at + INTERVAL 1 MICROSECOND, n = n + 1 WHERE who = %s LIMIT 2", (f"w{n % 9}",))
        c.execute("REPLACE INTO latin_key VALUES (%s, %s)", (self.rng.choice("aAäÄéÿßñ"), n))
        c.execute("UPDATE latin SET t = REPEAT('ä', %s) WHERE id = %s", (n, n))

    def do_big_rows(self, c):
        n, chance = self.rng.randrange(6), self.rng.random()
        if chance > 0.15:           # each of them makes megabytes of binlog
            return
        if chance < 0.03:
            c.execute("REPLACE INTO big_rows VALUES (%s, REPEAT(%s, 1048576), REPEAT(x'00FF10', 349525))", (n, self.rng.choice("abc")))
        else:
            c.execute("UPDATE big_rows SET t = CONCAT('x', SUBSTRING(t, 2)) WHERE id = %s", (n,))

    def do_zero_auto(self, c):
        c.execute(self.rng.choice(["DELETE FROM zero_auto WHERE id = 0", "INSERT INTO zero_auto VALUES (0, 'zero')", "UPDATE zero_auto SET v = 'again' WHERE id = 0",
                                   "INSERT INTO zero_auto (v) VALUES ('next')", "UPDATE zero_auto SET id = 0 WHERE id = 1", "UPDATE zero_auto SET id = 1 WHERE id = 0"]))

    def do_family(self, c):
        n = self.new_id()
        c.execute("INSERT INTO parents VALUES (%s, 'new')", (n,))
        c.execute("INSERT INTO children VALUES (%s, %s, 1), (%s, %s, 2)", (n, n, self.new_id(), n))
        if self.rng.random() < 0.5:
            c.execute("DELETE FROM children WHERE parent = %s", (n,))
            c.execute("DELETE FROM parents WHERE id = %s", (n,))

    def do_partitions(self, c):
        n = self.rng.randrange(700)
        c.execute("UPDATE by_range SET y = %s WHERE id = %s", (self.rng.randrange(40), n))
        c.execute("REPLACE INTO by_hash VALUES (%s, %s)", (n, self.rng.randrange(1000)))
        c.execute("UPDATE by_hash SET id = id + 1000 WHERE id = %s", (self.rng.randrange(700),))

    def do_generated(self, c):
        if "generated" in self.have:
            c.execute("UPDATE computed SET a = %s, z = 'y' WHERE id = %s", (self.new_id(), self.rng.randrange(400)))
            c.execute("INSERT INTO computed (id, a) VALUES (%s, %s)", (self.new_id(), self.new_id()))

    def do_typed(self, c):
        name, columns = self.rng.choice(list(self.typed.items()))
        row = random_row(columns, self.rng)
        what = self.rng.randrange(4)
        if what == 0:
            c.execute(f"REPLACE INTO {name} VALUES ({self.rng.randrange(40)}, {', '.join(row)})".replace("%", "%%"), ())
        elif what == 1:
            (column, _, _), value = self.rng.choice(list(zip(columns, row)))
            c.execute(f"UPDATE {name} SET {quoted(column)} = {value} WHERE id = {self.rng.randrange(20)}".replace("%", "%%"), ())
        elif what == 2:
            c.execute(f"DELETE FROM {name} WHERE id = {self.rng.randrange(20, 40)}")
        else:
            c.execute(f"INSERT INTO {name} VALUES ({self.new_id() % 2000000000}, {', '.join(row)})".replace("%", "%%"), ())
            c.execute(f"DELETE FROM {name} WHERE id > 1000 ORDER BY id LIMIT 1")

    def do_odd_names(self, c):
        table = f"{quoted(ODD)}.{quoted(self.rng.choice(ODD_NAMES))}"
        c.execute(f"REPLACE INTO {table} VALUES ({self.rng.randrange(50)}, 'v', {self.rng.randrange(50)}, 'größer')")
        c.execute(f"UPDATE {table} SET {quoted('größe')} = 'klein', {quoted('a`b')} = NULL WHERE {quoted('order')} = {self.rng.randrange(50)}")

    def do_savepoints(self, c):
        c.execute("INSERT INTO no_key VALUES (1, 'kept', 1)")
        c.execute("SAVEPOINT `sp 1`")
        c.execute("INSERT INTO no_key VALUES (2, 'lost', 2)")
        c.execute("UPDATE accounts SET note = 'lost' WHERE id < 5")
        c.execute("ROLLBACK TO SAVEPOINT `sp 1`")
        c.execute("INSERT INTO no_key VALUES (3, 'kept too', 3)")
        c.execute("SAVEPOINT two")
        c.execute("RELEASE SAVEPOINT two")

    def do_rollback(self, c):
        c.execute("INSERT INTO no_key VALUES (9, 'never', 9)")
        c.execute("DELETE FROM accounts LIMIT 5")
        self.session.connection.rollback()

    def do_large_transaction(self, c):
        c.execute("UPDATE accounts SET touched = NOW(3) WHERE id %% %s = 1", (self.rng.randrange(3, 9),))


def typed_tables_of(config):
    """The typed tables of this pair of servers."""
    class Kind:
        def __init__(self, kind):
            self.kind = kind
            self.flavour = kind.split("-")[0]
    return typed_tables(Kind(config["kind"]), Kind(config["target_kind"]))


class DdlStory(Story):
    """One thread of statements that change definitions, with rows between them."""

    def __init__(self, config, number, counts, stop, failed):
        super().__init__(config, number, counts, stop, failed)
        self.steps = [self.tell(one) for one in ddl_story.stories(self.have, config)]
        self.left = []
        self.rounds = 0

    def finished(self):
        """Told to stop, and where asked for, each story has been told once."""
        return self.stop.is_set() and (self.rounds >= self.config.get("ddl_rounds", 0) or self.failed())

    def choose(self):
        if not self.left:
            self.left = self.rng.sample(self.steps, len(self.steps))
        step = self.left.pop()
        self.rounds += not self.left
        return step

    def tell(self, story):
        def step(cursor):
            for statement in story(self.rng, self.new_id()):
                cursor.execute(statement)
                self.counts["definitions"] += 1
                time.sleep(self.config.get("ddl_pause", 0))
        step.__name__ = story.__name__
        return step


def main(path):
    config = json.loads(Path(path).read_text())
    stop, counts, faults = threading.Event(), Counter(), []

    def guarded(story):
        try:
            story.run()
        except BaseException as e:
            faults.append(f"{type(e).__name__}: {e}")
            stop.set()

    stories = [Story(config, n, counts, stop, lambda: faults) for n in range(config.get("threads", 4))]
    if config.get("ddl", True):
        stories.append(DdlStory(config, 90, counts, stop, lambda: faults))
    threads = [threading.Thread(target=guarded, args=(s,)) for s in stories]
    for t in threads:
        t.start()
    while not stop.is_set() and not Path(config["stop"]).exists():
        time.sleep(0.05)
    stop.set()
    for t in threads:
        t.join(100)
    print(json.dumps({"counts": counts, "faults": faults}))
    return 1 if faults else 0


class Writer:
    """The process, as the tests use it."""

    def __init__(self, folder, source, target, have, seed=1, **more):
        self.stop_file = Path(folder) / f"stop-{seed}-{time.monotonic_ns()}"
        config = {"port": source.port, "kind": source.kind, "target_kind": target.kind, "have": sorted(have), "seed": seed,
                  "stop": str(self.stop_file)} | more
        path = self.stop_file.with_suffix(".json")
        path.write_text(json.dumps(config))
        self.process = subprocess.Popen([sys.executable, "-B", __file__, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self):
        """The counts of what was done."""
        self.stop_file.touch()
        out, err = self.process.communicate(timeout=150)
        answer = json.loads(out) if out.strip() else {"faults": ["no answer"]}
        assert self.process.returncode == 0, f"the writer failed: {answer['faults']} {err.decode()[-2000:]}"
        return answer["counts"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
