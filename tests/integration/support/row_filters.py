"""Expressions and rows for the expression filter, and what real servers answer.

    python3 -m support.row_filters FILE KIND=PORT ...      records answers (KIND: mysql or mariadb)

FILE holds one JSON object per line: first per server the table (its SHOW CREATE TABLE) and its rows in the full copy's form
(each value as hex, or null), then expressions with a string per server: one of 1, 0, N (NULL), E (the server fails) per row,
or "-" where the server does not take the expression at all.
"""

import json
import random
import sys

COLUMNS = """
    id int, ti tinyint, tu tinyint unsigned, i int, iu int unsigned, b bigint, bu bigint unsigned,
    d5 decimal(5,2), d20 decimal(20,6), d0 decimal(10,0), f float, g double, s varchar(40), sb varchar(40) COLLATE utf8mb4_bin,
    sg varchar(40) COLLATE utf8mb4_general_ci, l varchar(40) CHARACTER SET latin1, c char(10), vb varbinary(20), bi binary(4),
    su varchar(40) COLLATE utf8mb4_unicode_ci, s5 varchar(40) COLLATE utf8mb4_unicode_520_ci, s3 varchar(40) CHARACTER SET utf8mb3 COLLATE utf8mb3_unicode_ci,
    lg varchar(40) CHARACTER SET latin1 COLLATE latin1_general_ci, lc varchar(40) CHARACTER SET latin1 COLLATE latin1_general_cs,
    lb varchar(40) CHARACTER SET latin1 COLLATE latin1_bin, ld varchar(40) CHARACTER SET latin1 COLLATE latin1_german1_ci,
    d10 decimal(12,10), du decimal(8,3) unsigned, st set('a','b','Cd','x') COLLATE utf8mb4_general_ci, y year,
    e enum('a','B','\u00fc'), bt bit(8), dt date, dm datetime(3), tm time(1), j {json}"""
JSON = [None, '{"a": 1, "b": {"c": "x"}, "d e": [1, "two", null, true]}', '{"a": "1"}', '[1, 2, {"a": "y\\\\u00e9"}]', '{"a": 1.5, "b": {"c": null}}', '"plain"',
        '{"a": "with \\\\"quotes\\\\" and \\\\n", "b": []}', '{"a": true}', "3", "{}"]
NUMBERS = [None, 0, 1, -1, 2, 3, 5, 7, 10, 12, -12, 99, 100, 127, -128]
TEXTS = [None, "", " ", "a", "A", "b", "a ", " a", "abc", "ABC", "ab%", "a_c", "\u00e9", "e", "E", "\u00fc", "u", "\u00df", "ss", "5", " 5", "5x", "1.5", "-3", "1e2", "0", "x'y",
         "a\\\\b", "a\tb", "\u4e2d\u6587", "\U0001f600", "\u044f", "\u042f", "Stra\u00dfe", "tEsT", "a\nb", "00", "+7", ".5", "x-1", "10", "9", "user@example.com", "2024-01-01"]
# Combining marks, characters without a weight, letters of several weights, planes beyond the first.
WIDE = TEXTS + ["e\u0301", "a\u200db", "\u00a0a", "a\u00a0", "\u0e01\u0e33", "\u0e40\u0e01", "\u0e01", "\ufb01", "fi", "\u00c6", "ae", "\u0152", "\u3042", "\u30a2", "\uff71", "\uac00", "\U00020000", "\U0001f601",
               "\u0301", "\u200d", "o\u0308", "\u00f6", "\u0131", "I", "\u017f", "\u2160"]
NARROW = [t for t in WIDE if t is None or all(ord(c) < 65536 for c in t)]
SETS = [None, "", "a", "b", "a,b", "Cd", "a,Cd,x", "x", "a,b,Cd,x"]
LATIN = [t for t in TEXTS if t is None or all(ord(c) < 256 for c in t)]
DATES = [None, "2024-02-29", "2023-12-31", "1970-01-01", "9999-12-31", "1000-01-01", "2024-01-01", "0000-00-00", "2024-01-15", "2000-02-28"]
CLOCKS = [None, "00:00:00", "23:59:59.9", "-12:30:00.5", "838:59:59", "12:00:00", "01:02:03.4"]

