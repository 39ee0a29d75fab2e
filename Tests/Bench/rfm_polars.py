"""Recency, frequency and value a customer with Polars, from a frame in memory."""

import polars as pl

from measure import measured, path

frame = pl.read_parquet(
    path("lines.parquet"), columns=["customer_id", "order_id", "ordered_at", "amount"]
)


def rfm():
    """One row a customer."""
    known = frame.lazy().filter(pl.col("customer_id").is_not_null())
    return known.group_by("customer_id").agg(
        pl.col("ordered_at").max().alias("last"),
        pl.col("order_id").n_unique().alias("orders"),
        pl.col("amount").sum().alias("value"),
    ).collect()


measured(
    rfm,
    lambda table: {
        "customers": table.height,
        "orders": table["orders"].sum(),
        "cents": int(table["value"].sum() * 100),
        "last_days": table["last"].cast(pl.Date).cast(pl.Int32).cast(pl.Int64).sum(),
    },
    f"polars {pl.__version__}",
)
