#!/usr/bin/env python3
"""Records the binlogs of this folder on real servers, with the vendors' own decode beside each.
    python3 tests/data/binlog/record.py [NAME...]
Needs the servers of tests/servers. Positions and times change with each recording; the tests do not rely on them."""
import gzip
import os
import pathlib
import secrets
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "servers"))
from servers import up  # noqa: E402

CASES = {
    "mysql-9.7-types": ("mysql-9.7", "mysql-types.sql", {"binlog_row_metadata": "FULL"}),
    "mysql-5.6-types": ("mysql-5.6", "mysql-types.sql", {}),
    "mysql-9.7-json": ("mysql-9.7", "mysql-json.sql", {}),
    "mysql-8.0-features": ("mysql-8.0", "mysql-features.sql", {"gtid_mode": "OFF", "enforce_gtid_consistency": "OFF"}),
    "mysql-9.7-features": ("mysql-9.7", "mysql-features.sql", {"binlog_row_metadata": "FULL"}),
    "mariadb-10.11-types": ("mariadb-10.11", "mysql-types.sql", {"binlog_row_metadata": "FULL"}),
    "mariadb-10.11-features": ("mariadb-10.11", "mariadb-features.sql", {"binlog_row_metadata": "FULL"}),
    "mariadb-11.8-alter": ("mariadb-11.8", "mariadb-alter.sql", {}),
    "mariadb-10.2-old-temporals": ("mariadb-10.2", "mariadb-old-temporals.sql", {}),
}

# Encrypted files: with the plugins of DMLIB_KEY_PLUGINS (MariaDB's file_key_management.so is in Debian's package
# mariadb-server, whose other files are not needed). mysql-8.0-component was made by hand: a copy of the server with a
# manifest `mysqld.my` for component_keyring_file, and ALTER INSTANCE ROTATE BINLOG MASTER KEY behind the last statement.
_MARIADB_KEYS = {"plugin_load_add": "file_key_management.so", "file_key_management_filename": "{keys}", "encrypt_binlog": "ON"}
ENCRYPTED = {
    "mysql-8.0-plugin": ("mysql-8.0", None, {"early_plugin_load": "keyring_file.so", "keyring_file_data": "{keys}",
                                             "binlog_encryption": "ON"}),
    "mariadb-10.11-cbc": ("mariadb-10.11", 16, {**_MARIADB_KEYS, "file_key_management_encryption_algorithm": "aes_cbc"}),
    "mariadb-10.11-ctr": ("mariadb-10.11", 32, {**_MARIADB_KEYS, "file_key_management_encryption_algorithm": "aes_ctr",
                                                "binlog_checksum": "NONE"}),
}


def statements(server, text):
    """All statements on one connection; some are refused by some servers, which is part of the recording."""
    command = ["mariadb", "--no-defaults", "-h", "127.0.0.1", "-P", str(server.port), "-u", "root", "--force",
               "--default-character-set=utf8mb4"]
    done = subprocess.run(command, input=text.encode(), capture_output=True)
    return done.stderr.decode(errors="replace")


def tool(kind, server):
    if kind in ("mariadb-10.11", "mysql-5.6"):  # the tool of 5.6 prints decimals wrongly
        return ["mariadb-binlog"]
    prefix = pathlib.Path(server.prefix)
    for name in ("mariadb-binlog", "mysqlbinlog"):
        if (prefix / "run").exists():
            found = list(prefix.rglob("bin/" + name))
            if found:
                return [str(prefix / "run"), str(found[0])]
        for found in prefix.rglob(name):
            return [str(found)]
    return ["mariadb-binlog"]


def record(name):
    kind, script, settings = CASES[name]
    with up(kind, settings=settings) as server:
        logs = lambda: sorted(p for p in pathlib.Path(server.datadir).iterdir() if p.suffix[1:].isdigit())
        statements(server, "FLUSH BINARY LOGS;")
        first = logs()[-1]
        said = statements(server, (HERE / script).read_text(encoding="utf-8"))
        statements(server, "FLUSH BINARY LOGS;")
        data = first.read_bytes()
        out = HERE / (name + ".binlog")
        out.write_bytes(data)
        command = tool(kind, server) + ["--no-defaults", "-vv", "--base64-output=decode-rows", str(out)]
        decoded = subprocess.run(command, capture_output=True, env=dict(os.environ, TZ="UTC"))
        text = decoded.stdout.replace(str(HERE).encode() + b"/", b"")
        (HERE / (name + ".txt.gz")).write_bytes(gzip.compress(text, 9, mtime=0))
        out.unlink()
        (HERE / (name + ".binlog.gz")).write_bytes(gzip.compress(data, 9, mtime=0))
        print(name, len(data), "bytes; decode", len(text), "exit", decoded.returncode,
              "\n   ".join(["", *said.splitlines(), decoded.stderr.decode(errors="replace")[-200:]]))


def record_encrypted(name):
    """The file as it lies on disk, its keys, and what the vendor's tool reads from the server, which decrypts."""
    kind, key_bytes, settings = ENCRYPTED[name]
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        keys = pathlib.Path(folder) / "keys"
        if key_bytes:
            keys.write_text(f"1;{secrets.token_hex(key_bytes)}\n", encoding="ascii")
            settings = {**settings, "plugin_dir": os.environ["DMLIB_KEY_PLUGINS"]}
        with up(kind, settings={k: v.format(keys=keys) for k, v in settings.items()}) as server:
            statements(server, "FLUSH BINARY LOGS;")
            first = sorted(p for p in pathlib.Path(server.datadir).iterdir() if p.suffix[1:].isdigit())[-1]
            statements(server, (HERE / "encrypted.sql").read_text(encoding="utf-8") + "FLUSH BINARY LOGS;")
            command = tool(kind, server) + ["--no-defaults", "-h", "127.0.0.1", "-P", str(server.port), "-u", "root", "-R",
                                            "-vv", "--base64-output=decode-rows", first.name]
            decoded = subprocess.run(command, capture_output=True, env=dict(os.environ, TZ="UTC"), check=True)
            (HERE / (name + ".txt.gz")).write_bytes(gzip.compress(decoded.stdout, 9, mtime=0))
            (HERE / (name + ".encrypted.gz")).write_bytes(gzip.compress(first.read_bytes(), 9, mtime=0))
            (HERE / (name + ".keys")).write_bytes(keys.read_bytes())


if __name__ == "__main__":
    for case in sys.argv[1:] or CASES:
        (record_encrypted if case in ENCRYPTED else record)(case)