# The integer of 64 bits that has no negative.
LEAST = "(i * 0 - 9223372036854775807 - 1)"
EDGES = [form.format(x) for x in (f"(i * 0 - {LEAST})", f"(0 - {LEAST})", f"(ti - {LEAST})", f"({LEAST} DIV 1)", f"({LEAST} DIV ti)", f"({LEAST} DIV -1)", f"({LEAST} DIV 1.0)", f"({LEAST} % -1)", f"({LEAST} * 1)", f"({LEAST} * -1)", f"(bu - {LEAST})",
                                  "(0 - b)", "(i - b)", "(b DIV 1)", "(b DIV i)", "(bu DIV 1)", "(b - 9223372036854775807)", "(b + bu)", "(bu - b)", "-b", "ABS(b)") for form in ("{}", "{} > 0", "{} BETWEEN -5 AND 2147483647", "{} <=> 1")]


def quote(v):
    return "NULL" if v is None else "'" + str(v).replace("'", "''") + "'"


def row_values(rnd, number):
    def pick(values, low=None, high=None):
        return rnd.choice([v for v in values if v is None or ((low is None or v >= low) and (high is None or v <= high))])
    wide = [None, 0, 1, -1, 2147483647, -2147483648, 9007199254740993, 9223372036854775807, -9223372036854775808, 42, 12345678901]
    date = rnd.choice(DATES)
    moment = rnd.choice(DATES)
    values = [number, pick(NUMBERS), pick(NUMBERS, 0), pick(NUMBERS + wide, -2**31, 2**31 - 1), pick(NUMBERS + wide + [4294967295], 0, 2**32 - 1),
              pick(NUMBERS + wide), pick(NUMBERS + wide + [18446744073709551615, 9223372036854775808], 0),
              rnd.choice([None, 0, "1.50", "-1.50", "999.99", "0.01", "2", "-0.5", "12.34"]), rnd.choice([None, 0, "1.5", "-99999999999999.999999", "0.000001", "3", "12.340000", "9007199254740993"]),
              pick(NUMBERS), rnd.choice([None, 0, 1, -1, 0.1, 1.5, 3.4e38, 1e-30, 7]), rnd.choice([None, 0, 1, -1, 0.1, 0.30000000000000004, 1e300, 2.5, 5, 100]),
              rnd.choice(TEXTS), rnd.choice(TEXTS), rnd.choice(TEXTS), rnd.choice(LATIN), (rnd.choice(TEXTS) or "x")[:10], rnd.choice([None, "", "a", "A", "ab", "a "]),
              rnd.choice([None, "", "a", "abcd", "A"]), rnd.choice(WIDE), rnd.choice(WIDE), rnd.choice(NARROW), rnd.choice(LATIN), rnd.choice(LATIN), rnd.choice(LATIN), rnd.choice(LATIN),
              rnd.choice([None, 0, "1.5", "-12.3456789012", "0.0000000001", "33.3333333333", "3"]), rnd.choice([None, 0, "1.5", "12345.678", "0.001", "7"]), rnd.choice(SETS),
              rnd.choice([None, 2024, 1901, 2155, 0, 1999, 2000]), rnd.choice([None, "a", "b", "\u00fc"]), rnd.choice([None, 0, 1, 5, 255]), date,
              None if moment is None else moment + rnd.choice([" 00:00:00", " 23:59:59.999", " 12:30:15.250"]), rnd.choice(CLOCKS), rnd.choice(JSON)]
    return "(" + ",".join(str(v) if isinstance(v, int) else quote(v) for v in values) + ")"


