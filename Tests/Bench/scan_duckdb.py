"""Three columns of a Parquet file to one row of sums with DuckDB."""

import duckdb

from lines import scanned
from measure import THREADS, measured, order_lines

source = order_lines(".parquet")
connection = duckdb.connect(config={"threads": THREADS})
connection.execute("SET TimeZone = 'UTC'")
QUERY = f"""
    SELECT count(*), sum(quantity * (amount * 100)::BIGINT), min(ordered_at)::TIMESTAMP,
           max(ordered_at)::TIMESTAMP
    FROM '{source}'
"""
measured(
    lambda: connection.execute(QUERY).fetchone(),
    lambda row: scanned(*row),
    f"duckdb {duckdb.__version__}",
)
