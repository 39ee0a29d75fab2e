"""Recency, frequency and value a customer with DuckDB, from a table in memory.

Every column of every customer is made: the result goes to Arrow.
"""

import duckdb

from lines import rfm_summary
from measure import THREADS, measured, order_lines

source = order_lines(".parquet")
connection = duckdb.connect(config={"threads": THREADS})
connection.execute("SET TimeZone = 'UTC'")
connection.execute(
    f"CREATE TABLE lines AS SELECT customer_id, order_id, ordered_at, amount FROM '{source}'"
)
QUERY = """
    SELECT customer_id, datediff('day', DATE '1970-01-01', max(ordered_at)::DATE) AS last_day,
           count(DISTINCT order_id) AS orders, sum(amount) AS value
    FROM lines WHERE customer_id IS NOT NULL GROUP BY customer_id
"""
measured(
    lambda: connection.sql(QUERY).to_arrow_table(), rfm_summary, f"duckdb {duckdb.__version__}"
)