class Expressions:
    """Random expressions of the kinds that filters hold; every operand fits its operator."""

    INTEGERS = ["id", "ti", "tu", "i", "iu", "b", "bu", "bt", "y"]
    DECIMALS = ["d5", "d20", "d0", "d10", "du"]
    TEXT_COLUMNS = ["s", "sb", "sg", "l", "c", "vb", "bi", "e", "su", "s5", "s3", "lg", "lc", "lb", "ld", "st"]

    def __init__(self, rnd):
        self.rnd = rnd

    def one(self, *choices):
        return self.rnd.choice(choices)

    def text_literal(self, ascii_only=False):
        texts = [t for t in TEXTS if t is not None and (not ascii_only or t.isascii())]
        return quote(self.rnd.choice(texts))

    def number_literal(self):
        return self.one("0", "1", "-1", "2", "3", "5", "10", "100", "-12", "1.5", "0.50", "-0.01", "1e0", "0.1", "2.5e0", "127", "2147483647", "9223372036854775807", "9007199254740993",
                        "18446744073709551615", "12.34", "TRUE", "FALSE", "99999999999999.999999", "b'101'")

    def integer(self, depth=2):
        r = self.rnd.random()
        if depth == 0 or r < 0.45:
            return self.one(*self.INTEGERS)
        a, b = self.integer(depth - 1), self.integer(depth - 1)
        if r < 0.6:
            return f"({a} {self.one('+', '-', '*', 'DIV', '%', 'MOD')} {self.one(b, '2', '3', '7', '10')})"
        if r < 0.7:
            return f"({a} {self.one('&', '|', '^')} {self.one(b, '1', '3', '4')})" if r < 0.66 else f"({a} {self.one('<<', '>>')} {self.rnd.randrange(64)})"
        if r < 0.8:
            text = self.text(1)
            return self.one(f"LENGTH({text})", f"CHAR_LENGTH({text})", f"OCTET_LENGTH({text})", f"CRC32({text})")
        if r < 0.92:
            return self.one(f"YEAR({self.one('dt', 'dm', self.shifted())})", f"TO_DAYS({self.shifted()})", f"HOUR({self.shifted()})", f"MONTH({self.one('dt', 'dm')})", "DAY(dt)", "DAYOFMONTH(dm)", "QUARTER(dt)", "HOUR(tm)", "HOUR(dm)", "MINUTE(tm)", "SECOND(dm)",
                            "MICROSECOND(dm)", "MICROSECOND(tm)", "TO_DAYS(dt)", "DAYOFWEEK(dt)", "WEEKDAY(dm)", "DAYOFYEAR(dt)", "DATEDIFF(dm, dt)", "DATEDIFF(dt, '2024-01-01')")
        return self.one(f"ABS({a})", f"SIGN({a})", f"MOD({a}, 3)", f"GREATEST({self.one('ti', 'i')}, b)", "LEAST(tu, iu, bu)", f"CAST({a} AS SIGNED)", f"CAST({a} AS UNSIGNED)", f"-{a}", f"~{a}",
                        f"IF({self.condition(0)}, {a}, {b})", f"IFNULL({a}, 3)", f"COALESCE({a}, {b}, 0)", f"NULLIF({a}, {b})", f"CASE WHEN {self.condition(0)} THEN {a} ELSE {b} END",
                        f"CASE {self.one('ti', 'i', 'b')} WHEN 1 THEN 10 WHEN 2 THEN {a} END", f"FIND_IN_SET({self.one(*map(quote, ('a', 'A', 'cd', 'x', 'none', 'b')))}, st)",
                        f"({self.one(*self.DECIMALS)} DIV {self.one('2', '10', '0', '0.5', '1.5', 'd5', 'd20', 'ti', 'd10', '-3')})", f"({a} DIV {self.one('0.3', 'd5', 'du', '-2.5')})")

    def quotient(self, depth=1):
        """/ and % of exact numbers, also of each other."""
        def plain():
            return self.one(*self.DECIMALS, *self.DECIMALS, "i", "ti", "b", "iu", "y")
        r = self.rnd.random()
        if r < 0.5:
            a = plain()
        elif r < 0.65 and depth > 0:
            a = self.quotient(depth - 1)
        else:
            a = self.one("-d5", "ABS(d20)", "(d5 + d20)", "(d0 * 3)", "(d5 - d0)", "ROUND(d20, 2)", "FLOOR(d5)", "IFNULL(d5, 1.25)", "(ti + 1)", "(d5 * d5)", "(d10 - d10)", "1", "d5")
        b = self.one(plain(), plain(), "2", "3", "7", "10", "0", "100", "0.5", "1.5", "0.25", "-3", "1000", "0.0001", "12.345678", "365")
        return self.one(f"({a} / {b})", f"({a} / {b})", f"({a} / {b})", f"({plain()} % {b})", f"MOD({plain()}, {b})", f"({plain()} MOD {b})", f"({a} / {b} * 100)", f"({a} / {b} + 1)",
                        f"ROUND({a} / {b}, {self.one('0', '2', '4', '6')})", f"FLOOR({a} / {b})", f"TRUNCATE({a} / {b}, 3)", f"IF(ti > 2, {a} / {b}, 0)", f"ABS({a} / {b})", f"-({a} / {b})")

    def number(self, depth=2):
        r = self.rnd.random()
        if r < 0.4:
            return self.integer(depth)
        if depth == 0 or r < 0.7:
            return self.one(*self.DECIMALS, "f", "g", self.quotient(), self.quotient())
        a, b = self.number(depth - 1), self.one(self.number(depth - 1), self.number_literal())
        if r < 0.9:
            return f"({a} {self.one('+', '-', '*', '%')} {b})"
        return self.one(f"ABS({a})", f"FLOOR({a})", f"CEIL({a})", "FLOOR(du) - 100", "FLOOR(d5) - tu", "CEILING(d20) * 2", "du - 5", "du - tu", "(du - du)", f"FLOOR(b / {b}) - bt", f"CEILING({self.one('d5', 'd20')})", "ROUND(d5)", "ROUND(d20, 2)", "TRUNCATE(d20, 1)", f"SIGN({a})", f"-{a}", f"IFNULL({a}, {b})",
                        f"IF({self.condition(0)}, {a}, {b})", "g / 3", "f / g", "s + 1", "sg * 2")

    def text(self, depth=2):
        r = self.rnd.random()
        if depth == 0 or r < 0.6:
            return self.one(*self.TEXT_COLUMNS)
        a = self.text(depth - 1)
        n = self.one("0", "1", "2", "3", "-1", "-2", "ti")
        return self.one(f"LEFT({a}, {n})", f"RIGHT({a}, {n})", f"SUBSTRING({a}, {n})", f"SUBSTRING({a}, {n}, {self.one('1', '2', '-1', 'ti')})", f"SUBSTR({a} FROM 2 FOR 3)", f"TRIM({a})", f"LTRIM({a})",
                        f"RTRIM({a})", f"LOWER({a})", f"UPPER({a})", f"LCASE({a})", f"UCASE({a})", f"LOWER({self.one(*self.TEXT_COLUMNS)})", f"CONCAT({a}, 'a')", f"CONCAT({a}, {a})", f"IFNULL({a}, 'none')", f"COALESCE({a}, {a}, 'z')", f"IF({self.condition(0)}, {a}, 'b')", f"NULLIF({a}, 'a')",
                        f"CASE WHEN {self.condition(0)} THEN {a} END", f"BINARY {a}", f"CAST({a} AS BINARY)", f"{self.one('s', 'sg', 'c')} COLLATE utf8mb4_bin", "sb COLLATE utf8mb4_general_ci", "sb COLLATE utf8mb4_unicode_ci", "su COLLATE utf8mb4_unicode_520_ci", "l COLLATE latin1_bin", "l COLLATE latin1_general_cs",
                        "j->>'$.a'", "j->>'$.b.c'", "JSON_UNQUOTE(JSON_EXTRACT(j, '$[2].a'))", "j->>'$.\"d e\"[1]'", "j->>'$'")

    def moment(self):
        literals = [quote(d) for d in ("2024-02-29", "2023-12-31", "1970-01-01", "2024-01-01 00:00:00", "2023-12-31 23:59:59.999", "2000-02-28 12:30:15.25")]
        a = self.one("dt", "dm", "DATE(dm)", "CAST(dm AS DATE)", "IFNULL(dt, dt)", self.shifted(), self.shifted())
        return a, self.one("dt", "dm", *literals, "DATE '2024-01-01'", "TIMESTAMP '2024-02-29 00:00:00'", self.shifted())

    def shifted(self):
        date = self.one("dt", "dm", "dt", "dm", "DATE '2024-02-29'", "TIMESTAMP '2023-12-31 23:59:59.5'", "DATE(dm)")
        n, unit = self.one("1", "-1", "2", "7", "12", "31", "-13", "366", "0", "100", "-400"), self.one("DAY", "MONTH", "YEAR", "WEEK", "QUARTER", "HOUR", "MINUTE", "SECOND")
        if self.rnd.random() < 0.1:
            n, unit = self.one("1000000", "-90000", "86401", "9000", "100000000"), self.one("DAY", "SECOND", "HOUR", "YEAR", "MONTH", "MINUTE")
        return self.one(f"{date} + INTERVAL {n} {unit}", f"{date} - INTERVAL {n} {unit}", f"DATE_ADD({date}, INTERVAL {n} {unit})", f"DATE_SUB({date}, INTERVAL {n} {unit})",
                        f"ADDDATE({date}, INTERVAL {n} {unit})")

    def comparison(self, depth):
        op = self.one("=", "=", "<>", "!=", "<", "<=", ">", ">=", "<=>")
        r = self.rnd.random()
        if r < 0.06:
            a, b = "y", self.one("2024", "1999", "'2024'", "2155", "y", "i", "1901")
        elif r < 0.12:
            a, b = self.quotient(), self.one("0", "0", "1", "0.3333", "0.5", "33.3333", "0.333333333", "d5", "0.1666", "-0.5", "2")
        elif r < 0.15:
            a, b = "st", self.one(*map(quote, ("a", "a,b", "b,a", "A,B", "", "cd", "x", "a,Cd,x")))
        elif r < 0.4:
            a, b = self.number(depth), self.one(self.number(depth), self.number_literal(), self.number_literal())
            if self.rnd.random() < 0.1:
                a, b = b, a
        elif r < 0.72:
            a, b = self.text(depth), self.text_literal()
            if self.rnd.random() < 0.3:
                a, b = self.one("su", "s5", "s3"), quote(self.one(*NARROW[1:]))
            if self.rnd.random() < 0.15:
                b = self.text(0)
        elif r < 0.8:
            a, b = self.one(self.number(0), self.one("s", "sg", "sb")), self.one("'5'", "'1.5'", "'-1'", "'abc'", "' 10'", "'1e2'", "5", "1.5", "0")
        elif r < 0.92:
            a, b = self.moment()
        else:
            a, b = "tm", self.one("'12:00:00'", "'-12:30:00.5'", "'00:00:00'", "tm", "TIME '23:59:59.9'")
        return f"{a} {op} {b}"

    def predicate(self, depth):
        r = self.rnd.random()
        no = self.one("", "", "NOT ")
        if r < 0.45:
            return self.comparison(depth)
        if r < 0.55:
            if self.rnd.random() < 0.5:
                items = [self.one("1", "2", "3", "-1", "5", "100", "NULL", "ti", "12", "1.5") for _ in range(self.rnd.randint(1, 5))]
                return f"{self.one(self.integer(1), 'd5', 'd0')} {no}IN ({', '.join(items)})"
            items = [self.one(self.text_literal(), "NULL") for _ in range(self.rnd.randint(1, 4))]
            return f"{self.text(1)} {no}IN ({', '.join(items)})"
        if r < 0.65:
            kind = self.rnd.random()
            if kind < 0.5:
                return f"{self.integer(1)} {no}BETWEEN {self.one('0', '1', '-5', 'ti', 'NULL')} AND {self.one('10', '100', 'i', 'bu', '2147483647')}"
            if kind < 0.8:
                return f"{self.text(0)} {no}BETWEEN {self.text_literal()} AND {self.text_literal()}"
            return f"{self.one('dt', 'dm')} {no}BETWEEN '2000-01-01' AND {self.one(quote('2024-01-01'), quote('2024-02-29 12:00:00'))}"
        if r < 0.77:
            pattern = self.one("%e\u0301%", "\u00e6", "%\ufb01%", "a\u200d%", "\u3042%", "%a,b%", "%x",
                               "a%", "%a", "%a%", "_", "__", "a_c", "a\\\\%%", "%b%", "", "%", "\u00e9", "e", "%\u00fc%", "%s%", "A%", "a|_c", "%@%.com", "tes_", "_%_", "%\\\\\\\\%")
            return f"{self.text(1)} {no}LIKE {quote(pattern)}" + (" ESCAPE '|'" if "|" in pattern else "")
        if r < 0.85:
            pattern = self.one("^a", "a$", "[a-c]+", "^[^a]", "a|b", "(ab)?c", "^.$", "..", "[0-9]{2,}", "^a.*c$", "x-?1", "s+", "E", "^(a|b)", "\\\\.", "^$", "@[a-z]+[.]com$", "a{2}", "[A-Z]", "t.s", ".b$", "[s]{2}", "s|t")
            return f"{self.one('s', 'sb', 'sg', 'c', 'LEFT(s, 3)')} {self.one('REGEXP', 'RLIKE', 'NOT REGEXP')} {quote(pattern)}"
        if r < 0.95:
            a = self.one(self.number(1), self.text(0), "dt", "dm", "tm", "j")
            return self.one(f"{a} IS NULL", f"{a} IS NOT NULL", f"ISNULL({a})", f"({self.comparison(0)}) IS TRUE", f"({self.comparison(0)}) IS NOT FALSE", f"({self.comparison(0)}) IS UNKNOWN",
                            f"{self.number(1)} IS TRUE")
        return self.one("TRUE", "FALSE", "NULL", "1=1", self.integer(1), self.number(1), "NULL <=> s")

    def condition(self, depth):
        if depth == 0 or self.rnd.random() < 0.5:
            return self.predicate(min(depth, 1))
        a, b = self.condition(depth - 1), self.condition(depth - 1)
        return self.one(f"({a} AND {b})", f"({a} OR {b})", f"({a} XOR {b})", f"NOT ({a})", f"(NOT {self.comparison(0)})", f"({a} && {b})", f"(!({a}))")


