#!/usr/bin/env python3
"""Starts one server kind and runs the mysql room's test program against it."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "servers"


def make_other_ca(folder):
    """A CA that signed nothing here."""
    key, cert = folder / "other-key.pem", folder / "other-ca.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=other",
                    "-keyout", key, "-out", cert], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return str(cert)


def common_name(cert):
    out = subprocess.run(["openssl", "x509", "-in", cert, "-noout", "-subject", "-nameopt", "multiline"],
                         check=True, capture_output=True, text=True).stdout
    return next((line.split("=", 1)[1].strip() for line in out.splitlines() if "commonName" in line), "")


def environment(facts, folder):
    env = dict(os.environ)
    for key, value in facts.items():
        if key == "tls" and value:
            for name, path in value.items():
                env[f"DMLIB_SERVER_tls_{name}"] = str(path)
        elif isinstance(value, (str, int)):
            env[f"DMLIB_SERVER_{key}"] = str(value)
    if "DMLIB_SERVER_tls_ca" in env:
        env["DMLIB_SERVER_other_ca"] = make_other_ca(folder)
        env["DMLIB_SERVER_tls_cn"] = common_name(env["DMLIB_SERVER_tls_cert"])
        env["DMLIB_SERVER_tls_other_host"] = "127.0.0.2"
    return env


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("kind")
    p.add_argument("--program", required=True)
    p.add_argument("rest", nargs=argparse.REMAINDER, help="arguments of the test program")
    args = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="dmlib-room-") as folder:
        os.chmod(folder, 0o755)
        command = [TOOLS / "up", args.kind, "--json", "--dir", f"{folder}/server"]
        tls = args.kind in ("mariadb", "mysql", "mysql-8.0")
        up = subprocess.run(command + (["--tls"] if tls else []), stdout=subprocess.PIPE, text=True)
        if up.returncode != 0:
            return up.returncode
        facts = json.loads(up.stdout)
        try:
            env = environment(facts, pathlib.Path(folder))
            if tls:
                env["DMLIB_SERVER_tls_other_host"] = ""
            code = subprocess.run([args.program, *args.rest], env=env).returncode
            if code == 0 and not args.rest:
                code = subprocess.run([args.program, "[server-kill]"], env=env).returncode
            return code
        finally:
            subprocess.run([TOOLS / "down", f"{folder}/server"], stdout=subprocess.DEVNULL)


sys.exit(main())
