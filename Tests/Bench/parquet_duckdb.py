"""Order lines to and from a Parquet file with DuckDB, its side a table in memory.

Arguments: `read`, or `write` with zstd at DuckDB's default level or at the one that follows.
"""

import os

import duckdb
import pyarrow.parquet as pq

from lines import summary, written
from measure import ARGUMENTS, THREADS, measured, order_lines, path

connection = duckdb.connect(config={"threads": THREADS})
version = f"duckdb {duckdb.__version__}"
load = f"CREATE TABLE lines AS SELECT * FROM '{order_lines('.parquet')}'"
if ARGUMENTS[0] == "write":
    connection.execute(load)
    target = path("peer.parquet")
    level = f", COMPRESSION_LEVEL {int(ARGUMENTS[1])}" if len(ARGUMENTS) > 1 else ""
    measured(
        lambda: connection.execute(
            f"COPY lines TO '{target}' (FORMAT parquet, COMPRESSION zstd{level})"
        ),
        lambda _: written(pq.read_table(target), os.path.getsize(target) / 1e6),
        version,
    )
else:
    measured(
        lambda: connection.execute(load),
        lambda _: summary(connection.sql("SELECT * FROM lines").to_arrow_table()),
        version,
    )
