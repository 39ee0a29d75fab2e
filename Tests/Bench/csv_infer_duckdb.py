"""A CSV file to a table in memory with DuckDB, dialect and types sniffed over the whole file."""

import duckdb

from lines import summary
from measure import THREADS, measured, order_lines

connection = duckdb.connect(config={"threads": THREADS})
query = f"CREATE TABLE lines AS SELECT * FROM read_csv('{order_lines('.csv')}', sample_size = -1)"
measured(
    lambda: connection.execute(query),
    lambda _: summary(connection.sql("SELECT * FROM lines").to_arrow_table()),
    f"duckdb {duckdb.__version__}",
)
