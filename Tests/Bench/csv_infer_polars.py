"""A CSV file to columns with Polars, types inferred over the whole file, dates tried."""

import polars as pl

from lines import summary
from measure import measured, order_lines

measured(
    lambda: pl.read_csv(order_lines(".csv"), infer_schema_length=None, try_parse_dates=True),
    lambda frame: summary(frame.to_arrow()),
    f"polars {pl.__version__}",
)
