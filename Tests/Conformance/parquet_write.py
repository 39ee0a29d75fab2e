#!/usr/bin/env python3
"""Writes Parquet files of every kind with other programs, for lode to read.

Usage: parquet_write.py DIR [--compare LODE_BENCH]

Each `NAME.parquet` comes with `NAME.expected.jsonl`: a header object (columns with the types that
lode gives them, rows, names of the columns that lode must skip) and an array a row, made from the
values in memory, never from a re-read. With --compare, each file is dumped by `lode-bench
parquet-dump` and compared by value, bit for bit for floating-point numbers; exit code 1 if
anything differs.
"""

import datetime as dt
import json
import math
import random
import struct
import subprocess
import sys
import uuid
from decimal import Decimal
from pathlib import Path

import duckdb
import fastparquet
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

EPOCH = dt.datetime(1970, 1, 1)


def micros(moment):
    return (moment - EPOCH) // dt.timedelta(microseconds=1)


def binary_text(value):
    """The form in which lode shows bytes without a declared meaning."""
    try:
        text = value.decode("utf-8")
        if not text.startswith("\\x"):
            return text
    except UnicodeDecodeError:
        pass
    return "\\x" + value.hex()


def float_text(value):
    if math.isnan(value):
        return "nan"
    return "inf" if value == math.inf else "-inf" if value == -math.inf else repr(float(value))


class Folder:
    def __init__(self, path):
        self.path = Path(path)
        self.path.mkdir(parents=True, exist_ok=True)
        self.names = []

    def expect(self, name, columns, skipped=()):
        """columns: (name, lode type, canonical values); a reader has no rows to compare if none."""
        rows = len(columns[0][2]) if columns else 0
        head = {"columns": [[n, t] for n, t, _ in columns], "rows": rows, "skipped": list(skipped)}
        with open(self.path / f"{name}.expected.jsonl", "w", encoding="utf-8") as out:
            out.write(json.dumps(head) + "\n")
            for row in zip(*[c[2] for c in columns]):
                cells = [float_text(v) if isinstance(v, float) else v for v in row]
                out.write(json.dumps(cells) + "\n")
        self.names.append(name)
        return self.path / f"{name}.parquet"


def with_nulls(values, every):
    return [None if every and i % every == every - 1 else v for i, v in enumerate(values)]


def mapped(values, change):
    return [None if v is None else change(v) for v in values]


