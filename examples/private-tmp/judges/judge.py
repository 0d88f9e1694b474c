"""Runs a module of CPython's tests, and prints the verdict of each test as soon as it is there.

Its arguments are the directory that contains the package `test`, and the name of the module. The tests work in /tmp.
"""

import os
import sys
import unittest

os.chdir("/tmp")
sys.path.append(sys.argv[1])

# The standard library in the interpreter's file has no tests.
from test import support  # noqa: E402
from test.support import os_helper  # noqa: E402

# Sparse files of gigabytes are tried. Copies of them, and the network, are left out.
support.use_resources = ["largefile"]
# A component of WASI 0.2 can name no file by bytes that are not Unicode: its calls trap, on any host.
os_helper.TESTFN_UNDECODABLE = os_helper.TESTFN_UNENCODABLE = None
LEFT_OUT = {
    # They look for names that are not Unicode.
    "test.test_tarfile.TestExtractionFilters.test_data_filter",
    "test.test_tarfile.TestExtractionFilters.test_tar_filter",
    # Its recursion is deeper than the stack of CPython for WASI, in any place.
    "test.test_fileio.PyAutoFileTests.testRecursiveRepr",
}


class Verdicts(unittest.TestResult):
    """Prints one line for each test: its verdict and its name."""

    def startTest(self, test):
        super().startTest(test)
        self.verdict = "ok"

    def addSuccess(self, test):
        pass

    def addError(self, test, error):
        # An error of a whole class or module has no other line.
        if isinstance(test, unittest.suite._ErrorHolder):
            self.print(error[0].__name__, test)
        self.verdict = error[0].__name__

    addFailure = addError

    def addSubTest(self, test, subtest, error):
        if error is not None:
            self.verdict = error[0].__name__

    def addSkip(self, test, reason):
        if isinstance(test, unittest.suite._ErrorHolder):
            self.print("skipped", test)
        self.verdict = "skipped"

    def addExpectedFailure(self, test, error):
        self.verdict = "fails as expected"

    def addUnexpectedSuccess(self, test):
        self.verdict = "unexpected success"

    def stopTest(self, test):
        super().stopTest(test)
        self.print(self.verdict, test)

    @staticmethod
    def print(verdict, test):
        print(f"verdict {test.id()}: {verdict}", file=sys.__stdout__, flush=True)


def tests(suite):
    """Yields the tests of a suite and of the suites in it."""
    for one in suite:
        if isinstance(one, unittest.TestSuite):
            yield from tests(one)
        else:
            yield one


try:
    suite = unittest.defaultTestLoader.loadTestsFromName("test." + sys.argv[2])
except unittest.SkipTest as reason:
    sys.exit(f"{sys.argv[2]} is skipped: {reason}")
unittest.TestSuite(test for test in tests(suite) if test.id() not in LEFT_OUT).run(Verdicts())
print("verdict the end", flush=True)
