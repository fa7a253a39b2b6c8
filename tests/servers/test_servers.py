"""Each kind of server starts, answers, survives kill -9 on the same port, and goes away."""

import json
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import servers
from server_kinds import KINDS, find_kind, merged_settings
from servers import up, up_or_skip

HERE = Path(__file__).resolve().parent


@pytest.fixture
def own_dir(tmp_path, monkeypatch):
    """Instances of a test are below a folder of its own, so `--all` cannot reach anybody else's."""
    folder = Path("/tmp") / f"dmlib-servers-test-{os.getpid()}"
    monkeypatch.setenv("DMLIB_SERVER_DIR", str(folder))
    yield folder
    for server in servers.instances():
        server.down()
    if folder.exists():
        folder.rmdir()          # fails when something was left behind


def run(tool, *args, **env):
    return subprocess.run([str(HERE / tool), *map(str, args)], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env=os.environ | {k: v for k, v in env.items()})


def numbers(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, v FROM t.n ORDER BY id")
        return cursor.fetchall()


def fill(server, first, last):
    connection = server.connect(autocommit=True)
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE IF NOT EXISTS t")
        cursor.execute("CREATE TABLE IF NOT EXISTS t.n (id INT PRIMARY KEY, v VARCHAR(20))")
        for i in range(first, last):
            cursor.execute("INSERT INTO t.n VALUES (%s, %s)", (i, f"row {i}"))
    return connection


@pytest.mark.parametrize("kind", KINDS)
def test_life_of_a_server(kind, own_dir):
    server = up_or_skip(kind)
    folder, port, pid = Path(server.dir), server.port, server.pid
    version = server.query("SELECT VERSION()")[0][0]
    assert version == server.version
    assert ".".join(map(str, KINDS[kind].series)) in version
    if server.flavour != "tidb":
        rows = server.query("SELECT @@log_bin, @@binlog_format, @@server_id, @@local_infile, @@max_allowed_packet, @@time_zone, @@port")
        assert rows == [("1", "ROW", str(port), "1", str(64 << 20), "+00:00", str(port))]
        assert server.query("SELECT @@gtid_mode" if server.flavour == "mysql" else "SELECT @@gtid_strict_mode")[0][0] in ("ON", "1")
        assert server.query("SELECT USER FROM mysql.user WHERE User = '' AND Host <> ''") == []

    fill(server, 0, 300)                    # committed up to the very moment of the kill
    server.kill9()
    assert not server.alive()
    with pytest.raises(OSError):
        server.query("SELECT 1")
    server.again()
    assert (server.port, server.alive()) == (port, True)
    assert server.pid != pid
    assert numbers(server.connect()) == tuple((i, f"row {i}") for i in range(300))

    fill(server, 300, 310)
    server.restart()
    assert len(numbers(server.connect())) == 310
    if server.flavour != "tidb":
        assert server.query("SHOW BINARY LOGS")[0][0] == "binlog.000001"

    server.down()
    assert not folder.exists()
    assert not (servers.claims_dir() / str(port)).exists()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), 1)


@pytest.mark.parametrize("kind", ["mariadb", "mysql", "mysql-8.0", "mariadb-10.5", "mariadb-11.8", "tidb"])
def test_tls_is_verified_by_its_ca_and_its_name(kind, own_dir):
    with up_or_skip(kind, tls=True) as server:
        for host in ("127.0.0.1", "localhost"):
            connection = server.connect(host=host, ssl_ca=server.tls["ca"], ssl_verify_cert=True, ssl_verify_identity=True)
            with connection.cursor() as cursor:
                cursor.execute("SHOW STATUS LIKE 'Ssl_cipher'")
                assert cursor.fetchone()[1]
        with up(kind, tls=True) as other, pytest.raises(Exception, match="(?i)certificate"):
            server.connect(ssl_ca=other.tls["ca"], ssl_verify_cert=True, ssl_verify_identity=True)


@pytest.mark.parametrize("kind", ["mysql", "mysql-5.6", "mariadb-10.2"])
def test_settings_that_belong_to_the_data_directory(kind, own_dir):
    with up_or_skip(kind, settings={"lower_case_table_names": 1, "innodb-page-size": 8192, "sync_binlog": 1}) as server:
        assert server.query("SELECT @@lower_case_table_names, @@innodb_page_size, @@sync_binlog") == [("1", "8192", "1")]


@pytest.mark.parametrize("kind", ["mariadb", "mysql", "mysql-8.0", "mysql-5.6"])
def test_without_a_binlog(kind, own_dir):
    with up_or_skip(kind, settings={"log_bin": "OFF"}) as server:
        assert server.query("SELECT @@log_bin") == [("0",)]


def test_tidb_settings_go_where_they_belong(own_dir):
    with up_or_skip("tidb", settings={"performance.txn-entry-size-limit": 1048576, "max_connections": 77}) as server:
        assert server.query("SELECT @@global.max_connections, @@time_zone") == [("77", "+00:00")]
        assert "1048576" in server.query("SHOW CONFIG WHERE name = 'performance.txn-entry-size-limit'")[0][-1]


@pytest.mark.parametrize("kind", ["mariadb", "mysql-5.6", "mysql"])
def test_time_zone_tables(kind, own_dir):
    with up_or_skip(kind, tz=True) as server:
        assert server.query("SELECT CONVERT_TZ('2024-07-01 12:00:00', 'UTC', 'Europe/Berlin'), "
                            "CONVERT_TZ('1995-01-01 12:00:00', 'US/Pacific', 'Asia/Kolkata')") == [("2024-07-01 14:00:00", "1995-01-02 01:30:00")]