def type_table(n, every, seed=1):
    """An arrow table of every flat type and what lode makes of each column."""
    rnd = random.Random(seed)
    table, expected = {}, []

    def add(name, kind, values, lode_type, canonical=lambda v: v):
        values = with_nulls(values, every)
        table[name] = pa.array(values, kind)
        expected.append((name, lode_type, mapped(values, canonical)))

    for bits in (8, 16, 32, 64):
        low = -(2 ** (bits - 1))
        add(f"i{bits}", getattr(pa, f"int{bits}")(),
            [rnd.choice([low, -low - 1, rnd.randrange(low, -low), i % 100]) for i in range(n)],
            "integer")
        high = 2 ** min(bits, 63)
        add(f"u{bits}", getattr(pa, f"uint{bits}")(),
            [rnd.choice([0, high - 1, rnd.randrange(high)]) for _ in range(n)], "integer")
    specials = [0.0, -0.0, math.nan, math.inf, -math.inf, 1.5]
    add("f64", pa.float64(), [rnd.choice(specials + [rnd.gauss(0, 1e9)]) for _ in range(n)],
        "double", float)
    singles = [struct.unpack("f", struct.pack("f", rnd.gauss(0, 1)))[0] for _ in range(n)]
    add("f32", pa.float32(), singles, "double", float)
    halves = [struct.unpack("e", struct.pack("e", rnd.gauss(0, 100)))[0] for _ in range(n)]
    add("f16", pa.float16(), halves, "double", float)
    add("flag", pa.bool_(), [rnd.random() < 0.3 for _ in range(n)], "boolean")
    add("word", pa.string(), [rnd.choice(["", "München", "東京", "x\0y", "ab"]) for _ in range(n)],
        "text")
    add("unique", pa.string(), [f"customer-{i:07d}-{rnd.random()}" for i in range(n)], "text")
    add("bytes", pa.binary(),
        [rnd.choice([b"text", b"\\xff", b"\xff\x00", bytes([i % 256])]) for i in range(n)], "text",
        binary_text)
    add("fixed", pa.binary(5), [rnd.randbytes(5) for _ in range(n)], "text", binary_text)
    ids = [uuid.UUID(int=rnd.getrandbits(128)) for _ in range(n)]
    ids = with_nulls(ids, every)
    storage = pa.array([None if v is None else v.bytes for v in ids], pa.binary(16))
    table["uuid"] = pa.ExtensionArray.from_storage(pa.uuid(), storage)
    expected.append(("uuid", "text", mapped(ids, str)))
    for precision, scale in ((5, 2), (9, 0), (18, 6), (25, 3)):
        digits = min(precision, 18)
        numbers = [Decimal(rnd.randrange(-10**digits + 1, 10**digits)).scaleb(-scale)
                   for _ in range(n)]
        add(f"d{precision}_{scale}", pa.decimal128(precision, scale), numbers,
            f"decimal({digits},{scale})", lambda v: format(v, "f"))
    days = [dt.date(1970, 1, 1) + dt.timedelta(days=rnd.randrange(-700000, 2900000))
            for _ in range(n)]
    add("day", pa.date32(), days, "date", lambda v: v.isoformat())
    moments = [EPOCH + dt.timedelta(milliseconds=rnd.randrange(-10**13, 10**13)) for _ in range(n)]
    add("ts_ms", pa.timestamp("ms", "UTC"), moments, "timestamp", micros)
    moments = [EPOCH + dt.timedelta(microseconds=rnd.randrange(-10**16, 10**16)) for _ in range(n)]
    add("ts_us", pa.timestamp("us", "UTC"), moments, "timestamp", micros)
    add("ts_local", pa.timestamp("us"), moments, "timestamp", micros)
    moments = [EPOCH + dt.timedelta(microseconds=rnd.randrange(-9 * 10**15, 9 * 10**15))
               for _ in range(n)]
    add("ts_ns", pa.timestamp("ns", "UTC"), moments, "timestamp", micros)
    seconds = [rnd.randrange(86400000) for _ in range(n)]
    add("time_ms", pa.time32("ms"), seconds, "integer", lambda v: v * 1000)
    add("time_us", pa.time64("us"), seconds, "integer")
    add("time_ns", pa.time64("ns"), [s * 1000 for s in seconds], "integer", lambda v: v // 1000)
    table["void"] = pa.nulls(n)
    expected.append(("void", "integer", [None] * n))
    return pa.table(table), expected


def write_pyarrow(folder):
    for n in (0, 1, 7, 1000):
        for every in (0, 3):
            table, expected = type_table(n, every)
            for version, page in (("1.0", "1.0"), ("2.6", "2.0"), ("2.6", "1.0")):
                for codec in ("none", "snappy", "gzip", "brotli", "lz4", "zstd"):
                    if n in (0, 1) and codec not in ("none", "snappy"):
                        continue
                    name = f"pyarrow-{n}-{every}-{version}-{page}-{codec}"
                    given = expected
                    if version == "1.0":
                        # Parquet 1.0 of arrow has no unsigned 32 bits and coarser nanoseconds.
                        pass
                    path = folder.expect(name, given)
                    pq.write_table(table, path, version=version, data_page_version=page,
                                   compression=codec, data_page_size=2000, row_group_size=400,
                                   write_page_checksum=codec != "gzip",
                                   write_page_index=codec == "zstd")
    encodings = {
        "DELTA_BINARY_PACKED": ["i32", "i64", "u32", "u64", "ts_us", "i8"],
        "BYTE_STREAM_SPLIT": ["f32", "f64", "i32", "i64", "fixed", "f16", "d25_3", "d5_2"],
        "DELTA_LENGTH_BYTE_ARRAY": ["word", "unique", "bytes"],
        "DELTA_BYTE_ARRAY": ["word", "unique", "bytes", "fixed", "d25_3"],
        "RLE": ["flag"],
        "PLAIN": None,
    }
    for encoding, columns in encodings.items():
        for n in (1, 2, 33, 129, 1000):
            for every in (0, 1, 2, 7):
                for page in ("1.0", "2.0"):
                    table, expected = type_table(n, every, seed=n)
                    columns_here = columns or table.column_names
                    table = table.select(columns_here)
                    chosen = [e for e in expected if e[0] in columns_here]
                    chosen.sort(key=lambda e: columns_here.index(e[0]))
                    name = f"encoding-{encoding}-{n}-{every}-{page}"
                    path = folder.expect(name, chosen)
                    pq.write_table(
                        table, path, use_dictionary=False, data_page_version=page,
                        compression="snappy" if n == 33 else "none", write_page_checksum=True,
                        data_page_size=500,
                        column_encoding={c: encoding for c in columns_here})
    # The dictionary is given up in the middle; thousands of pages.
    table, expected = type_table(3000, 5, seed=9)
    path = folder.expect("pyarrow-fallback", expected)
    pq.write_table(table, path, dictionary_pagesize_limit=2000, data_page_size=64,
                   write_batch_size=16)
    required = pa.table({"a": pa.array(range(500), pa.int32())},
                        schema=pa.schema([pa.field("a", pa.int32(), nullable=False)]))
    path = folder.expect("pyarrow-required", [("a", "integer", list(range(500)))])
    pq.write_table(required, path, data_page_version="2.0", use_dictionary=False)
    # INT96 and an impossible value of each kind.
    moments = [dt.datetime(1900, 1, 1), dt.datetime(2024, 2, 29, 23, 59, 59, 999999), None]
    path = folder.expect("pyarrow-int96", [("t", "timestamp", mapped(moments, micros))])
    pq.write_table(pa.table({"t": pa.array(moments, pa.timestamp("us"))}), path,
                   use_deprecated_int96_timestamps=True)
    path = folder.expect("pyarrow-skipped", [("kept", "integer", [1, 2])], [
        "big", "wide", "fine", "list.list.element", "pair.x", "pair.y", "map.key_value.key",
        "map.key_value.value"])
    pq.write_table(pa.table({
        "big": pa.array([1, 2**64 - 1], pa.uint64()),
        "kept": pa.array([1, 2], pa.int64()),
        "wide": pa.array([Decimal(10**20), Decimal(1)], pa.decimal128(30, 0)),
        "fine": pa.array([1, 2000], pa.timestamp("ns")),
        "list": pa.array([[1], [2, 3]], pa.list_(pa.int64())),
        "pair": pa.array([{"x": 1, "y": "a"}] * 2),
        "map": pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int64())),
    }), path)


