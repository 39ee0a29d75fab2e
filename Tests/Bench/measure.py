"""What every peer's script shares: timing of one call, and one line of JSON."""

import json
import os
import sys
import time

FOLDER = sys.argv[1]
THREADS = int(sys.argv[2])
ARGUMENTS = sys.argv[3:]
STEM = os.environ.get("LODE_BENCH_LINES", "lines")


def path(name):
    """A file of the benchmark's data."""
    return os.path.join(FOLDER, name)


def order_lines(ending):
    """A file of the order lines of the size that the runner asks for."""
    return path(STEM + ending)


def numbers(name, columns, precision):
    """The numbers of a file of this precision as rows."""
    import numpy as np

    return np.fromfile(path(name), precision).reshape(-1, columns)


def peak_memory():
    """The high-water mark of resident memory in MB; `ru_maxrss` would count the parent's too."""
    with open("/proc/self/status", encoding="utf-8") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0


def measured(body, values, version):
    """Times one call and prints what it took and what came out.

    The peak of memory is that of the whole process, read before the result is summed up.
    """
    cpu, wall = time.process_time(), time.perf_counter()
    result = body()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    rss = peak_memory()
    summary = {name: float(value) for name, value in values(result).items()}
    print(json.dumps({"cpu": cpu, "wall": wall, "rss": rss, "version": version,
                      "values": summary}))
