#!/usr/bin/env python3
"""Starts a source and a target and runs the check room's test program against them."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "servers"


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--program", required=True)
    p.add_argument("source")
    p.add_argument("target")
    p.add_argument("rest", nargs=argparse.REMAINDER, help="arguments of the test program")
    args = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="dmlib-check-") as folder:
        os.chmod(folder, 0o755)
        env = dict(os.environ)
        started = []
        try:
            for side in ("source", "target"):
                kind = getattr(args, side)
                up = subprocess.run([TOOLS / "up", kind, "--json", "--dir", f"{folder}/{side}"],
                                    stdout=subprocess.PIPE, text=True)
                if up.returncode != 0:
                    return up.returncode
                started.append(f"{folder}/{side}")
                facts = json.loads(up.stdout)
                for key in ("host", "port", "kind"):
                    env[f"DMLIB_{side.upper()}_{key.upper()}"] = str(facts[key])
            return subprocess.run([args.program, *args.rest], env=env).returncode
        finally:
            for one in started:
                subprocess.run([TOOLS / "down", one], stdout=subprocess.DEVNULL)


sys.exit(main())
