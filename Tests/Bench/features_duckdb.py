"""Customer features as of twelve dates with DuckDB, from a table in memory.

Arguments: the as-of dates (the first of each month of the year to 2026-01-01). One table of
customer and date; a row uses the days before its date only; windows are 13 and 52 weeks as Lode's.
"""

import duckdb

from lines import AS_OF, features_summary
from measure import ARGUMENTS, THREADS, measured, order_lines

dates = ", ".join(f"(DATE '{day}')" for day in ARGUMENTS or AS_OF)
connection = duckdb.connect(config={"threads": THREADS})
connection.execute("SET TimeZone = 'UTC'")
connection.execute(
    "CREATE TABLE lines AS SELECT customer_id, order_id, product_id, ordered_at, amount "
    f"FROM '{order_lines('.parquet')}'"
)
QUERY = f"""
    WITH dates(as_of) AS (VALUES {dates}),
    known AS (
        SELECT customer_id, order_id, product_id, ordered_at::DATE AS day, amount
        FROM lines WHERE customer_id IS NOT NULL
    ),
    orders AS (
        SELECT customer_id, order_id, min(day) AS day, sum(amount) AS value
        FROM known GROUP BY customer_id, order_id
    ),
    products AS (
        SELECT customer_id, product_id, min(day) AS day
        FROM known GROUP BY customer_id, product_id
    ),
    purchases AS (
        SELECT customer_id, as_of, as_of - max(day) AS days_since_last, count(*) AS orders,
               count(*) FILTER (day >= as_of - 91) AS orders_91d,
               count(*) FILTER (day >= as_of - 364) AS orders_364d,
               sum(value) AS value_total,
               coalesce(sum(value) FILTER (day >= as_of - 91), 0) AS value_91d,
               coalesce(sum(value) FILTER (day >= as_of - 364), 0) AS value_364d,
               (max(day) - min(day)) / nullif(count(*) - 1, 0) AS gap_mean_days
        FROM orders JOIN dates ON day < as_of GROUP BY customer_id, as_of
    ),
    assortment AS (
        SELECT customer_id, as_of, count(*) AS product_count
        FROM products JOIN dates ON day < as_of GROUP BY customer_id, as_of
    )
    SELECT * FROM purchases JOIN assortment USING (customer_id, as_of)
"""
measured(
    lambda: connection.sql(QUERY).to_arrow_table(),
    features_summary,
    f"duckdb {duckdb.__version__}",
)
