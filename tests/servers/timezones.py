"""The rows of mysql.time_zone*, read from the system's zone files.

Only some of the kinds come with mysql_tzinfo_to_sql, and it takes seconds; this takes less, for all of them.
"""

import struct
from pathlib import Path

ZONEINFO = Path("/usr/share/zoneinfo")
_NOT_ZONES = {"posix", "right", "posixrules", "localtime", "Factory"}


def zone_files():
    """(name, content) of every zone."""
    for path in sorted(ZONEINFO.rglob("*")):
        name = str(path.relative_to(ZONEINFO))
        if name.split("/")[0] not in _NOT_ZONES and path.is_file():
            content = path.read_bytes()
            if content[:4] == b"TZif":
                yield name, content


def parse(content):
    """(transitions [(time, type)], types [(offset, is_dst, abbreviation)]) of a zone file, from its 64-bit part."""
    def header(at):
        return struct.unpack_from(">4sc15x6l", content, at)[2:]

    def size(counts, width):
        utc, std, leap, times, types, chars = counts
        return times * (width + 1) + types * 6 + chars + leap * (width + 4) + std + utc

    at, width, counts = 44, 4, header(0)
    if content[4:5] >= b"2":
        second = 44 + size(counts, 4)
        at, width, counts = second + 44, 8, header(second)
    _, _, _, n_times, n_types, n_chars = counts
    times = struct.unpack_from(f">{n_times}{'q' if width == 8 else 'l'}", content, at)
    at += n_times * width
    kinds = content[at:at + n_times]
    at += n_times
    raw = [struct.unpack_from(">lBB", content, at + 6 * i) for i in range(n_types)]
    chars = content[at + 6 * n_types:at + 6 * n_types + n_chars]
    types = [(offset, dst, chars[i:chars.index(0, i)].decode()) for offset, dst, i in raw]
    return list(zip(times, kinds)), types


def statements():
    """SQL that fills the (empty) tables. Zones with the same content share an id, as links do."""
    ids, names, transitions, types = {}, [], [], []
    for name, content in zone_files():
        if content not in ids:
            ids[content] = number = len(ids) + 1
            zone_transitions, zone_types = parse(content)
            transitions += [f"({number},{t},{k})" for t, k in zone_transitions]
            types += [f"({number},{i},{offset},{dst},'{abbr}')" for i, (offset, dst, abbr) in enumerate(zone_types)]
        names.append(f"('{name}',{ids[content]})")
    yield from inserts("time_zone (Time_zone_id, Use_leap_seconds)", [f"({i},'N')" for i in ids.values()])
    yield from inserts("time_zone_name (Name, Time_zone_id)", names)
    yield from inserts("time_zone_transition (Time_zone_id, Transition_time, Transition_type_id)", transitions)
    yield from inserts("time_zone_transition_type (Time_zone_id, Transition_type_id, `Offset`, Is_DST, Abbreviation)", types)


def inserts(table, rows, batch=5000):
    for i in range(0, len(rows), batch):
        yield f"INSERT INTO mysql.{table} VALUES {','.join(rows[i:i + batch])}"
