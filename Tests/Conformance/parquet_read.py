#!/usr/bin/env python3
"""Reads the files of `lode-bench parquet-zoo` with other programs and compares by value.

Usage: parquet_read.py DIR

Each `NAME.parquet` is read with pyarrow (page checksums verified), duckdb, polars and deltalake
(the file as a table of its own) and compared, bit for bit for floating-point numbers, with the
cells in `NAME.expected.jsonl`, which lode wrote from its table in memory. fastparquet reads the
files written for old readers. Bloom filters, bounds and page index are put to use by duckdb and
polars queries. Exit code 1 if anything differs.
"""

import json
import math
import struct
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import deltalake
import duckdb
import fastparquet
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

def canonical(table, kinds):
    """The cells of an arrow table in the form of the dump."""
    columns = []
    for (name, kind), column in zip(kinds, table.columns):
        if kind == "timestamp":
            unit = pa.int64()
            values = column.cast(pa.timestamp("us", column.type.tz)).cast(unit).to_pylist()
        elif kind == "date":
            values = [None if v is None else v.isoformat() for v in column.to_pylist()]
        elif kind.startswith("decimal"):
            scale = int(kind[:-1].split(",")[1])
            values = [None if v is None else format(Decimal(v).quantize(Decimal(1).scaleb(-scale)),
                                                    "f") for v in column.to_pylist()]
        else:
            values = column.to_pylist()
        columns.append(values)
    return columns


def equal(kind, want, got):
    if kind == "double" and want is not None and got is not None:
        a, b = float(want), float(got)
        return (math.isnan(a) and math.isnan(b)) or struct.pack("d", a) == struct.pack("d", b)
    return want == got


def with_delta(path, kinds):
    """The file read by deltalake as the only file of a table whose log is written here."""
    names = {"integer": "long", "double": "double", "boolean": "boolean", "text": "string",
             "date": "date", "timestamp": "timestamp"}
    fields = [{"name": name, "type": names.get(kind, kind), "nullable": True, "metadata": {}}
              for name, kind in kinds]
    actions = [
        {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
        {"metaData": {"id": "zoo", "format": {"provider": "parquet", "options": {}},
                      "schemaString": json.dumps({"type": "struct", "fields": fields}),
                      "partitionColumns": [], "configuration": {}}},
        {"add": {"path": path.name, "partitionValues": {}, "size": path.stat().st_size,
                 "modificationTime": 0, "dataChange": True}},
    ]
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        (Path(folder) / "_delta_log").mkdir()
        (Path(folder) / path.name).hardlink_to(path)
        (Path(folder) / "_delta_log" / f"{0:020}.json").write_text(
            "\n".join(json.dumps(action) for action in actions))
        # Row groups may come in any order; the ids rise.
        return pa.table(deltalake.DeltaTable(folder).to_pyarrow_table()).sort_by("id")


def readers(path, kinds, is_plain):
    yield "pyarrow", lambda: pq.read_table(path, page_checksum_verification=True)
    yield "duckdb", lambda: pa.table(duckdb.sql(
        f"select * from read_parquet('{path}')").to_arrow_table())
    yield "polars", lambda: pl.read_parquet(path).to_arrow()
    yield "deltalake", lambda: with_delta(path, kinds)
    if is_plain and pq.read_metadata(path).num_rows > 0:
        yield "fastparquet", lambda: fastparquet.ParquetFile(str(path)).to_pandas()


def check(path, problems):
    lines = Path(str(path)[: -len(".parquet")] + ".expected.jsonl")
    text = lines.read_text(encoding="utf-8")
    head, *rows = [json.loads(line) for line in text.split("\n") if line]
    kinds = head["columns"]
    want = [[row[i] for row in rows] for i in range(len(kinds))]
    count = 0
    for reader, read in readers(path, kinds, path.name.startswith("plain-")):
        count += 1
        try:
            data = read()
            if reader == "fastparquet":
                # It turns whole numbers with gaps into floating point: only exact columns count.
                if len(data) != head["rows"] or list(data["customer"]) != want[[
                        k for k, _ in kinds].index("customer")]:
                    problems.append(f"{path.name}: fastparquet differs")
                continue
            if data.num_rows != head["rows"] or data.column_names != [k for k, _ in kinds]:
                problems.append(f"{path.name}: {reader}: {data.num_rows} rows, {data.column_names}")
                continue
            for (name, kind), a, b in zip(kinds, want, canonical(data, kinds)):
                for row, (x, y) in enumerate(zip(a, b)):
                    if not equal(kind, x, y):
                        problems.append(f"{path.name}: {reader}: {name}, row {row}: {y!r}, not {x!r}")
                        break
        except Exception as error:  # a reader that fails is a difference, whatever its reason
            problems.append(f"{path.name}: {reader}: {type(error).__name__}: {error}")
    if head["rows"] == 0 or not any(name == "customer" for name, _ in kinds):
        return count
    # Bounds, page index and filters must never hide a row.
    for name, place in (("id", head["rows"] // 2), ("customer", head["rows"] - 1)):
        index = [k for k, _ in kinds].index(name)
        value = want[index][place]
        hits = sum(1 for v in want[index] if v == value)
        literal = str(value) if name == "id" else f"'{value}'"
        found = duckdb.execute(f"select count(*) from read_parquet($1) where {name} = {literal}",
                               [str(path)]).fetchall()[0][0]
        lazily = pl.scan_parquet(path).filter(pl.col(name) == value).collect().height
        arrow = pq.read_table(path, filters=[(name, "=", value)]).num_rows
        if (found, lazily, arrow) != (hits, hits, hits):
            problems.append(f"{path.name}: {name} = {literal}: {found}, {lazily}, {arrow} rows")
    return count


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    problems, count, files = [], 0, sorted(Path(arguments[1]).glob("*.parquet"))
    for path in files:
        count += check(path, problems)
    for problem in problems:
        print(f"difference: {problem}", file=sys.stderr)
    print(f"{len(files)} files of lode read {count} times by pyarrow, duckdb, polars, deltalake and "
          f"fastparquet, {len(problems)} differ")
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
