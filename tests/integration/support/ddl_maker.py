"""Random DDL: histories of statements that a server of a given kind may take. The server decides; what it refuses is left out."""

VERSIONS = {"mysql-5.6": (5, 6, 14), "mysql-8.0": (8, 0, 33), "mysql-9.7": (9, 7, 4), "mariadb-10.2": (10, 2, 11), "mariadb-10.5": (10, 5, 23),
            "mariadb-10.11": (10, 11, 19), "mariadb-11.8": (11, 8, 6)}
CHARSETS = ["latin1", "utf8", "utf8mb4", "ascii", "ucs2", "utf16", "utf32", "gbk", "cp1251", "latin2", "binary", "utf8mb3", "big5", "koi8r"]
COLLATIONS = ["latin1_bin", "latin1_general_ci", "latin1_swedish_ci", "utf8_bin", "utf8_unicode_ci", "utf8_general_ci", "utf8mb4_bin", "utf8mb4_general_ci",
              "utf8mb4_unicode_ci", "ascii_bin", "cp1251_general_ci", "gbk_bin", "binary"]
MODES = ["", "", "STRICT_TRANS_TABLES", "NO_ENGINE_SUBSTITUTION", "ANSI_QUOTES", "PIPES_AS_CONCAT", "NO_BACKSLASH_ESCAPES", "STRICT_ALL_TABLES,NO_ZERO_DATE",
         "ANSI", "HIGH_NOT_PRECEDENCE", "REAL_AS_FLOAT", "IGNORE_SPACE", "NO_UNSIGNED_SUBTRACTION"]
INTEGERS = ["TINYINT", "SMALLINT", "MEDIUMINT", "INT", "INTEGER", "BIGINT", "INT1", "INT2", "INT3", "INT4", "INT8", "MIDDLEINT"]
NAMES = ["a", "b", "c", "d", "e", "f", "g", "Col", "x y", "ünï", "key", "id", "select", "q`t", "UPPER", "value", "_u", "a1"]


