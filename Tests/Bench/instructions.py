#!/usr/bin/env python3
"""Instructions that five kernels execute, counted by callgrind against a budget.

Usage: instructions.py [--tool .build/release/lode-bench] [--update] [KERNEL ...]

Counts do not depend on the load or the clock of a machine, so a slow-down shows anywhere. Every
kernel runs twice, on tiny data and on data four times as large; the budget is for the difference,
which leaves start-up and the reading of arguments out. The Parquet files (instructions/) hold the
generated order lines as Lode wrote them once, so the count of reading does not move with the
writer. BLAS is held to one thread and one kind of processor, as its kernels differ. Exit 1 if a
count is beyond its budget by more than 5 %; one that is 5 % below asks for `--update`, which
writes the counts as the new budget (instructions.json beside this file). Needs valgrind.
"""

import argparse
import json
import math
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BUDGET = os.path.join(HERE, "instructions.json")
TOLERANCE = 0.05
KERNELS = {
    "csv": ["csv"],
    "rfm-grouping": ["rfm-grouping"],
    "kmeans": ["kmeans", "8"],
    "logistic": ["logistic", "1e-8"],
    "parquet-read": ["parquet-read"],
}
"""The arguments behind `lode-bench kernel`."""
WITHIN = {"rfm-grouping": "*BenchLinesO3rfmy*"}
"""The only function counted, where reading the input would hide it (mangled)."""
SCALES = (1, 4)


class Random:
    """The generator of Park and Miller: the same numbers in every version of Python."""

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        """A whole number from 0 to limit − 1."""
        self.state = self.state * 48271 % 2147483647
        return self.state % limit

    def normal(self):
        """About normal: the sum of twelve uniform numbers, less six."""
        return sum(self.below(1 << 20) for _ in range(12)) / (1 << 20) - 6


def write_lines(path, count):
    """Order lines with the columns of the benchmarks."""
    random = Random(1)
    rows = ["order_id,customer_id,ordered_at,product_id,category,channel,kind,quantity,amount"]
    for line in range(count):
        order = line // 5
        if line % 5 == 0:
            customer = "" if random.below(20) == 0 else f"C{100000 + random.below(count // 20)}"
            day, hour = 1 + order * 28 // (count // 5), random.below(24)
            channel = ("shop", "web", "app", "phone")[random.below(4)]
        product, quantity = random.below(400), 1 + random.below(5)
        cents = quantity * (99 + 50 * (product % 97))
        rows.append(
            f"{1000001 + order},{customer},2025-03-{day:02}T{hour:02}:00:00,P{10000 + product},"
            f"cat{product % 40},{channel},product,{quantity},{cents // 100}.{cents % 100:02}"
        )
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(rows) + "\n")


def write_numbers(path, numbers):
    """Doubles as the benchmarks store them."""
    with open(path, "wb") as file:
        file.write(struct.pack(f"<{len(numbers)}d", *numbers))


def write_data(folder, scale):
    """The input of all kernels."""
    random = Random(2)
    os.makedirs(folder)
    write_lines(os.path.join(folder, "lines.csv"), 2000 * scale)
    shutil.copy(
        os.path.join(HERE, "instructions", f"lines-{scale}.parquet"),
        os.path.join(folder, "lines.parquet"),
    )
    points = [4 * (row % 8 == j % 8) + random.normal() for row in range(2000 * scale)
              for j in range(16)]
    write_numbers(os.path.join(folder, "points.f64"), points)
    features = [[random.normal() for _ in range(50)] for _ in range(1000 * scale)]
    write_numbers(os.path.join(folder, "logistic.f64"), [x for row in features for x in row])
    odds = [sum((j % 7 - 3) * 0.1 * x for j, x in enumerate(row)) - 1 for row in features]
    outcomes = [float(random.below(1 << 20) < (1 << 20) / (1 + math.exp(-odd))) for odd in odds]
    write_numbers(os.path.join(folder, "outcomes.f64"), outcomes)


def environment():
    """One thread, and the BLAS kernels of a processor that valgrind knows."""
    fixed = {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return {**os.environ, **fixed}


def run(command):
    """A command that must succeed; what it printed to the error stream."""
    process = subprocess.run(command, capture_output=True, text=True, env=environment())
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {process.returncode}:\n{process.stderr[-2000:]}")
    return process.stderr


def instructions(tool, kernel, folder):
    """What callgrind counts of a process, or of one function in it."""
    report = os.path.join(folder, "callgrind.out")
    within = [f"--toggle-collect={WITHIN[kernel]}"] if kernel in WITHIN else []
    run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={report}", *within, tool, "kernel",
         *KERNELS[kernel], "--data", folder, "--threads", "1"])
    with open(report, encoding="utf-8", errors="replace") as file:
        totals = re.findall(r"^(?:summary|totals): (\d+)", file.read(), re.M)
    if int(totals[0]) == 0:
        sys.exit(f"{kernel}: no function matches {WITHIN.get(kernel)}; see `nm {tool}`.")
    return int(totals[0])


def main():
    """Counts, compares, prints."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("kernels", nargs="*", metavar="KERNEL", help=", ".join(KERNELS))
    parser.add_argument("--tool", default=".build/release/lode-bench")
    parser.add_argument("--update", action="store_true", help="write the counts as the budget")
    options = parser.parse_args()
    if unknown := set(options.kernels) - set(KERNELS):
        parser.error(f"there is no kernel {', '.join(sorted(unknown))}")
    if shutil.which("valgrind") is None:
        sys.exit("valgrind is missing: apt-get install valgrind.")
    budget = {}
    if os.path.exists(BUDGET):
        with open(BUDGET, encoding="utf-8") as file:
            budget = json.load(file)
    counts = {}
    with tempfile.TemporaryDirectory() as root:
        folders = [os.path.join(root, str(scale)) for scale in SCALES]
        for folder, scale in zip(folders, SCALES):
            write_data(folder, scale)
        # Valgrind 3.19 stumbles over the debug sections of newer compilers; names stay.
        tool = os.path.join(root, "tool")
        run(["strip", "--strip-debug", "-o", tool, options.tool])
        print(f"{'kernel':<14}{'instructions':>16}{'budget':>16}{'ratio':>8}")
        for kernel in options.kernels or KERNELS:
            small, large = (instructions(tool, kernel, folder) for folder in folders)
            counts[kernel] = large - small
            allowed = budget.get(kernel)
            ratio = f"{counts[kernel] / allowed:.3f}" if allowed else "new"
            print(f"{kernel:<14}{counts[kernel]:>16,}{allowed or 0:>16,}{ratio:>8}", flush=True)
    if options.update:
        with open(BUDGET, "w", encoding="utf-8") as file:
            json.dump({**budget, **counts}, file, indent=2, sort_keys=True)
            file.write("\n")
        return 0
    beyond = [
        kernel for kernel, count in counts.items()
        if kernel not in budget or count > budget[kernel] * (1 + TOLERANCE)
    ]
    below = [
        kernel for kernel, count in counts.items()
        if kernel in budget and count < budget[kernel] * (1 - TOLERANCE)
    ]
    for kernel in below:
        print(f"{kernel}: below its budget by more than {TOLERANCE:.0%}; write it with --update")
    for kernel in beyond:
        print(f"{kernel}: beyond its budget by more than {TOLERANCE:.0%}, or without one")
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main())
