"""Three columns of a Parquet file to one row of sums with Polars."""

import polars as pl

from lines import scanned
from measure import measured, order_lines

source = order_lines(".parquet")


def scan():
    """The only row."""
    # The unscaled integers of a decimal are its cents.
    cents = pl.col("amount").cast(pl.Decimal(18, 2)).to_physical().cast(pl.Int64)
    return pl.scan_parquet(source).select(
        pl.len().alias("rows"),
        (pl.col("quantity") * cents).sum().alias("cents"),
        pl.col("ordered_at").min().alias("first"),
        pl.col("ordered_at").max().alias("last"),
    ).collect()


measured(scan, lambda frame: scanned(*frame.row(0)), f"polars {pl.__version__}")
