"""Prints the name of every test in the modules named, one a line, for ctest."""

import sys
import unittest


def cases(suite):
    for one in suite:
        if isinstance(one, unittest.TestSuite):
            yield from cases(one)
        else:
            yield one.id()


if __name__ == "__main__":
    loader = unittest.TestLoader()
    suite = loader.loadTestsFromNames(sys.argv[1:])
    if loader.errors:
        sys.exit("".join(loader.errors))
    print("\n".join(cases(suite)))
