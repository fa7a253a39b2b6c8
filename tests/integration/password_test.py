"""Encrypted passwords: the command, and files that hold them."""

import os
import subprocess

from support import zoo
from support.dmlib import EXIT_CONFIG, Job, find_program

KIND = "mariadb-10.11"


def dmlib(*args, text="", env=None):
    done = subprocess.run([find_program(), *map(str, args)], input=text, capture_output=True, text=True, env=os.environ | (env or {}), check=False)
    return done.returncode, done.stdout.strip(), done.stderr


def test_encrypt_and_decrypt(tmp_path):
    key, other = tmp_path / "key", tmp_path / "other"
    key.write_text("0f" * 32 + "\n")
    other.write_text("f0" * 32)
    code, text, _ = dmlib("encrypt", "--key-file", key, text="p@ss word'\u00fc\n")
    assert code == 0 and text.startswith("aes-256-gcm:") and "p@ss" not in text
    assert dmlib("encrypt", "--key-file", key, text="p@ss word'\u00fc\n")[1] != text
    assert dmlib("decrypt", text=text, env={"DMLIB_KEY_FILE": str(key)})[:2] == (0, "p@ss word'\u00fc")
    for given, kept in (("x\ny", "x\ny"), ("x\ny\n", "x\ny"), (" a\tb ", " a\tb "), ("x\n\n", "x\n")):
        secret = subprocess.run([find_program(), "encrypt", "--key-file", str(key)], input=given, capture_output=True, text=True, check=True).stdout
        plain = subprocess.run([find_program(), "decrypt", "--key-file", str(key)], input=secret, capture_output=True, text=True, check=True).stdout
        assert plain == kept + "\n", given
    code, out, err = dmlib("decrypt", "--key-file", other, text=text)
    assert code == EXIT_CONFIG and out == "" and "key" in err
    assert dmlib("encrypt", text="x")[0] == EXIT_CONFIG
    assert dmlib("encrypt", "--key-file", tmp_path / "none", text="x")[0] == EXIT_CONFIG
    code, _, err = dmlib("encrypt", "--key-file", key, "secret", text="")
    assert code == EXIT_CONFIG and "secret" not in err


def test_a_task_with_encrypted_passwords(servers, tmp_path):
    source, target = servers(KIND), servers(KIND)
    for server in (source, target):
        zoo.run_all(server, ["CREATE USER 'enc'@'%' IDENTIFIED BY 'S3cret!'", "GRANT ALL ON *.* TO 'enc'@'%' WITH GRANT OPTION"])
    zoo.run_all(source, ["CREATE DATABASE it_enc"])
    zoo.run_all(source, ["CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1), (2)"], "it_enc")
    key = tmp_path / "key"
    key.write_text("0f" * 32)
    text = dmlib("encrypt", "--key-file", key, text="S3cret!")[1]
    (tmp_path / "password").write_text(text + "\n")
    job = Job(tmp_path / "job", source, target)
    job.source_config[0]["from"] |= {"user": "enc", "password": text}
    job.task_config["target-database"] |= {"user": "enc"}
    job.task_config["target-database"].pop("password", None)
    job.task_config["target-database"]["password-file"] = str(tmp_path / "password")
    refused = job.run()
    assert refused.code == EXIT_CONFIG and "key" in refused.stderr and "S3cret" not in refused.stderr
    job.run_ok("--key-file", str(key))
    assert len(target.query("SELECT * FROM it_enc.t")) == 2
