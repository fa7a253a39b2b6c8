"""TLS of the command on real servers with authorities of our own: the oldest version, and files that are replaced while a task runs."""

import shutil
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
