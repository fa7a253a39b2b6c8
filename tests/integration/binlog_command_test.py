"""`dmlib binlog` on files: what it prints for an encrypted file with, without and with a wrong key file."""

import gzip
import json
import pathlib
import subprocess

import pytest

from support.dmlib import find_program

DATA = pathlib.Path(__file__).resolve().parents[1] / "data" / "binlog"
NAMES = sorted(p.name.removesuffix(".encrypted.gz") for p in DATA.glob("*.encrypted.gz"))


@pytest.fixture(params=NAMES)
def recorded(request, tmp_path):
    path = tmp_path / "binlog.000002"
    path.write_bytes(gzip.decompress((DATA / f"{request.param}.encrypted.gz").read_bytes()))
    return request.param, path


def binlog(*arguments):
    done = subprocess.run([str(find_program()), "binlog", "--json", *map(str, arguments)], capture_output=True, text=True)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_with_its_keys(recorded):
    name, path = recorded
    code, lines, said = binlog("--key-file", DATA / f"{name}.keys", path)
    assert code == 0, said
    text = gzip.decompress((DATA / f"{name}.txt.gz").read_bytes()).decode(errors="replace")
    assert [line["pos"] for line in lines] == [int(x[5:]) for x in text.splitlines() if x.startswith("# at ")]
    rows = [row["after"] for line in lines for row in line.get("rows", []) if "after" in row]
    assert rows[0] == {"@1": 1, "@2": "one", "@3": "1.50", "@4": None}
    assert rows[-1]["@4"] == "x" * 20000


def test_without_keys_and_with_others(recorded):
    name, path = recorded
    code, lines, said = binlog(path)
    assert code == 4 and lines[-1]["error"]["name"] == "encrypted" and "way out" in said.lower()
    other = next(n for n in NAMES if n != name and n.split("-")[0] != name.split("-")[0])
    code, lines, _ = binlog("--key-file", DATA / f"{other}.keys", path)
    assert code == 4 and lines[-1]["error"]["name"] == "encrypted"


def test_a_key_file_that_is_none(recorded, tmp_path):
    _, path = recorded
    code, lines, said = binlog("--key-file", path, path)
    assert code == 2 and not lines and str(path) in said
    code, lines, said = binlog("--key-file", tmp_path / "missing", path)
    assert code == 2 and "cannot be read" in said
