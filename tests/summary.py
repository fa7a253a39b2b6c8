#!/usr/bin/env python3
"""Adds up JUnit reports of ctest and pytest: prints `N passed, N failed, N skipped`; exits 1 when something failed.

    summary.py [--plus PASSED FAILED SKIPPED] REPORT.xml...

ctest knows programs, not cases: where the output of a program ends with Catch2's summary, its cases are counted.
"""
import argparse
import re
import sys
import xml.etree.ElementTree as ElementTree

ALL_PASSED = re.compile(r"All tests passed \(.*? in (\d+) test cases?\)")
SOME_FAILED = re.compile(r"test cases:\s+(\d+)\s+\|(?:\s+(\d+) passed)?(?:\s*\|)?(?:\s+(\d+) failed)?")
SKIPPED_LINE = re.compile(r"^SKIP(PED)?:", re.M)


def count_case(case):
    """(passed, failed, skipped) of one element <testcase>."""
    output = "".join(e.text or "" for e in case.iter("system-out"))
    status = case.get("status", "run")
    skip = case.find("skipped")
    if status == "disabled" or skip is not None and (skip.get("type", "").startswith("pytest") or skip.get("message", "").startswith("SKIP_")):
        return 0, 0, 1
    if skip is not None or status == "notrun":  # ctest says so of a program that was not built
        return 0, 1, 0
    bad = case.find("failure") is not None or case.find("error") is not None or status == "fail"
    loud = len(SKIPPED_LINE.findall(output))
    found = ALL_PASSED.search(output)
    if found and not bad:
        return max(int(found.group(1)) - loud, 0), 0, loud
    found = SOME_FAILED.search(output)
    if found and bad:
        return int(found.group(2) or 0), max(int(found.group(3) or 0), 1), loud
    return (0, 1, 0) if bad else (1, 0, loud)


def count(name):
    try:
        root = ElementTree.parse(name).getroot()
    except (OSError, ElementTree.ParseError) as e:
        print(f"{name}: no readable report ({e})", file=sys.stderr)
        return 0, 1, 0
    return tuple(map(sum, zip((0, 0, 0), *(count_case(c) for c in root.iter("testcase")))))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--plus", nargs=3, type=int, default=[0, 0, 0])
    p.add_argument("report", nargs="*")
    args = p.parse_args()
    passed, failed, skipped = map(sum, zip(args.plus, *(count(r) for r in args.report)))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