class Maker:
    """Statements for one history: knows the tables that were accepted, by a rough picture of their columns.

    A wild maker also makes what hardly anybody writes: expressions of any depth with constants of all kinds in all places, keys over
    geometries, members that the charset cannot hold.
    """

    def __init__(self, rng, kind, wild=False):
        self.rng, self.kind, self.wild = rng, kind, wild
        self.mysql = kind.startswith("mysql")
        self.version = VERSIONS[kind]
        self.mode = rng.choice(MODES)
        self.tables = {}            # name -> [column names]
        self.counter = 0

    # ---- small things

    def since(self, mysql, mariadb):
        least = mysql if self.mysql else mariadb
        return least is not None and self.version >= least

    def maybe(self, share, text):
        return text() if callable(text) and self.rng.random() < share else text if not callable(text) and self.rng.random() < share else ""

    def pick(self, *what):
        return self.rng.choice(what)

    def quote(self, name):
        bare = name.isascii() and name.isalnum() and name.lower() not in ("key", "select") and not name[0].isdigit()
        if bare and self.rng.random() < 0.6:
            return name
        if "ANSI" in self.mode and self.rng.random() < 0.5:
            return '"' + name.replace('"', '""') + '"'
        return "`" + name.replace("`", "``") + "`"

    def string(self, text):
        quote = "'" if "ANSI" in self.mode or self.rng.random() < 0.7 else '"'
        body = text.replace(quote, quote * 2)
        return quote + (body if "NO_BACKSLASH" in self.mode else body.replace("\\", "\\\\")) + quote

    def words(self):
        return self.pick("", "x", "it's", 'say "hi"', "back\\slash", "two words", "ümlaut", "100%", "a,b", "  pad  ", "semi;colon", "line\nbreak", "/* no */", "-- no")

    def fresh(self, used, many=False):
        names = [n for n in NAMES if n.lower() not in {u.lower() for u in used}]
        if names and not many:
            return self.rng.choice(names)
        self.counter += 1
        return f"n{self.counter}"

    def column_of(self, columns):
        return self.rng.choice(columns) if columns else "a"

    # ---- types

    def fraction(self):
        return self.pick("", "", f"({self.rng.randrange(7)})")

    def number_type(self):
        kind = self.rng.randrange(6)
        if kind < 3:
            base = self.pick(*INTEGERS) + self.maybe(0.3, lambda: f"({self.pick(1, 2, 5, 11, 20)})")
        elif kind == 3:
            base = self.pick("DECIMAL", "NUMERIC", "DEC", "FIXED") + self.maybe(0.8, lambda: self.pick("(5)", "(10,2)", "(65,30)", "(4,4)", "(0)", "(12, 0)"))
        elif kind == 4:
            base = self.pick("FLOAT", "FLOAT(7,3)", "FLOAT(20)", "FLOAT(30)", "FLOAT4", "FLOAT(0)")
        else:
            base = self.pick("DOUBLE", "DOUBLE PRECISION", "REAL", "DOUBLE(8,2)", "FLOAT8", "REAL(10,4)", "DOUBLE PRECISION(5,1)")
        return base + self.pick("", "", "", " UNSIGNED", " UNSIGNED ZEROFILL", " ZEROFILL", " SIGNED")

    def charset_clause(self):
        roll = self.rng.randrange(10)
        if roll < 4:
            return ""
        if roll == 4:
            return self.pick(" CHARACTER SET ", " CHARSET ") + self.pick(*CHARSETS)
        if roll == 5:
            return " COLLATE " + self.pick(*COLLATIONS)
        if roll == 6:
            collation = self.pick(*COLLATIONS)
            return f" CHARACTER SET {collation.split('_')[0]} COLLATE {collation}"
        if roll == 7:
            return self.pick(" BINARY", " ASCII", " UNICODE", " BYTE", " ASCII BINARY", " CHARACTER SET latin1 BINARY", " BINARY CHARACTER SET utf8")
        return self.pick(" CHARACTER SET utf8mb4", " CHARACTER SET latin1", " CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", "")

    def text_type(self):
        roll = self.rng.randrange(8)
        if roll < 3:
            base = self.pick("VARCHAR", "VARCHAR", "CHARACTER VARYING", "CHAR VARYING") + f"({self.pick(0, 1, 5, 20, 64, 255, 256, 300, 1000)})"
        elif roll < 5:
            base = self.pick("CHAR", "CHARACTER", "CHAR(1)", "CHAR(10)", "CHARACTER(3)", "CHAR(255)", "CHAR(0)")
        elif roll == 5:
            return self.pick("NCHAR(5)", "NVARCHAR(9)", "NATIONAL CHAR(3)", "NATIONAL VARCHAR(7)", "NATIONAL CHARACTER VARYING(4)", "NCHAR", "NCHAR VARCHAR(3)", "NCHAR VARYING(3)")
        else:
            base = self.pick("TEXT", "TINYTEXT", "MEDIUMTEXT", "LONGTEXT", "TEXT(100)", "TEXT(300)", "TEXT(70000)", "LONG", "LONG VARCHAR", "TEXT(20000000)")
        return base + self.charset_clause()

    def member_type(self):
        members = self.rng.sample(["a", "b", "c", "it's", "", "x y", "Q", "a b ", "two", *(["0", "1", "ü"] if self.wild else [])], self.rng.randrange(1, 6))
        return self.pick("ENUM", "SET") + "(" + self.pick(",", ", ").join(self.string(m) for m in members) + ")" + self.pick("", "", self.charset_clause())

    def type(self):
        roll = self.rng.randrange(20)
        if roll < 6:
            return self.number_type()
        if roll < 11:
            return self.text_type()
        if roll < 14:
            # A constant beside a YEAR is shown as a year.
            return self.pick("DATE", *(["YEAR", "YEAR(4)"] if self.wild else []), "TIME" + self.fraction(), "DATETIME" + self.fraction(), "TIMESTAMP" + self.fraction())
        if roll == 14:
            return self.pick("BIT", "BIT(1)", "BIT(8)", "BIT(33)", "BOOL", "BOOLEAN", "TINYINT(1)")
        if roll == 15:
            return self.pick("BINARY", "BINARY(4)", "VARBINARY(20)", "BLOB", "TINYBLOB", "MEDIUMBLOB", "LONGBLOB", "BLOB(10)", "BLOB(300)", "BLOB(70000)", "LONG VARBINARY", "BINARY(0)")
        if roll == 16:
            return self.member_type()
        if roll == 17 and self.wild:
            return self.pick("GEOMETRY", "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION")
        if roll == 18 and self.since((5, 7, 8), (10, 2, 7)):
            return "JSON"
        if roll == 19 and not self.mysql:
            return self.pick("INET6", "UUID", "INET4", "VECTOR(5)", *(["VARCHAR(500) COMPRESSED", "BLOB COMPRESSED", "TEXT COMPRESSED", "VARBINARY(100) COMPRESSED"] if self.wild else []))
        if roll == 19 and self.version >= (9, 0, 0):
            return self.pick("VECTOR", "VECTOR(5)")
        return "INT"

    # ---- expressions

    def plain_expression(self, columns):
        """What stands in generated columns, checks, defaults and functional keys of real tables."""
        column = self.quote(self.rng.choice(columns)) if columns else self.pick("1", "10")
        other = self.quote(self.rng.choice(columns)) if columns else "2"
        return self.pick(f"{column} + 1", f"{column} * {other}", f"{column} - {other} - 1", f"{column} > 0", f"{column} <> {other}", f"{column} >= 1 AND {other} <= 10", f"{column} > 0 OR {other} IS NULL",
                         f"{column} IS NOT NULL", f"{column} IN (1, 2, 3)", f"{column} NOT IN (4, 5)", f"{column} BETWEEN 1 AND 100", f"UPPER({column})", f"lower({column})", f"LENGTH({column})",
                         f"char_length({column}) > 3", f"CONCAT({column}, {other})", f"coalesce({column}, {other}, 0)", f"IFNULL({column}, 0)", f"IF({column} > 1, {column}, {other})", f"ABS({column})",
                         f"ROUND({column}, 2)", f"{column} DIV 2", f"MOD({column}, 7)", f"{column} % 3 = 0", f"YEAR({column})", f"LEFT({column}, 3)", f"SUBSTRING({column}, 1, 2)", f"({column} + {other}) * 2",
                         f"NOT ({column} = 5)", f"CASE WHEN {column} > 1 THEN 1 ELSE 0 END", f"CASE {column} WHEN 1 THEN {other} END", f"CAST({column} AS UNSIGNED)", f"CAST({column} AS CHAR(10))", f"GREATEST({column}, {other})",
                         f"{column} LIKE {other}", f"TRIM({column})", f"MD5({column})", f"-{column}", f"{column} & 1", f"NULLIF({column}, {other})", f"DATEDIFF({column}, {other})", f"DATE_ADD({column}, INTERVAL 1 DAY)")

    def atom(self, columns):
        roll = self.rng.randrange(8)
        if roll < 4 and columns:
            return self.quote(self.rng.choice(columns))
        return self.pick("1", "0", "-7", "2.50", "1e3", "'text'", self.string(self.words()), "NULL", "TRUE", "FALSE", "0x41", "X'4142'", "b'101'", "42", "DATE'2020-01-02'",
                         "TIMESTAMP'2020-01-02 03:04:05'", "_latin1'abc'", "N'nat'", "10", "100000000000")

    def expression(self, columns, depth=3):
        if not self.wild:
            return self.plain_expression(columns)
        if depth == 0 or self.rng.random() < 0.15:
            return self.atom(columns)
        x = lambda: self.expression(columns, depth - 1)  # noqa: E731
        roll = self.rng.randrange(30)
        if roll < 8:
            return f"{x()} {self.pick('+', '-', '*', '/', '%', 'DIV', 'MOD', '|', '&', '^', '<<', '>>', '-', '*')} {x()}"
        if roll < 11:
            return f"{x()} {self.pick('=', '<>', '!=', '<', '>', '<=', '>=', '<=>')} {x()}"
        if roll < 13:
            return f"{x()} {self.pick('AND', 'OR', '&&', '||', 'XOR')} {x()}"
        if roll == 13:
            return f"{self.pick('NOT ', '!', '-', '~', '+', 'NOT ')}({x()})"
        if roll == 14:
            return f"{x()} {self.maybe(0.4, 'NOT ')}BETWEEN {x()} AND {x()}"
        if roll == 15:
            return f"{x()} {self.maybe(0.4, 'NOT ')}IN ({', '.join(x() for _ in range(self.rng.randrange(1, 4)))})"
        if roll == 16:
            return f"{x()} IS {self.maybe(0.5, 'NOT ')}{self.pick('NULL', 'TRUE', 'FALSE', 'UNKNOWN', 'NULL')}"
        if roll == 17:
            escape = self.maybe(0.2, " ESCAPE '|'")
            return f"{x()} {self.maybe(0.4, 'NOT ')}LIKE {x()}{escape}"
        if roll == 18:
            subject = self.maybe(0.4, lambda: " " + x())
            return f"CASE{subject} WHEN {x()} THEN {x()}{self.maybe(0.3, lambda: f' WHEN {x()} THEN {x()}')}{self.maybe(0.6, lambda: ' ELSE ' + x())} END"
        if roll == 19:
            kinds = ["SIGNED", "UNSIGNED", "CHAR", "CHAR(10)", "DATE", "DATETIME", "TIME", "DECIMAL(10,2)", "BINARY", "BINARY(5)", "DECIMAL", "SIGNED INTEGER", "DATETIME(3)", "NCHAR(5)",
                     "CHAR(3) CHARACTER SET latin1", "DOUBLE", "JSON", "FLOAT", "YEAR", "INTEGER", "UNSIGNED INT"]
            return self.pick(f"CAST({x()} AS {self.pick(*kinds)})", f"CONVERT({x()}, {self.pick(*kinds)})", f"CONVERT({x()} USING {self.pick('utf8mb4', 'latin1', 'utf8')})")
        if roll == 20:
            return f"({x()})"
        if roll == 21:
            return f"{x()} {self.pick('REGEXP', 'RLIKE', 'NOT REGEXP')} {x()}"
        if roll == 22:
            return f"{self.pick('BINARY ', '')}{x()} COLLATE {self.pick('utf8mb4_bin', 'utf8mb4_general_ci', 'latin1_bin')}" if self.rng.random() < 0.5 else f"BINARY {self.atom(columns)}"
        if roll == 23:
            unit = self.pick("DAY", "HOUR", "MINUTE", "MONTH", "YEAR", "SECOND", "DAY_HOUR", "WEEK", "QUARTER", "MICROSECOND")
            return self.pick(f"DATE_ADD({x()}, INTERVAL {x()} {unit})", f"DATE_SUB({x()}, INTERVAL {x()} {unit})", f"{x()} + INTERVAL {x()} {unit}", f"{x()} - INTERVAL 1 {unit}",
                             f"EXTRACT({unit} FROM {x()})", f"TIMESTAMPDIFF({self.pick('DAY', 'SECOND', 'MONTH')}, {x()}, {x()})", f"TIMESTAMPADD(MINUTE, {x()}, {x()})", f"ADDDATE({x()}, 5)")
        if roll == 24:
            return self.pick(f"TRIM({x()})", f"TRIM(BOTH 'x' FROM {x()})", f"TRIM(LEADING FROM {x()})", f"TRIM(TRAILING 'y' FROM {x()})", f"SUBSTRING({x()} FROM 2)", f"SUBSTRING({x()}, 1, 3)",
                             f"SUBSTRING({x()} FROM 2 FOR 3)", f"POSITION('a' IN {x()})", f"LOCATE('a', {x()})", f"MID({x()}, 2, 3)", f"SUBSTR({x()}, 2)", f"LTRIM({x()})", f"CHAR({x()}, 66)",
                             f"CHAR({x()} USING utf8mb4)", f"INSERT({x()}, 1, 2, 'z')", f"STRCMP({x()}, {x()})")
        if roll == 25 and self.since((5, 7, 8), (10, 2, 7)):
            return self.pick(f"JSON_EXTRACT({x()}, '$.a')", f"JSON_UNQUOTE(JSON_EXTRACT({x()}, '$.a'))", f"JSON_VALID({x()})", f"JSON_OBJECT('k', {x()})", f"JSON_ARRAY({x()}, 1)", f"JSON_LENGTH({x()})",
                             f"JSON_CONTAINS({x()}, '1', '$.a')", *([f"{self.quote(self.column_of(columns))}->'$.a'", f"{self.quote(self.column_of(columns))}->>'$.b[0]'"] if self.mysql else
                                                                   [f"JSON_VALUE({x()}, '$.a')", f"JSON_QUERY({x()}, '$.a')", f"JSON_EXISTS({x()}, '$.a')"]))
        one = ["ABS", "CEIL", "CEILING", "FLOOR", "ROUND", "SQRT", "SIGN", "UPPER", "LOWER", "UCASE", "LCASE", "LENGTH", "CHAR_LENGTH", "CHARACTER_LENGTH", "OCTET_LENGTH", "BIT_LENGTH", "REVERSE",
               "HEX", "UNHEX", "MD5", "SHA1", "SHA", "CRC32", "YEAR", "MONTH", "DAY", "DAYOFMONTH", "DAYOFWEEK", "DAYOFYEAR", "HOUR", "MINUTE", "SECOND", "WEEK", "WEEKDAY", "QUARTER", "LAST_DAY",
               "TO_DAYS", "DATE", "TIME", "ISNULL", "ASCII", "ORD", "BIN", "OCT", "SPACE", "QUOTE", "SOUNDEX", "LN", "EXP", "LOG2", "SIN", "RADIANS", "INET_ATON", "INET_NTOA", "BIT_COUNT",
               "DAYNAME", "UNIX_TIMESTAMP", "FROM_UNIXTIME", "SEC_TO_TIME", "TIME_TO_SEC", "TO_BASE64", "MICROSECOND", "YEARWEEK", "CHARSET", "UUID_TO_BIN", "LOG", "DEGREES"]
        two = ["CONCAT", "IFNULL", "NULLIF", "COALESCE", "GREATEST", "LEAST", "POW", "POWER", "MOD", "LEFT", "RIGHT", "REPEAT", "DATEDIFF", "ATAN2", "FORMAT", "INSTR", "ROUND", "TRUNCATE", "SHA2",
               "DATE_FORMAT", "CONCAT_WS", "FIND_IN_SET", "TIMEDIFF", "ADDTIME", "SUBTIME", "ATAN", "LOG", "STR_TO_DATE", "MAKEDATE", "PERIOD_ADD", "AES_ENCRYPT", "WEEK", "TIMESTAMP", "CONCAT"]
        three = ["IF", "REPLACE", "LPAD", "RPAD", "SUBSTRING_INDEX", "CONCAT", "ELT", "FIELD", "MAKETIME", "COALESCE", "CONCAT_WS", "GREATEST", "CONV", "IF"]
        if roll < 28:
            return f"{self.name_case(self.pick(*one))}({x()})"
        if roll == 28:
            return f"{self.name_case(self.pick(*two))}({x()}, {x()})"
        return f"{self.name_case(self.pick(*three))}({x()}, {x()}, {x()})"

    def name_case(self, name):
        return self.pick(name, name.lower(), name.capitalize())

    # ---- columns

    def default(self, of):
        kind = of.split("(")[0].split(" ")[0]
        if self.rng.random() < 0.12:
            return "NULL"
        if self.since((8, 0, 13), (10, 2, 1)) and self.rng.random() < 0.2:
            return "(" + self.expression([], self.rng.randrange(1, 3)) + ")"
        if kind in ("DATETIME", "TIMESTAMP") and self.rng.random() < 0.6:
            digits = of[of.index("("):].split(")")[0] + ")" if "(" in of else ""
            return self.pick("CURRENT_TIMESTAMP", "NOW()", *(["LOCALTIME", "LOCALTIMESTAMP"] if self.wild else [])) if not digits else self.pick("CURRENT_TIMESTAMP", "NOW") + digits
        if kind in ("DATE", "TIME", "DATETIME", "TIMESTAMP", "YEAR"):
            return {"DATE": self.pick("'2020-01-02'", "'0000-00-00'", "20200102", "'20-1-2'", "'2020/01/02'"), "TIME": self.pick("'10:11:12'", "'-838:59:59'", "101112", "'10:11'", "'1 02:03:04'", "'10:11:12.5'", "0"),
                    "YEAR": self.pick("2000", "'70'", "0", "'0000'", "99", "1901")}.get(kind) or self.pick("'2020-01-02 03:04:05'", "'2020-01-02 03:04:05.678'", "20200102030405", "'2020-01-02'", "'2001-1-2 3:4:5'", "0")
        if kind in ("ENUM", "SET"):
            return self.pick("''", "'a'", "'b'", "'A'", "'a,b'", "'b,a'", "1", "'it''s'")
        if kind in ("BIT", "BOOL", "BOOLEAN"):
            return self.pick("0", "1", "b'1'", "b'0'", "TRUE", "FALSE", "x'01'", "0x1", "'1'")
        if kind in ("BINARY", "VARBINARY"):
            return self.pick("''", "'ab'", "0x4142", "b'01000001'", "12", *(["x'00ff'"] if self.wild else []))
        if "CHAR" in kind:
            return self.pick("''", "'x'", self.string(self.words()), "12", "1.50", "'it''s'", *(["N'nat'", "_utf8'abc'", "_latin1'abc'", "x'6162'", "b'01100001'", "TRUE", "-3", "1e3"] if self.wild else []))
        return self.pick("0", "1", "-1", "'5'", "1.5", "'1.005'", "12e1", "TRUE", "x'0A'", "b'11'", "+4", "'007'", "0.0", "100", ".5", "'-2'", "' 7'", "999.995")

    def generated(self, columns):
        return (self.maybe(0.4, " GENERATED ALWAYS") + " AS (" + self.expression(columns, self.rng.randrange(1, 4)) + ")"
                + self.pick("", " VIRTUAL", " STORED", *([] if self.mysql else [" PERSISTENT"])))

    def column(self, name, columns):
        """A column's definition; `columns` are those that an expression may name."""
        of = self.type()
        parts = [self.quote(name), of]
        if self.since((5, 7, 6), (10, 2, 1)) and self.rng.random() < 0.2 and columns:
            parts.append(self.generated(columns))
            parts += [self.maybe(0.15, "NOT NULL") if self.mysql else "", self.maybe(0.1, "UNIQUE"), self.maybe(0.2, lambda: "COMMENT " + self.string(self.words()))]
            return " ".join(p for p in parts if p)
        attributes = [self.pick("", "", "NOT NULL", "NULL"), self.maybe(0.4, lambda: "DEFAULT " + self.default(of))]
        if of.startswith(("DATETIME", "TIMESTAMP")) and self.rng.random() < 0.3:
            attributes.append("ON UPDATE " + self.pick("CURRENT_TIMESTAMP", "NOW", "LOCALTIME", "LOCALTIMESTAMP") + (of[of.index("("):] if "(" in of else self.pick("()", "")))
        attributes += [self.maybe(0.07, lambda: self.pick("UNIQUE", "UNIQUE KEY", "PRIMARY KEY", "KEY")), self.maybe(0.15, lambda: "COMMENT " + self.string(self.words())),
                       self.maybe(0.04, "AUTO_INCREMENT")]
        if self.mysql:
            attributes += [self.maybe(0.03, lambda: "COLUMN_FORMAT " + self.pick("FIXED", "DYNAMIC", "DEFAULT")), self.maybe(0.02, lambda: "STORAGE " + self.pick("DISK", "MEMORY"))]
        if self.since((8, 0, 23), (10, 3, 3)):
            attributes.append(self.maybe(0.06, "INVISIBLE"))
        if self.since((8, 0, 16), (10, 2, 1)):
            attributes.append(self.maybe(0.08, lambda: self.maybe(0.2, "CONSTRAINT cc ") + "CHECK (" + self.expression([name], 2) + ")"
                                         + (self.maybe(0.2, " NOT ENFORCED") if self.mysql else "")))
        if not self.mysql:
            self.rng.shuffle(attributes)
            attributes.sort(key=lambda x: x.startswith("CHECK") or x.startswith("CONSTRAINT"))
        elif self.rng.random() < 0.3:
            self.rng.shuffle(attributes)
        parts += attributes
        return " ".join(p for p in parts if p)

    # ---- keys

    def key_part(self, columns):
        if self.since((8, 0, 13), None) and self.rng.random() < 0.1:
            return "((" + self.expression(columns, 2) + "))" if self.rng.random() < 0 else "(" + self.expression(columns, 2) + ")" + self.pick("", " DESC")
        return self.quote(self.column_of(columns)) + self.maybe(0.3, lambda: f"({self.pick(1, 3, 10, 20, 255)})") + self.pick("", "", "", " ASC", " DESC")

    def key_options(self):
        out = self.maybe(0.1, lambda: " USING " + self.pick("BTREE", "HASH")) + self.maybe(0.1, lambda: " COMMENT " + self.string(self.words())) + self.maybe(0.05 if self.wild else 0, " KEY_BLOCK_SIZE=4")
        if self.since((8, 0, 0), None):
            out += self.maybe(0.1, lambda: self.pick(" INVISIBLE", " VISIBLE"))
        if self.since(None, (10, 6, 0)):
            out += self.maybe(0.1, lambda: self.pick(" IGNORED", " NOT IGNORED"))
        return out

    def key(self, columns):
        parts = ", ".join(self.key_part(columns) for _ in range(self.pick(1, 1, 1, 2, 3)))
        name = self.maybe(0.5, lambda: " " + self.quote(self.pick("k1", "k2", "k3", "kü", "a", "K1", "uq")))
        roll = self.rng.randrange(10)
        if roll < 4:
            return f"{self.pick('KEY', 'INDEX')}{name} ({parts}){self.key_options()}"
        if roll < 7:
            constraint = self.maybe(0.3, lambda: "CONSTRAINT " + self.maybe(0.7, lambda: self.pick("u1 ", "u2 ")))
            return f"{constraint}{self.pick('UNIQUE', 'UNIQUE KEY', 'UNIQUE INDEX')}{name} ({parts}){self.key_options()}"
        if roll == 7:
            return f"{self.maybe(0.3, 'CONSTRAINT pk ')}PRIMARY KEY ({parts}){self.maybe(0.2, ' USING BTREE')}"
        if roll == 8:
            return f"FULLTEXT{self.pick('', ' KEY', ' INDEX')}{name} ({', '.join(self.quote(self.column_of(columns)) for _ in range(self.pick(1, 2)))})" + self.maybe(0.1, " COMMENT 'ft'")
        return f"SPATIAL{self.pick('', ' KEY', ' INDEX')}{name} ({self.quote(self.column_of(columns))})"

    def check(self, columns):
        return self.maybe(0.4, lambda: f"CONSTRAINT {self.pick('c1', 'c2', 'C3')} ") + "CHECK (" + self.expression(columns, 3) + ")" + (self.maybe(0.2, " NOT ENFORCED") if self.mysql else "")

    def reference(self, table=None):
        target = table or (self.rng.choice(list(self.tables)) if self.tables else "p1")
        columns = self.tables.get(target, ["id"])
        actions = self.maybe(0.4, lambda: " ON DELETE " + self.pick("CASCADE", "SET NULL", "RESTRICT", "NO ACTION")) + self.maybe(0.3, lambda: " ON UPDATE " + self.pick("CASCADE", "RESTRICT", "NO ACTION", "SET NULL"))
        return f"REFERENCES {self.quote(target)} ({self.quote(columns[0])}){actions}"

    def foreign_key(self, columns):
        return (self.maybe(0.4, lambda: "CONSTRAINT " + self.maybe(0.8, lambda: self.pick("fk1 ", "fk2 ", "`f k` "))) + "FOREIGN KEY" + self.maybe(0.2, " fki")
                + f" ({self.quote(self.column_of(columns))}) " + self.reference())

    # ---- tables

    def options(self):
        every = [lambda: "ENGINE=" + self.pick("InnoDB", "MyISAM", "innodb", "MEMORY", "InnoDB", "InnoDB"), lambda: "COMMENT=" + self.string(self.words()), lambda: self.pick("DEFAULT ", "") + "CHARSET=" + self.pick(*CHARSETS),
                 lambda: "COLLATE=" + self.pick(*COLLATIONS), lambda: "DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci", lambda: "ROW_FORMAT=" + self.pick("DYNAMIC", "COMPACT", "REDUNDANT", "DEFAULT", "COMPRESSED", "FIXED"),
                 lambda: "AUTO_INCREMENT=" + self.pick("1", "5", "100"), lambda: "MAX_ROWS=" + self.pick("0", "1000"), lambda: "MIN_ROWS=10", lambda: "AVG_ROW_LENGTH=50", lambda: "CHECKSUM=" + self.pick("0", "1"),
                 lambda: "PACK_KEYS=" + self.pick("0", "1", "DEFAULT"), lambda: "STATS_PERSISTENT=" + self.pick("0", "1", "DEFAULT"), lambda: "STATS_AUTO_RECALC=1", lambda: "STATS_SAMPLE_PAGES=20", lambda: "DELAY_KEY_WRITE=1",
                 lambda: "INSERT_METHOD=NO", *([lambda: "KEY_BLOCK_SIZE=" + self.pick("0", "8")] if self.wild else [])]
        if self.since(None, (10, 3, 4)):
            every.append(lambda: "WITH SYSTEM VERSIONING")
        return [self.rng.choice(every)() for _ in range(self.pick(0, 0, 0, 1, 1, 2, 3))]

    def partition(self, columns):
        column = self.quote(self.column_of(columns))
        roll = self.rng.randrange(7)
        if roll == 0:
            return f"PARTITION BY {self.maybe(0.2, 'LINEAR ')}HASH ({self.pick(column, f'{column} + 1', f'YEAR({column})', f'ABS({column})')})" + self.maybe(0.8, f" PARTITIONS {self.pick(1, 3, 5)}")
        if roll == 1:
            return f"PARTITION BY {self.maybe(0.2, 'LINEAR ')}KEY {self.maybe(0.2, 'ALGORITHM=2 ')}({self.pick('', column)})" + self.maybe(0.8, f" PARTITIONS {self.pick(2, 4)}")
        rest = self.pick("", "", " COMMENT 'old'", " MAX_ROWS=10", " ENGINE=InnoDB")
        if roll == 2:
            return f"PARTITION BY RANGE ({column}) (PARTITION p0 VALUES LESS THAN (10){rest}, PARTITION `p 1` VALUES LESS THAN {self.pick('MAXVALUE', '(MAXVALUE)', '(20)')})"
        if roll == 3:
            return f"PARTITION BY RANGE COLUMNS ({column}) (PARTITION p0 VALUES LESS THAN ({self.pick('10', repr('m'), repr('2020-01-01'))}){rest}, PARTITION p1 VALUES LESS THAN (MAXVALUE))"
        if roll == 4:
            return f"PARTITION BY LIST ({column}) (PARTITION p0 VALUES IN (1,2,{self.pick('3', 'NULL')}){rest}, PARTITION p1 VALUES IN (7))"
        if roll == 5:
            values = self.pick("1,2", "'a','b'", "'2020-01-01'")
            return f"PARTITION BY LIST COLUMNS ({column}) (PARTITION p0 VALUES IN ({values}){rest})"
        return (f"PARTITION BY RANGE ({column}) SUBPARTITION BY {self.pick(f'HASH ({column})', f'KEY ({column})')} {self.maybe(0.7, 'SUBPARTITIONS 2')} "
                f"(PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)")

    def create(self):
        name = self.fresh_table()
        if self.tables and self.rng.random() < 0.06:
            like = self.rng.choice(list(self.tables))
            return f"CREATE TABLE {self.quote(name)} {self.pick('LIKE {}', '(LIKE {})').format(self.quote(like))}", (name, list(self.tables[like]))
        columns = []
        if self.rng.random() < 0.4:
            columns.append("id")
        lines = [self.quote("id") + " " + self.pick("INT NOT NULL AUTO_INCREMENT PRIMARY KEY", "BIGINT UNSIGNED NOT NULL PRIMARY KEY", "SERIAL", "INT PRIMARY KEY", "INT UNIQUE", "VARCHAR(30) PRIMARY KEY",
                                                    "BIGINT AUTO_INCREMENT UNIQUE", "INT SERIAL DEFAULT VALUE")] if columns else []
        for _ in range(self.rng.randrange(1, 7)):
            column = self.fresh(columns)
            lines.append(self.column(column, columns))
            columns.append(column)
        extras = [self.key(columns) for _ in range(self.pick(0, 0, 1, 1, 2, 3))]
        if self.since((8, 0, 16), (10, 2, 1)):
            extras += [self.check(columns) for _ in range(self.pick(0, 0, 0, 1))]
        if self.tables and self.rng.random() < 0.2:
            extras.append(self.foreign_key(columns))
        lines += extras
        if self.rng.random() < 0.15:
            self.rng.shuffle(lines)
        options = self.pick(" ", " ", ", ").join(self.options())
        partition = self.maybe(0.08, lambda: " " + self.partition(columns))
        return f"CREATE TABLE {self.maybe(0.1, 'IF NOT EXISTS ')}{self.quote(name)} ({', '.join(lines)}) {options}{partition}".rstrip(), (name, columns)

    def fresh_table(self):
        self.counter += 1
        return self.pick("t", "p", "Big", "o`dd", "tab le", "ü") + str(self.counter)

    # ---- changes

    def place(self, columns):
        return self.pick("", "", " FIRST", " AFTER " + self.quote(self.column_of(columns)))

    def spec(self, table, columns):
        """One change and what it makes of the column names."""
        one = self.column_of(columns)
        roll = self.rng.randrange(34)
        if roll < 6:
            new = self.fresh(columns, self.rng.random() < 0.3)
            return f"ADD {self.maybe(0.5, 'COLUMN ')}{self.column(new, columns)}{self.place(columns)}", columns + [new]
        if roll == 6:
            first, second = self.fresh(columns, True), self.fresh(columns, True)
            return f"ADD {self.maybe(0.5, 'COLUMN ')}({self.column(first, columns)}, {self.column(second, columns)}{self.maybe(0.2, lambda: ', ' + self.key([first]))})", columns + [first, second]
        if roll < 11:
            return f"MODIFY {self.maybe(0.5, 'COLUMN ')}{self.column(one, [c for c in columns if c != one])}{self.place([c for c in columns if c != one])}", columns
        if roll < 15:
            new = self.pick(one, self.fresh(columns), self.fresh(columns, True))
            return (f"CHANGE {self.maybe(0.5, 'COLUMN ')}{self.quote(one)} {self.column(new, [c for c in columns if c != one])}{self.place([c for c in columns if c != one])}", [new if c == one else c for c in columns])
        if roll < 18 and len(columns) > 1:
            return f"DROP {self.maybe(0.5, 'COLUMN ')}{self.quote(one)}", [c for c in columns if c != one]
        if roll == 18:
            return f"ALTER {self.maybe(0.5, 'COLUMN ')}{self.quote(one)} {self.pick('DROP DEFAULT', 'SET DEFAULT 5', 'SET DEFAULT ' + self.string('x'), 'SET DEFAULT NULL')}", columns
        if roll == 19 and self.since((8, 0, 3), (10, 5, 2)):
            new = self.fresh(columns)
            return f"RENAME COLUMN {self.quote(one)} TO {self.quote(new)}", [new if c == one else c for c in columns]
        if roll < 24:
            return "ADD " + self.key(columns), columns
        if roll == 24:
            return self.pick(f"DROP {self.pick('KEY', 'INDEX')} {self.pick('k1', 'k2', self.quote(one), 'u1', 'c1')}", "DROP PRIMARY KEY", "DROP FOREIGN KEY fk1", f"DROP FOREIGN KEY `{table}_ibfk_1`",
                             "DROP CONSTRAINT c1", f"DROP CONSTRAINT {table}_chk_1", "DROP CHECK c1", "DROP CONSTRAINT u1"), columns
        if roll == 25 and self.since((5, 7, 1), (10, 5, 2)):
            return f"RENAME {self.pick('KEY', 'INDEX')} {self.pick('k1', 'k2', self.quote(one))} TO {self.pick('r1', 'k9')}", columns
        if roll == 26 and self.since((8, 0, 16), (10, 2, 1)):
            return "ADD " + self.check(columns), columns
        if roll == 27:
            return "ADD " + self.foreign_key(columns), columns
        if roll == 28:
            collation = self.pick(*COLLATIONS)
            return self.pick(f"CONVERT TO CHARACTER SET {self.pick(*CHARSETS)}", f"CONVERT TO CHARACTER SET {collation.split('_')[0]} COLLATE {collation}", f"DEFAULT CHARACTER SET {self.pick(*CHARSETS)}",
                             f"COLLATE {collation}", "CONVERT TO CHARACTER SET DEFAULT"), columns
        if roll == 29:
            return self.pick("FORCE", "ORDER BY " + self.quote(one), "DISABLE KEYS", "ENABLE KEYS", "ALGORITHM=COPY", "LOCK=DEFAULT"), columns
        if roll == 30:
            return self.pick("REMOVE PARTITIONING", self.partition(columns), "ADD PARTITION PARTITIONS 2", "COALESCE PARTITION 1", "DROP PARTITION p0", "TRUNCATE PARTITION p1",
                             "ADD PARTITION (PARTITION p9 VALUES LESS THAN (99))", "REORGANIZE PARTITION p0 INTO (PARTITION n0 VALUES LESS THAN (5), PARTITION n1 VALUES LESS THAN (10))", "ADD PARTITION (PARTITION p7 VALUES IN (77))"), columns
        if roll == 31 and self.since((8, 0, 0), None):
            return self.pick(f"ALTER INDEX k1 {self.pick('VISIBLE', 'INVISIBLE')}", f"ALTER CHECK c1 {self.pick('ENFORCED', 'NOT ENFORCED')}", f"ALTER COLUMN {self.quote(one)} SET {self.pick('VISIBLE', 'INVISIBLE')}"), columns
        if roll == 31 and self.since(None, (10, 6, 0)):
            return self.pick(f"ALTER INDEX k1 {self.pick('IGNORED', 'NOT IGNORED')}", "ADD SYSTEM VERSIONING", "DROP SYSTEM VERSIONING", f"DROP COLUMN IF EXISTS {self.quote(one)}"), columns
        return self.pick(*(self.options() or ["COMMENT='c'"])), columns

    def alter(self):
        table = self.rng.choice(list(self.tables))
        columns, specs = self.tables[table], []
        for _ in range(self.pick(1, 1, 1, 2, 2, 3)):
            text, columns = self.spec(table, columns)
            specs.append(text)
        if any(s.startswith(("PARTITION BY", "REMOVE", "ADD PARTITION", "COALESCE", "DROP PARTITION", "TRUNCATE", "REORGANIZE")) for s in specs):
            specs = specs[-1:]
        return f"ALTER TABLE {self.quote(table)} {', '.join(specs)}", (table, columns)

    def index(self):
        table = self.rng.choice(list(self.tables))
        columns = self.tables[table]
        parts = ", ".join(self.key_part(columns) for _ in range(self.pick(1, 1, 2)))
        text = self.pick(f"CREATE {self.pick('', 'UNIQUE ', 'FULLTEXT ', 'SPATIAL ', '')}INDEX {self.pick('i1', 'i2', 'k1')} ON {self.quote(table)} ({parts}){self.key_options()}",
                         f"DROP INDEX {self.pick('i1', 'i2', 'k1', self.quote(self.column_of(columns)))} ON {self.quote(table)}")
        return text, (table, columns)

    def statement(self):
        """(sql, what becomes of the tables where the server takes it)."""
        if not self.tables or self.rng.random() < 0.25:
            sql, (name, columns) = self.create()
            return sql, lambda: self.tables.__setitem__(name, columns)
        roll = self.rng.random()
        if roll < 0.07:
            old, new = self.rng.choice(list(self.tables)), self.fresh_table()
            sql = self.pick("RENAME TABLE {} TO {}", "ALTER TABLE {} RENAME TO {}", "ALTER TABLE {} RENAME {}").format(self.quote(old), self.quote(new))
            return sql, lambda: self.tables.__setitem__(new, self.tables.pop(old))
        if roll < 0.09:
            old = self.rng.choice(list(self.tables))
            return f"DROP TABLE {self.quote(old)}", lambda: self.tables.pop(old)
        if roll < 0.2:
            sql, (name, columns) = self.index()
            return sql, lambda: None
        sql, (name, columns) = self.alter()
        return sql, lambda: self.tables.__setitem__(name, columns)
