#!/usr/bin/env python3
"""What tests/summary.py makes of the reports of ctest and pytest."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = pathlib.Path(__file__).resolve().parents[1] / "summary.py"


def summary(*cases, plus=("0", "0", "0")):
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "r.xml")
        report.write_text("<testsuite>" + "".join(cases) + "</testsuite>")
        done = subprocess.run([sys.executable, "-B", str(PROGRAM), "--plus", *plus, str(report)], capture_output=True, text=True)
        return done.stdout.splitlines()[-1], done.returncode


def case(inside="", status="run"):
    return f'<testcase name="x" status="{status}">{inside}</testcase>'


class Summary(unittest.TestCase):
    def test_cases_of_catch_are_counted(self):
        passed = "<system-out>All tests passed (1,234 assertions in 12 test cases)</system-out>"
        failed = '<failure message=""/><system-out>test cases: 9 | 7 passed | 2 failed\nassertions: 90 | 80 passed | 10 failed</system-out>'
        crashed = '<failure message=""/><system-out>SIGSEGV</system-out>'
        self.assertEqual(summary(case(passed)), ("12 passed, 0 failed, 0 skipped", 0))
        self.assertEqual(summary(case(passed), case(failed, "fail")), ("19 passed, 2 failed, 0 skipped", 1))
        self.assertEqual(summary(case(crashed, "fail")), ("0 passed, 1 failed, 0 skipped", 1))

    def test_skips(self):
        self.assertEqual(summary(case(), case('<skipped message="SKIP_RETURN_CODE=77"/>', "notrun")), ("1 passed, 0 failed, 1 skipped", 0))
        self.assertEqual(summary(case(), '<testcase name="y"><skipped type="pytest.skip" message="no server"/></testcase>'),
                         ("1 passed, 0 failed, 1 skipped", 0))
        loud = "<system-out>SKIP: no corpus\nAll tests passed (3 assertions in 3 test cases)</system-out>"
        self.assertEqual(summary(case(loud)), ("2 passed, 0 failed, 1 skipped", 0))

    def test_a_program_that_is_not_there_is_a_failure(self):
        self.assertEqual(summary(case('<skipped message="Unable to find executable"/>', "notrun")), ("0 passed, 1 failed, 0 skipped", 1))

    def test_nothing_is_a_failure(self):
        self.assertEqual(summary(), ("0 passed, 0 failed, 0 skipped", 1))
        self.assertEqual(summary(plus=("2", "0", "1")), ("2 passed, 0 failed, 1 skipped", 0))
        broken = subprocess.run([sys.executable, "-B", str(PROGRAM), "/nowhere.xml"], capture_output=True, text=True)
        self.assertEqual((broken.stdout, broken.returncode), ("0 passed, 1 failed, 0 skipped\n", 1))


if __name__ == "__main__":
    unittest.main()
