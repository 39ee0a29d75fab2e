#!/usr/bin/env python3
"""Lets the package deltalake write into a table of lode, and looks at what lode makes of it.

Usage: foreign_append.py LODE

Appends rows, adds a column, writes a checkpoint, and then removes the commits before it. Lode must
show the foreign rows at once, with missing cells in the column that older files lack; it must read
beside a checkpoint, and refuse in words, not misread, once the commits are gone.
Exit code 1 at the first difference.
"""

import subprocess
import sys
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

PIPELINE = """
{ lode: 1, name: "small", currency: "EUR", warehouse: "w", exports: "e", shards: 2,
  as_of: { default: "2026-06-01" },
  stages: { sales_in: { op: "extract", into: "raw.sales", from: { csv: "orders.csv",
    types: { customer: "text", day: "date", amount: "decimal(18,2)" } } } } }
"""


def check(words, expected, found):
    """Prints one line, and ends the script if the two differ."""
    if expected != found:
        print(f"FAILED  {words}: expected {expected!r}, found {found!r}")
        sys.exit(1)
    print(f"ok      {words}")


def rows(days, extra=None):
    """Rows as a foreign writer has them: strings, dates, decimals, 64-bit numbers."""
    columns = {
        "customer": pa.array([f"f{day}" for day in days], pa.string()),
        "day": pa.array([date(2026, 2, day) for day in days], pa.date32()),
        "amount": pa.array([Decimal("5.25")] * len(days), pa.decimal128(18, 2)),
        "_file": pa.array(["foreign"] * len(days), pa.string()),
        "_line": pa.array(list(days), pa.int64()),
    }
    if extra:
        columns[extra] = pa.array([0.5] * len(days), pa.float64())
    return pa.table(columns)


def main(lode):
    with tempfile.TemporaryDirectory() as place:
        def run(*arguments):
            return subprocess.run(
                [lode, *arguments], cwd=place, capture_output=True, text=True, check=False
            )

        folder = Path(place)
        (folder / "p.json5").write_text(PIPELINE, encoding="utf-8")
        (folder / "orders.csv").write_text(
            "customer,day,amount\n0001,2026-01-05,10.00\n0002,2026-01-06,20.50\n", encoding="utf-8"
        )
        check("lode writes a table", 0, run("run", "-f", "p.json5", "--quiet").returncode)
        table = str(folder / "w/tables/raw.sales")
        write_deltalake(table, rows([1, 2, 3]), mode="append")
        shown = run("show", "raw.sales", "--warehouse", "w", "--limit", "10").stdout.splitlines()
        check("foreign rows are there", 6, len(shown))
        check("a foreign row", ["f2,2026-02-02,5.25,foreign,2"], [r for r in shown if "f2," in r])
        history = run("history", "raw.sales", "--warehouse", "w").stdout.splitlines()
        check("the foreign version", ("1", "WRITE", "", "5"),
              tuple(history[1].split(",")[i] for i in (0, 2, 3, 4)))
        check("the version before", 3, len(run("show", "raw.sales@0", "--warehouse", "w").stdout.splitlines()))
        write_deltalake(table, rows([4], "score"), mode="append", schema_mode="merge")
        shown = run("show", "raw.sales", "--warehouse", "w", "--limit", "10").stdout.splitlines()
        check("a column that was added", "customer,day,amount,_file,_line,score", shown[0])
        check("its cells", 1, sum(r.endswith(",0.5") for r in shown[1:]))
        check("missing cells of older files", 5, sum(r.endswith(",") for r in shown[1:]))
        diff = run("diff", "raw.sales", "1", "2", "--warehouse", "w", "--exit-code")
        check("the difference", (10, True), (diff.returncode, "column added: score double,1" in diff.stdout))
        check("fsck", 0, run("fsck", "--warehouse", "w").returncode)
        DeltaTable(table).create_checkpoint()
        check("beside a checkpoint", shown,
              run("show", "raw.sales", "--warehouse", "w", "--limit", "10").stdout.splitlines())
        for version in (0, 1):
            (Path(table) / f"_delta_log/{version:020}.json").unlink()
        check("deltalake still reads it", 6, DeltaTable(table).to_pyarrow_table().num_rows)
        refusal = run("show", "raw.sales", "--warehouse", "w")
        check("behind a checkpoint", (1, ""), (refusal.returncode, refusal.stdout))
        check("the words", True, "a checkpoint of another program (version 2)" in refusal.stderr)
        check("fsck says so", 1, run("fsck", "--warehouse", "w").returncode)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print(__doc__)
        sys.exit(2)
    main(str(Path(sys.argv[1]).resolve()))