def simple(n, every):
    """Columns that every program can write."""
    rnd = random.Random(n)
    moments = [dt.datetime(2020, 1, 1) + dt.timedelta(microseconds=rnd.randrange(10**14))
               for _ in range(n)]
    return {
        "id": ("integer", list(range(n)), lambda v: v),
        "count": ("integer", with_nulls([rnd.randrange(9) for _ in range(n)], every), lambda v: v),
        "score": ("double", with_nulls([rnd.gauss(0, 1) for _ in range(n)], every), float),
        "name": ("text", with_nulls([f"n{rnd.randrange(n + 1)}é" for _ in range(n)], every), str),
        "flag": ("boolean", with_nulls([rnd.random() < 0.5 for _ in range(n)], every), bool),
        "at": ("timestamp", with_nulls(moments, every), micros),
    }


def expected_of(columns):
    return [(name, kind, mapped(values, canonical))
            for name, (kind, values, canonical) in columns.items()]


def write_others(folder):
    for n in (0, 1, 1000, 20000):
        for every in (0, 4):
            columns = simple(n, every)
            arrow = pa.table({k: pa.array(v[1], {
                "integer": pa.int64(), "double": pa.float64(), "text": pa.string(),
                "boolean": pa.bool_(), "timestamp": pa.timestamp("us")}[v[0]])
                for k, v in columns.items()})
            for codec in ("uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4_raw"):
                for version in ("v1", "v2"):
                    path = folder.expect(f"duckdb-{n}-{every}-{version}-{codec}",
                                         expected_of(columns))
                    duckdb.execute(f"copy (select * from arrow) to '{path}' (format parquet, "
                                   f"compression {codec}, parquet_version {version})")
            for codec in ("uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4"):
                path = folder.expect(f"polars-{n}-{every}-{codec}", expected_of(columns))
                pl.from_arrow(arrow).write_parquet(path, compression=codec, row_group_size=700,
                                                   data_page_size=1024)
            frame = pd.DataFrame({
                "id": pd.array(columns["id"][1], "int64"),
                "count": pd.array(columns["count"][1], "Int64"),
                "name": pd.array(columns["name"][1], "object"),
                "flag": pd.array(columns["flag"][1], "boolean"),
            })
            given = [c for c in expected_of(columns) if c[0] in frame.columns]
            for codec in ("UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD"):
                if n == 0:
                    continue
                path = folder.expect(f"fastparquet-{n}-{every}-{codec}", given)
                fastparquet.write(str(path), frame, compression=codec, object_encoding="utf8",
                                  write_index=False)
    for name, query, kind, values in (
        ("decimals", "select (i * 12345.67)::decimal(12, 2) x from range(500) t(i)",
         "decimal(12,2)", [format(Decimal(i) * Decimal("12345.67"), ".2f") for i in range(500)]),
        ("uuids", "select uuid '00000000-0000-0000-0000-00000000000a' x", "text",
         ["00000000-0000-0000-0000-00000000000a"]),
        ("json", "select '{\"a\": 1}'::json x", "text", ['{"a": 1}']),
        ("enum", "select 'b'::enum('a', 'b') x", "text", ["b"]),
        ("utinyint", "select i::utinyint x from range(256) t(i)", "integer", list(range(256))),
        ("blob", "select '\\xFF'::blob x", "text", ["\\xff"]),
    ):
        path = folder.expect(f"duckdb-{name}", [("x", kind, values)])
        duckdb.execute(f"copy ({query}) to '{path}' (format parquet)")