def make_table(cursor, kind, rows):
    charset = "utf8mb4_0900_ai_ci" if kind == "mysql" else "utf8mb4_general_ci"
    cursor.execute("DROP DATABASE IF EXISTS row_filters")
    cursor.execute(f"CREATE DATABASE row_filters DEFAULT CHARACTER SET utf8mb4 COLLATE {charset}")
    cursor.execute("USE row_filters")
    cursor.execute("SET sql_mode='ALLOW_INVALID_DATES'")
    cursor.execute(f"CREATE TABLE t ({COLUMNS.format(json='json' if kind == 'mysql' else 'longtext')})")
    cursor.execute("INSERT INTO t VALUES " + ",".join(rows))
    cursor.execute("SET sql_mode=DEFAULT")


def full_copy_rows(cursor):
    """As room dump reads them: characters and bytes as stored, the rest as text, all as hex."""
    cursor.execute("SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='row_filters' AND TABLE_NAME='t' ORDER BY ORDINAL_POSITION")
    selected = []
    for name, kind in cursor.fetchall():
        form = f"{name}*1e0" if kind == "float" else f"CAST({name} AS UNSIGNED)" if kind in ("enum", "set", "bit") else name
        stored = kind in ("varchar", "char", "varbinary", "binary")
        selected.append(f"HEX({form})" if stored else f"HEX(CAST({form} AS CHAR))")
    cursor.execute(f"SELECT {', '.join(selected)} FROM t ORDER BY id")
    rows = [list(r) for r in cursor.fetchall()]
    cursor.execute("SHOW CREATE TABLE t")
    return cursor.fetchone()[1], rows


