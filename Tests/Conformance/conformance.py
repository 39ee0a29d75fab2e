#!/usr/bin/env python3
"""Reads every table of a warehouse with pyarrow, duckdb and deltalake and compares.

Usage: conformance.py WAREHOUSE [--quiet]

For each table, at its latest version, three independent readers count the rows and sum each
whole-number and decimal column. Their results are compared with what lode wrote into the table's
log: `numRecords` of the statistics and the exact sums of the tag `lode.sums`. Bounds and missing
cells of the statistics are compared with the cells too. Page checksums are verified by pyarrow.

Exit code 1 if anything differs, 2 if the folder is no warehouse. The versions of the readers are
in requirements.txt beside this file.
"""

import json
import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal, getcontext
from pathlib import Path
from urllib.parse import unquote

import deltalake
import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

getcontext().prec = 60


def log_state(table: Path):
    """The `add` entries of the latest version, by path, replayed from the log alone."""
    files, fields, partition_columns = {}, [], []
    for commit in sorted((table / "_delta_log").glob("*.json")):
        for line in commit.read_text(encoding="utf-8").splitlines():
            action = json.loads(line)
            if "metaData" in action:
                fields = json.loads(action["metaData"]["schemaString"])["fields"]
                partition_columns = action["metaData"]["partitionColumns"]
            if "add" in action:
                files[action["add"]["path"]] = action["add"]
            if "remove" in action:
                files.pop(action["remove"]["path"], None)
    return files, fields, partition_columns


def expected_of(files):
    """Row count and exact sums as lode wrote them."""
    rows, sums = 0, {}
    for add in files.values():
        rows += json.loads(add["stats"])["numRecords"]
        for column, text in json.loads(add["tags"]["lode.sums"]).items():
            sums[column] = sums.get(column, Decimal(0)) + Decimal(text)
    return rows, sums


def arrow_sums(data: pa.Table, columns):
    """Exact sums, independent of the width of the type."""
    sums = {}
    for column in columns:
        wide = pc.cast(data.column(column), pa.decimal128(38, data.schema.field(column).type.scale
                       if pa.types.is_decimal(data.schema.field(column).type) else 0))
        total = pc.sum(wide).as_py()
        sums[column] = Decimal(0) if total is None else Decimal(total)
    return sums


def read_pyarrow(paths, schema_columns, summed):
    parts = [pq.read_table(p, page_checksum_verification=True, partitioning=None) for p in paths]
    for part in parts:
        if part.column_names != schema_columns:
            raise ValueError(f"columns {part.column_names}, log has {schema_columns}")
    if not parts:
        return 0, {c: Decimal(0) for c in summed}
    data = pa.concat_tables(parts)
    return data.num_rows, arrow_sums(data, summed)


def read_duckdb(paths, summed):
    if not paths:
        return 0, {c: Decimal(0) for c in summed}
    quoted = ['"' + c.replace('"', '""') + '"' for c in summed]
    select = ", ".join(["count(*)"] + [f"cast(sum({c}) as varchar)" for c in quoted])
    row = duckdb.execute(
        f"select {select} from read_parquet($1, hive_partitioning = false)", [paths]
    ).fetchone()
    return row[0], {c: Decimal(v or 0) for c, v in zip(summed, row[1:])}


def read_deltalake(table: Path, summed):
    data = pa.table(deltalake.DeltaTable(str(table)).to_pyarrow_table())
    return data.num_rows, arrow_sums(data, summed)


def as_cell(value, text):
    """A bound of the log as the type that pyarrow gives for the cell."""
    if isinstance(value, datetime):
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    if isinstance(value, Decimal):
        return Decimal(str(text))
    if hasattr(value, "isoformat"):
        return value.fromisoformat(text)
    return type(value)(text)


def check_bounds(name, path, add, report):
    """Bounds hold for every cell and are tight; missing cells are counted right."""
    stats = json.loads(add["stats"], parse_float=Decimal)
    data = pq.read_table(path, partitioning=None)
    for column, missing in stats["nullCount"].items():
        cells = data.column(column)
        if cells.null_count != missing:
            report.append(f"{name}: {path}: {column}: {cells.null_count} missing, log {missing}")
        if column not in stats["minValues"] and column not in stats["maxValues"]:
            continue
        if pa.types.is_floating(cells.type):
            cells = cells.filter(pc.invert(pc.is_nan(cells)))
        low, high = pc.min_max(cells).as_py().values()
        slack = timedelta(milliseconds=1)
        for key, cell, sign in (("minValues", low, 1), ("maxValues", high, -1)):
            if column not in stats[key]:
                continue
            bound = as_cell(cell, stats[key][column])
            if isinstance(cell, datetime):
                is_fine = timedelta(0) <= (cell - bound) * sign < slack
            elif isinstance(cell, str):
                a, b = cell.encode(), bound.encode()
                is_fine = (b <= a if sign > 0 else a <= b) and (len(a) > 64 or a == b)
            else:
                is_fine = cell == bound
            if not is_fine:
                report.append(f"{name}: {path}: {column}: {key} {bound!r}, cells have {cell!r}")


def main(arguments):
    if len(arguments) < 2 or not (Path(arguments[1]) / "lode.json").exists():
        print(__doc__, file=sys.stderr)
        return 2
    differences, lines = [], []
    for table in sorted((Path(arguments[1]) / "tables").iterdir()):
        if not (table / "_delta_log").exists():
            continue
        files, fields, partition_columns = log_state(table)
        columns = [f["name"] for f in fields if f["name"] not in partition_columns]
        rows, sums = expected_of(files)
        summed = [
            f["name"] for f in fields if f["name"] in columns
            and (f["type"] == "long" or f["type"].startswith("decimal"))
        ]
        for column in summed:
            sums.setdefault(column, Decimal(0))
        paths = {path: str(table / unquote(path)) for path in sorted(files)}
        cells = [table.name, len(files), rows, len(sums)]
        readers = {
            "pyarrow": lambda: read_pyarrow(list(paths.values()), columns, summed),
            "duckdb": lambda: read_duckdb(list(paths.values()), summed),
            "deltalake": lambda: read_deltalake(table, summed),
        }
        for reader, read in readers.items():
            try:
                got_rows, got_sums = read()
            except Exception as error:  # a reader that fails is a difference, whatever its reason
                differences.append(f"{table.name}: {reader}: {type(error).__name__}: {error}")
                cells.append("FAILS")
                continue
            wrong = [c for c in summed if got_sums[c] != sums[c]]
            if got_rows != rows:
                differences.append(f"{table.name}: {reader}: {got_rows} rows, log has {rows}")
            for column in wrong:
                differences.append(
                    f"{table.name}: {reader}: sum of {column} is {got_sums[column]}, "
                    f"log has {sums[column]}"
                )
            cells.append("differs" if wrong or got_rows != rows else "equal")
        for path, add in files.items():
            check_bounds(table.name, paths[path], add, differences)
        lines.append(cells)
    head = ["table", "files", "rows", "sums", "pyarrow", "duckdb", "deltalake"]
    widths = [max(len(str(r[i])) for r in [head] + lines) for i in range(len(head))]
    for line in [head] + lines:
        print("  ".join(str(c).ljust(w) for c, w in zip(line, widths)).rstrip())
    for difference in differences:
        print(f"difference: {difference}", file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
