"""A source whose binlog files are encrypted: the precheck says so, and a task follows it like any other, since a server decrypts
what it sends to its replicas."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from support.dmlib import Job
from support.same import assert_equal
from support.small import DB, changes, make_small

MARK = "a text that no file shows"


@pytest.fixture
def folder():
    """That a server of another account may read and write."""
    made = Path(tempfile.mkdtemp(prefix="dmlib-keys-"))
    made.chmod(0o777)
    yield made
    shutil.rmtree(made)


def mariadb_settings(folder):
    """The plugin is in another package than the server; it is unpacked for this test alone."""
    def download():
        return subprocess.run(["apt-get", "download", "-q=2", "-o", "APT::Sandbox::User=root", "mariadb-server"], cwd=folder, capture_output=True, text=True, timeout=120)
    got = download()
    if got.returncode:
        subprocess.run(["apt-get", "-q=2", "update"], capture_output=True, timeout=300)
        got = download()
    packages = list(folder.glob("*.deb"))
    if got.returncode or not packages:
        pytest.skip(f"file_key_management is not to be had: {got.stderr.strip()[-200:]}")
    subprocess.run(["dpkg-deb", "-x", str(packages[0]), str(folder / "unpacked")], check=True)
    plugin, = (folder / "unpacked").rglob("file_key_management.so")
    keys = folder / "keys"
    keys.write_text(f"1;{os.urandom(32).hex()}\n")
    return {"plugin_dir": str(plugin.parent), "plugin_load_add": "file_key_management", "file_key_management_filename": str(keys), "encrypt_binlog": "ON"}


def mysql_settings(folder):
    return {"early_plugin_load": "keyring_file.so", "keyring_file_data": str(folder / "keyring"), "binlog_encryption": "ON"}


def about_encryption(job):
    item, = [i for i in job.check()[1]["items"] if i["name"] == "binlog_encryption"]
    assert item["passed"], item
    return item["message"]


@pytest.mark.parametrize("kind, settings", [("mysql-8.0", mysql_settings), ("mariadb-10.11", mariadb_settings)])
@pytest.mark.parametrize("gtid", [True, False])
def test_an_encrypted_binlog(servers, tmp_path, folder, kind, settings, gtid):
    source, target = servers(kind, **settings(folder)), servers(kind)
    make_small(source)
    job = Job(tmp_path, source, target, source_keys={"enable-gtid": gtid})
    job.run_ok()
    source.query(f"INSERT INTO {DB}.t VALUES (777, 777, '{MARK}')")
    changes(source)
    source.query("FLUSH BINARY LOGS")
    changes(source, start=3000)
    files = [Path(at, name) for at, _, names in os.walk(source.dir) for name in names if name.startswith("binlog.0")]
    assert len(files) > 1 and not any(MARK.encode() in f.read_bytes() for f in files), files
    assert "is encrypted" in about_encryption(job) and "decrypts it for replicas" in about_encryption(job)
    job.run_ok()
    assert_equal(source, target)


def test_a_plain_binlog(servers, tmp_path):
    source, target = servers("mariadb-10.11"), servers("mariadb-10.11")
    make_small(source)
    assert "is not encrypted" in about_encryption(Job(tmp_path, source, target))
