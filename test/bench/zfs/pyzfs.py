"""pyzfs beside which calls are measured: reads a line of JSON for each work, and prints the milliseconds it took."""
import base64
import json
import sys
import time

import libzfs_core
from libzfs_core import _nvlist
from libzfs_core.bindings import libnvpair


def exists(name, count):
    name = name.encode()
    for _ in range(count):
        if not libzfs_core.lzc_exists(name):
            raise RuntimeError("it does not exist")


def snapshot(names):
    libzfs_core.lzc_snapshot([name.encode() for name in names])


def destroy(names):
    libzfs_core.lzc_destroy_snaps([name.encode() for name in names], False)


def decode(packed, count):
    """From packed bytes to a dictionary, as the result of a call is: its list is in the memory of C."""
    lib, ffi = libnvpair.lib, libnvpair.ffi
    packed = base64.b64decode(packed)
    for _ in range(count):
        out = ffi.new("nvlist_t **")
        if lib.nvlist_unpack(packed, len(packed), out, 0):
            raise RuntimeError("nvlist_unpack")
        found = {}
        _nvlist._nvlist_to_dict(out[0], found)
        lib.nvlist_free(out[0])
        if not found:
            raise RuntimeError("it is empty")


for line in sys.stdin:
    work, *args = json.loads(line)
    start = time.perf_counter()
    globals()[work](*args)
    print((time.perf_counter() - start) * 1000, flush=True)
