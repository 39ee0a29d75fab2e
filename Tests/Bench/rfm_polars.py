"""Recency, frequency and value a customer with Polars, from a frame in memory.

Every column of every customer is made: the result is a frame.
"""

import polars as pl

from lines import rfm_summary
from measure import measured, order_lines

frame = pl.read_parquet(
    order_lines(".parquet"),
    columns=["customer_id", "order_id", "ordered_at", "amount"],
)


def rfm():
    """One row a customer."""
    known = frame.lazy().filter(pl.col("customer_id").is_not_null())
    return known.group_by("customer_id").agg(
        pl.col("ordered_at").max().dt.date().alias("last_day"),
        pl.col("order_id").n_unique().alias("orders"),
        pl.col("amount").sum().alias("value"),
    ).collect()


measured(rfm, lambda table: rfm_summary(table.to_arrow()), f"polars {pl.__version__}")
