"""Runs a host in Python, and keeps what the component was given: `given.py GIVEN HOST ARGUMENTS...`.

That is what it was called with, and what the functions of the host returned to it: whatever else there is, it cannot have.
"""

import runpy
import sys

from wasmtime.component import Func, LinkerInstance, Record

given = open(sys.argv[1], "a", encoding="utf-8")
Record.__repr__ = lambda record: repr(record.__dict__)
call, add = Func.__call__, LinkerInstance.add_func


def called(self, store, *arguments):
    print("argument", arguments, file=given)
    return call(self, store, *arguments)


def added(self, name, function):
    def returned(*arguments):
        value = function(*arguments)
        print(name, value, file=given)
        return value

    return add(self, name, returned)


Func.__call__, LinkerInstance.add_func = called, added
sys.argv = sys.argv[2:]
sys.path.insert(0, sys.argv[0].rpartition("/")[0])
runpy.run_path(sys.argv[0], run_name="__main__")
