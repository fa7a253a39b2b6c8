"""TLS of the command on real servers with authorities of our own: the oldest version, and files that are replaced while a task runs."""

import shutil
import subprocess
from pathlib import Path

import pytest

from support.dmlib import EXIT_CHECK, EXIT_STOPPED, Job
from support.same import assert_equal
from support.small import changes, make_small

KIND = "mariadb-10.11"


@pytest.mark.parametrize("kind", [KIND, "mysql-8.0"])
def test_the_oldest_version(servers, tmp_path, kind):
    """A server that speaks 1.2 only is refused where 1.3 is asked for."""
    source, target = servers(kind, tls=True), servers(kind, tls=True, tls_version="TLSv1.2")
    make_small(source)
    job = Job(tmp_path, source, target)
    job.source_config[0]["from"]["security"] = {"ssl-ca": source.tls["ca"], "tls-min-version": "1.3"}
    security = job.task_config["target-database"]["security"] = {"ssl-ca": target.tls["ca"], "tls-min-version": "1.3"}
    refused = job.run()
    assert refused.code == EXIT_CHECK and refused.error["name"] == "check-failed" and f":{target.port}" in refused.error["message"], refused
    for older in ("1.2", None):
        security["tls-min-version"] = older     # None: not said
        job.run_ok()
    assert_equal(source, target)


def replace_certificates(server, other):
    """The server comes back with the files of another authority."""
    server.stop()
    for name in ("ca", "cert", "key"):
        mode = Path(server.tls[name]).stat()
        shutil.copyfile(other.tls[name], server.tls[name])
        Path(server.tls[name]).chmod(mode.st_mode)
    server.again()


@pytest.mark.parametrize("first", ["files", "server"])
@pytest.mark.parametrize("which", ["source", "target"])
def test_files_that_are_replaced(servers, tmp_path, which, first):
    """A task that runs takes the new authority and the new client certificate with its next connection, and waits while they do not match."""
    source, target, other = servers(KIND, tls=True), servers(KIND, tls=True), servers(KIND, tls=True)
    make_small(source)
    victim = source if which == "source" else target
    victim.query("CREATE USER tls@'%' IDENTIFIED BY '' REQUIRE X509")
    victim.query("GRANT ALL ON *.* TO tls@'%'")
    files = {"ssl-ca": "ca", "ssl-cert": "client_cert", "ssl-key": "client_key"}
    own = {key: str(tmp_path / f"{name}.pem") for key, name in files.items()}

    def give(server):
        for key, name in files.items():
            shutil.copyfile(server.tls[name], own[key])
    give(victim)
    job = Job(tmp_path / "job", source, target)
    account = job.source_config[0]["from"] if which == "source" else job.task_config["target-database"]
    account |= {"user": "tls", "security": own}
    run = job.start(until=None)
    run.wait_for(lambda line: line.get("caught_up"), 60, "replication")
    if first == "files":
        give(other)
    replace_certificates(victim, other)
    if first == "server":
        if which == "target":
            changes(source, start=3000)
        line = run.wait_for(lambda line: "worked before" in (line.get("blocked_on") or {}).get("what", ""), 60, "TLS that worked before")
        assert line["blocked_on"]["name"] == "db-connect", line
        assert "ssl-ca" in line["blocked_on"]["workaround"], line
        give(other)
    changes(source)
    run.wait_after(run.mark(), lambda line: line.get("unit") == "sync" and line["caught_up"] and line["rows_done"] >= 80 and not line["blocked_on"], 60, "going on")
    run.interrupt()
    assert run.wait(30).code == EXIT_STOPPED
    job.run_ok()
    assert_equal(source, target)
    # Those of a stranger are of no use.
    give(servers(KIND, tls=True))
    refused = job.run()
    assert refused.code == EXIT_CHECK and "certificate" in str(refused).lower(), refused


def sign(server, first, last):
    """The server comes back with a certificate of its own authority that holds from the one day to the other (YYMMDD)."""
    server.stop()
    folder = Path(server.tls["ca"]).parent
    (folder / "ca.cnf").write_text(f"[ca]\ndefault_ca=own\n[own]\ndatabase={folder}/ca.index\nserial={folder}/ca.serial\nnew_certs_dir={folder}\nunique_subject=no\npolicy=any\ndefault_md=sha256\n"
                                   "x509_extensions=server\n[any]\ncommonName=supplied\n[server]\nbasicConstraints=CA:FALSE\nsubjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n")
    (folder / "ca.index").write_text("")
    (folder / "ca.serial").write_text("1000\n")
    for args in (["req", "-new", "-key", server.tls["key"], "-subj", "/CN=localhost", "-out", "again.csr"],
                 ["ca", "-batch", "-notext", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca-key.pem", "-in", "again.csr", "-startdate", f"{first}000000Z", "-enddate", f"{last}000000Z", "-out", "again.pem"]):
        done = subprocess.run(["openssl", *args], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
    mode = Path(server.tls["cert"]).stat().st_mode
    shutil.copyfile(folder / "again.pem", server.tls["cert"])
    Path(server.tls["cert"]).chmod(mode)
    server.again()


@pytest.mark.parametrize("kind", [KIND, "mysql-8.0"])
@pytest.mark.parametrize("which", ["source", "target"])
def test_an_expired_certificate_of_the_server(servers, tmp_path, kind, which):
    """It is refused at the start, with what is wrong; a task that runs says so, too, and goes on when the server has a new one."""
    source, target = servers(kind, tls=True), servers(kind, tls=True)
    make_small(source)
    victim = source if which == "source" else target
    job = Job(tmp_path / "job", source, target)
    account = job.source_config[0]["from"] if which == "source" else job.task_config["target-database"]
    account["security"] = {"ssl-ca": victim.tls["ca"]}
    sign(victim, "200101", "210101")
    refused = job.run()
    assert refused.code == EXIT_CHECK and refused.error["name"] == "check-failed", refused
    assert "expired" in refused.error["message"] and f":{victim.port}" in refused.error["message"], refused
    sign(victim, "200101", "490101")
    run = job.start(until=None)
    run.wait_for(lambda line: line.get("caught_up"), 60, "replication")
    sign(victim, "200101", "210101")
    if which == "target":
        changes(source, start=3000)
    line = run.wait_for(lambda line: "expired" in str(line.get("blocked_on") or ""), 60, "the cause")
    assert line["blocked_on"]["name"] == "db-connect", line
    sign(victim, "200101", "490101")
    changes(source)
    run.wait_after(run.mark(), lambda line: line.get("unit") == "sync" and line["caught_up"] and line["rows_done"] >= 80 and not line["blocked_on"], 60, "going on")
    run.interrupt()
    assert run.wait(30).code == EXIT_STOPPED
    job.run_ok()
    assert_equal(source, target)
    sign(victim, "480101", "490101")    # not yet valid
    refused = job.run()
    assert refused.code == EXIT_CHECK and "not yet valid" in refused.error["message"], refused