def test_many_at_once_get_ports_of_their_own(own_dir):
    up_or_skip("mariadb").down()
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda _: run("up", "mariadb", "--json", "--set", "innodb_buffer_pool_size=8M"), range(6)))
    facts = [json.loads(d.stdout) for d in done]
    assert len({f["port"] for f in facts}) == 6
    assert run("down", "--all").returncode == 0
    assert not any(servers.Server(f).alive() for f in facts)


def test_a_port_that_somebody_else_took_is_replaced(own_dir, monkeypatch):
    up_or_skip("mariadb").down()
    with socket.socket() as thief:
        thief.bind(("127.0.0.1", 0))
        thief.listen()
        taken, real = thief.getsockname()[1], servers.claim_port
        ports = iter([taken])
        monkeypatch.setattr(servers, "claim_port", lambda folder: next(ports, None) or real(folder))
        with up("mariadb") as server:
            assert server.port != taken
            assert server.query("SELECT @@port") == [(str(server.port),)]


def test_shell_lines_and_verbs(own_dir):
    up_or_skip("mariadb").down()
    lines = run("up", "mariadb", "--name", "shell", "--prefix", "SRC_").stdout
    out = subprocess.run(["bash", "-uc", lines + '\necho "$SRC_host $SRC_port $SRC_kind $SRC_dir"'], capture_output=True, text=True).stdout.split()
    server = servers.load("shell")
    assert out == ["127.0.0.1", str(server.port), "mariadb-10.11", str(own_dir / "shell")]

    assert run("down", "--kill9", "shell").returncode == 0
    assert not server.alive()
    again = json.loads(run("up", "--again", "shell", "--json", "--set", "max_connections=33").stdout)
    assert again["port"] == server.port
    server = servers.load(again["dir"])
    assert server.query("SELECT @@max_connections") == [("33",)]

    assert run("down", "--pause", "shell").returncode == 0
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(server.query, "SELECT 1")
        time.sleep(0.3)
        assert not answer.done()
        assert run("down", "--resume", "shell").returncode == 0
        assert answer.result(10) == [("1",)]

    assert run("down", "--keep", "shell").returncode == 0
    assert not server.alive() and Path(server.datadir).exists()
    assert run("up", "--again", "shell").returncode == 0
    assert run("down", "shell").returncode == 0
    assert not Path(server.dir).exists()


def test_only_its_own_process_is_stopped(own_dir):
    server = up_or_skip("mariadb")
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        true_pid = server.pid
        server.facts["pid"] = bystander.pid         # as if the number had been given to another process since
        server.stop(1)
        assert bystander.poll() is None
        server.facts["pid"] = true_pid
    finally:
        bystander.kill()
        bystander.wait()
        server.down()


def test_folders_that_nobody_can_reach_or_that_are_too_long(own_dir):
    up_or_skip("mariadb").down()
    own_dir.mkdir(exist_ok=True)
    private = own_dir / "private"
    private.mkdir(mode=0o700)
    deep = private / ("d" * 120)
    with up("mariadb", dir=deep) as server:
        assert len(server.socket) < 100
        assert subprocess.run([*server.client, "--no-defaults", "-uroot", "-S", server.socket, "-e", "SELECT 1"]).returncode == 0
    private.rmdir()


def test_a_server_that_cannot_be_had(own_dir, tmp_path):
    """An empty cache and no tools: 77 and one line that says what to install; in CI a failure."""
    env = {"DMLIB_SERVER_CACHE": str(tmp_path / "cache"), "PATH": "/nowhere"}
    for kind, hint in (("mysql-8.0", "apt-get install maven"), ("tidb", "Go 1.21"), ("mysql", "apt-get, dpkg-deb")):
        done = run("up", kind, **env, CI="")
        assert done.returncode == 77
        assert done.stdout == ""
        last = done.stderr.strip().splitlines()[-1]
        assert last.startswith(f"SKIP: {find_kind(kind).name} is not available") and hint in last
        assert run("up", kind, **env, CI="true").returncode == 1


def test_mistakes_are_told(own_dir):
    assert run("up", "oracle").returncode == 2
    assert "no instance" in run("down", "nothing-of-that-name").stderr
    up_or_skip("mariadb").down()
    done = run("up", "mariadb", "--name", "bad", "--set", "no_such_thing=1")
    assert done.returncode == 2 and "no_such_thing" in done.stderr
    assert not (own_dir / "bad").exists()


def test_a_failed_template_leaves_no_server(own_dir, tmp_path, monkeypatch):
    up_or_skip("mariadb").down()
    monkeypatch.setenv("DMLIB_SERVER_CACHE", str(tmp_path))
    monkeypatch.setattr(servers.timezones, "statements", lambda: iter(["no SQL"]))
    with pytest.raises(Exception, match="SQL syntax"):
        up("mariadb", tz=True)
    running = [p for p in Path("/proc").glob("[0-9]*/cmdline") if str(tmp_path).encode() in p.read_bytes()]
    assert running == [] and list(tmp_path.glob("ports/*")) == []
    assert (tmp_path / "failed-mariadb-10.11" / "err.log").exists()


def test_settings_are_merged():
    settings = merged_settings(find_kind("mysql"), {"gtid-mode": "OFF"}, ["sync_binlog"])
    assert settings["gtid_mode"] == "OFF" and "sync_binlog" not in settings
    assert not [k for k in merged_settings(find_kind("mariadb"), {}) if "row_metadata" in k]
