"""Recency, frequency and value a customer with DuckDB, from a table in memory."""

import duckdb
import pyarrow.compute as pc

from measure import THREADS, measured, path

connection = duckdb.connect(config={"threads": THREADS})
connection.execute(
    "CREATE TABLE lines AS SELECT customer_id, order_id, ordered_at, amount "
    f"FROM '{path('lines.parquet')}'"
)
QUERY = """
    SELECT customer_id, datediff('day', DATE '1970-01-01', max(ordered_at)::DATE) AS last_day,
           count(DISTINCT order_id) AS orders, sum(amount) AS value
    FROM lines WHERE customer_id IS NOT NULL GROUP BY customer_id
"""
measured(
    lambda: connection.sql(QUERY).to_arrow_table(),
    lambda table: {
        "customers": table.num_rows,
        "orders": pc.sum(table["orders"]).as_py(),
        "cents": int(pc.sum(table["value"]).as_py() * 100),
        "last_days": pc.sum(table["last_day"]).as_py(),
    },
    f"duckdb {duckdb.__version__}",
)
