"""Random DDL on a real server, and what `dmlib schema` makes of the statements that it took: the definitions are the same
after every statement, text by text, with SHOW CREATE TABLE.

Short by itself. DMLIB_DDL_HISTORIES=1000 (per server), DMLIB_DDL_SEED and DMLIB_DDL_SERVERS (kinds, with commas) make it longer. DMLIB_DDL_WILD=1 also
makes what hardly anybody writes; there the definitions have to agree for 97 % of the statements (docs/limits.md says what differs).
"""

import os
import random

import pytest

from support.ddl_compare import Session, Unreadable, differences, followed
from support.ddl_maker import Maker

HISTORIES = int(os.environ.get("DMLIB_DDL_HISTORIES", "12"))
SEED = int(os.environ.get("DMLIB_DDL_SEED", "1"))
WILD = os.environ.get("DMLIB_DDL_WILD", "") == "1"
KINDS = os.environ.get("DMLIB_DDL_SERVERS", "mysql-5.6,mysql-8.0,mysql-9.7,mariadb-10.2,mariadb-10.11,mariadb-11.8").split(",")
STATEMENTS = 25
SCHEMA_OPTIONS = ["", "", " CHARACTER SET latin1", " CHARACTER SET utf8mb4", " CHARACTER SET utf8 COLLATE utf8_bin", " COLLATE utf8mb4_general_ci"]


def record(session, kind, seed):
    """One history: [(sql, {table: definition} after it)]."""
    rng = random.Random(f"{kind} {seed}")
    maker, schema = Maker(rng, kind, WILD), f"rnd{seed}"
    begin = f"CREATE DATABASE {schema}" + rng.choice(SCHEMA_OPTIONS)
    refused = session.run(begin)
    assert refused is None, (begin, refused)
    out = [(begin, None)]
    for sql in (f"USE {schema}", f"SET sql_mode='{maker.mode}'"):
        assert session.run(sql) is None
        out.append((sql, None))
    for _ in range(STATEMENTS):
        sql, taken = maker.statement()
        try:
            if session.run(sql) is not None:
                continue
            out.append((sql, session.definitions(schema)))
        except Unreadable:
            break
        taken()
    session.run(f"DROP DATABASE {schema}")
    out.append((f"DROP DATABASE {schema}", {}))
    return out


@pytest.mark.parametrize("kind", KINDS)
def test_definitions_follow(kind, servers):
    server = servers(kind)
    version, charset, collation = server.query("SELECT VERSION(), @@character_set_server, @@collation_server")[0]
    session = Session(server)
    histories = [record(session, kind, SEED + n) for n in range(HISTORIES)]
    statements = [sql for history in histories for sql, _ in history]
    lines = followed(kind, version, (charset, collation), statements)
    found, at, count = [], 0, 0
    for n, history in enumerate(histories):
        count += len(history) - 4
        found += [(SEED + n, *d) for d in differences(kind, history, lines[at:at + len(history)])]
        at += len(history)
    print(f"{kind}: {count} statements taken, {len(found)} differences")
    assert count > HISTORIES * 4, "the server takes next to nothing of what is made"
    listed = "\n".join(f"seed {seed}, statement {at}: {sql}\n    {what}" for seed, at, sql, what in found[:60])
    assert len(found) <= (count * 3 // 100 if WILD else 0), f"{len(found)} differences among {count} statements\n{listed}"
