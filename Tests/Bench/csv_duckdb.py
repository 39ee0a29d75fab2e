"""A CSV file to a table in memory with DuckDB."""

import duckdb

from lines import summary
from measure import THREADS, measured, order_lines

TYPES = {
    "order_id": "VARCHAR", "customer_id": "VARCHAR", "ordered_at": "TIMESTAMP",
    "product_id": "VARCHAR", "category": "VARCHAR", "channel": "VARCHAR", "kind": "VARCHAR",
    "quantity": "BIGINT", "amount": "DECIMAL(18,2)",
}
connection = duckdb.connect(config={"threads": THREADS})
query = (
    f"CREATE TABLE lines AS SELECT * FROM read_csv('{order_lines('.csv')}', header = true, "
    f"auto_detect = false, delim = ',', columns = {TYPES})"
)
measured(
    lambda: connection.execute(query),
    lambda _: summary(connection.sql("SELECT * FROM lines").to_arrow_table()),
    f"duckdb {duckdb.__version__}",
)
