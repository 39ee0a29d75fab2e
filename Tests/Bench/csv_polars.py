"""A CSV file to typed columns with Polars (POLARS_MAX_THREADS is set by the runner)."""

import polars as pl

from lines import summary
from measure import measured, order_lines

SCHEMA = {
    "order_id": pl.String, "customer_id": pl.String, "ordered_at": pl.Datetime("us"),
    "product_id": pl.String, "category": pl.String, "channel": pl.String, "kind": pl.String,
    "quantity": pl.Int64, "amount": pl.Decimal(18, 2),
}
measured(
    lambda: pl.read_csv(order_lines(".csv"), schema=SCHEMA),
    lambda frame: summary(frame.to_arrow()),
    f"polars {pl.__version__}",
)
