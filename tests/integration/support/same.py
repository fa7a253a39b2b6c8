"""Are both sides equal? By tests/servers/compare.py, which shares nothing with the product."""

import json

from compare import compare

SYSTEM = {"mysql", "information_schema", "performance_schema", "metrics_schema", "sys", "test", "dm_meta"}


def databases(server, prefix="it"):
    return sorted(r[0] for r in server.query("SHOW DATABASES") if r[0] not in SYSTEM and r[0].startswith(prefix))


def assert_equal(source, target, schemas=None, prefix="it", **options):
    """Every table of every database that either side has."""
    if schemas is None:
        here, there = databases(source, prefix), databases(target, prefix)
        assert here == there, f"databases of the source {here}, of the target {there}"
        schemas = [d for d in here if tables(source, d) or tables(target, d)]
    differences = compare(source, target, schemas=schemas, **options)
    assert differences == [], describe(differences)


def tables(server, schema):
    return [r[0] for r in server.query("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '" + schema.replace("'", "''") + "'")]


def describe(differences):
    lines = [f"{len(differences)} differences"]
    for d in differences[:12]:
        lines.append(d["message"])
        lines += ["    " + json.dumps(e, ensure_ascii=False)[:600] for e in d.get("examples", [])[:3]]
    return "\n".join(lines)