def ask(cursor, expressions, count, error):
    """One string per expression. As a condition first: in `(... <=> ...) IS NULL` MySQL does not compute the sides, nor fail with them."""
    def form(e):
        return f"CASE WHEN ({e}) THEN '1' WHEN ({e}) IS NULL THEN 'N' ELSE '0' END"
    try:
        cursor.execute(f"SELECT {', '.join(map(form, expressions))} FROM t ORDER BY id")
        return ["".join(column) for column in zip(*cursor.fetchall())]
    except error:
        if len(expressions) > 1:
            half = len(expressions) // 2
            return ask(cursor, expressions[:half], count, error) + ask(cursor, expressions[half:], count, error)
    answers = ""
    for row in range(count):
        try:
            cursor.execute(f"SELECT {form(expressions[0])} FROM t WHERE id = {row + 1}")
            answers += cursor.fetchone()[0]
        except error:
            answers += "E"
    return ["-" if set(answers) == {"E"} else answers]


def record(path, servers, seed, expressions=2700, rows=24):
    """servers: {"mysql": connection, "mariadb": connection} of pymysql."""
    import pymysql
    rnd = random.Random(seed)
    values = [row_values(rnd, n + 1) for n in range(rows)]
    maker = Expressions(rnd)
    texts = list(dict.fromkeys(EDGES + [maker.condition(2) for _ in range(expressions)]))
    answers = {}
    with open(path, "w", encoding="utf-8") as out:
        for kind, connection in servers.items():
            cursor = connection.cursor()
            make_table(cursor, kind, values)
            create, copied = full_copy_rows(cursor)
            cursor.execute("SELECT VERSION()")
            print(json.dumps({"server": kind, "version": cursor.fetchone()[0], "seed": seed, "create": create, "rows": copied}, ensure_ascii=False), file=out)
            answers[kind] = [a for i in range(0, len(texts), 40) for a in ask(cursor, texts[i:i + 40], rows, pymysql.err.MySQLError)]
            assert len(answers[kind]) == len(texts)
        for i, text in enumerate(texts):
            print(json.dumps({"expression": text} | {kind: answers[kind][i] for kind in servers}, ensure_ascii=False), file=out)


def main():
    import pymysql
    servers = {}
    for pair in sys.argv[2:]:
        kind, port = pair.split("=")
        servers[kind] = pymysql.connect(host="127.0.0.1", port=int(port), user="root", charset="utf8mb4")
    record(sys.argv[1], servers, seed=20240229)


if __name__ == "__main__":
    main()