def cells_equal(kind, want, got):
    if kind == "double" and want is not None and got is not None:
        a, b = float(want), float(got)
        return (math.isnan(a) and math.isnan(b)) or struct.pack("d", a) == struct.pack("d", b)
    return want == got and type(want) is type(got)


def difference(expected, dumped):
    """The first difference between two dumps, None if there is none."""
    head, *want = [json.loads(line) for line in expected.split("\n") if line]
    got_head, *got = [json.loads(line) for line in dumped.split("\n") if line]
    if head["columns"] != got_head["columns"]:
        return f"columns {got_head['columns']}, expected {head['columns']}"
    if head["rows"] != got_head["rows"] or len(want) != len(got):
        return f"{len(got)} rows, expected {len(want)}"
    if sorted(head["skipped"]) != sorted(s[0] for s in got_head["skipped"]):
        return f"skipped {got_head['skipped']}, expected {head['skipped']}"
    kinds = [kind for _, kind in head["columns"]]
    for index, (a, b) in enumerate(zip(want, got)):
        for place, kind in enumerate(kinds):
            if not cells_equal(kind, a[place], b[place]):
                return f"row {index}, {head['columns'][place]}: {b[place]!r}, expected {a[place]!r}"
    return None


def compare(folder, bench):
    differences = 0
    for name in folder.names:
        path = folder.path / f"{name}.parquet"
        run = subprocess.run([bench, "parquet-dump", str(path)], capture_output=True, timeout=60)
        expected = (folder.path / f"{name}.expected.jsonl").read_text(encoding="utf-8")
        if run.returncode != 0:
            problem = f"exit {run.returncode}: {run.stdout.decode(errors='replace')[:400]}"
        else:
            problem = difference(expected, run.stdout.decode("utf-8"))
        if problem:
            differences += 1
            print(f"difference: {name}: {problem}", file=sys.stderr)
    print(f"{len(folder.names)} files of pyarrow, duckdb, polars and fastparquet read by lode, "
          f"{differences} differ")
    return differences


def main(arguments):
    if len(arguments) not in (2, 4):
        print(__doc__, file=sys.stderr)
        return 2
    folder = Folder(arguments[1])
    write_pyarrow(folder)
    write_others(folder)
    return 1 if len(arguments) == 4 and compare(folder, arguments[3]) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
