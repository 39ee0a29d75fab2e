"""A CSV file to typed columns with Polars, texts as categoricals."""

import polars as pl

from lines import summary
from measure import measured, order_lines

SCHEMA = {
    "order_id": pl.Categorical, "customer_id": pl.Categorical, "ordered_at": pl.Datetime("us"),
    "product_id": pl.Categorical, "category": pl.Categorical, "channel": pl.Categorical,
    "kind": pl.Categorical, "quantity": pl.Int64, "amount": pl.Decimal(18, 2),
}
measured(
    lambda: pl.read_csv(order_lines(".csv"), schema=SCHEMA),
    lambda frame: summary(frame.to_arrow()),
    f"polars {pl.__version__} categoricals",
)
