"""Recency, frequency and value a customer with Polars, from Parquet sorted by customer and time.

Arguments: the file or pattern of files in the data's folder (lines-sorted.parquet). Reading is
timed.
"""

import polars as pl

from lines import rfm_summary
from measure import ARGUMENTS, measured, order_lines, path

source = path(ARGUMENTS[0]) if ARGUMENTS else order_lines("-sorted.parquet")


def rfm():
    """One row a customer."""
    lines = pl.scan_parquet(source).set_sorted("customer_id")
    known = lines.filter(pl.col("customer_id").is_not_null())
    return known.group_by("customer_id").agg(
        pl.col("ordered_at").max().dt.date().alias("last_day"),
        pl.col("order_id").n_unique().alias("orders"),
        pl.col("amount").sum().alias("value"),
    ).collect()


measured(rfm, lambda table: rfm_summary(table.to_arrow()), f"polars {pl.__version__}")
