"""Recency, frequency and value a customer with DuckDB, from Parquet sorted by customer and time.

Arguments: the file or pattern of files in the data's folder (lines-sorted.parquet). Reading is
timed.
"""

import duckdb

from lines import rfm_summary
from measure import ARGUMENTS, THREADS, measured, order_lines, path

source = path(ARGUMENTS[0]) if ARGUMENTS else order_lines("-sorted.parquet")
connection = duckdb.connect(config={"threads": THREADS})
connection.execute("SET TimeZone = 'UTC'")
QUERY = f"""
    SELECT customer_id, datediff('day', DATE '1970-01-01', max(ordered_at)::DATE) AS last_day,
           count(DISTINCT order_id) AS orders, sum(amount) AS value
    FROM '{source}' WHERE customer_id IS NOT NULL GROUP BY customer_id
"""
measured(
    lambda: connection.sql(QUERY).to_arrow_table(), rfm_summary, f"duckdb {duckdb.__version__}"
)
