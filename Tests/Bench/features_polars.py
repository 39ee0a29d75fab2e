"""Customer features as of twelve dates with Polars, from a frame in memory.

Arguments: the as-of dates (the first of each month of the year to 2026-01-01). One table of
customer and date; a row uses the days before its date only; windows are 13 and 52 weeks as Lode's.
"""

from datetime import date, timedelta

import polars as pl

from lines import AS_OF, features_summary
from measure import ARGUMENTS, measured, order_lines

dates = [date.fromisoformat(day) for day in ARGUMENTS or AS_OF]
frame = pl.read_parquet(
    order_lines(".parquet"),
    columns=["customer_id", "order_id", "product_id", "ordered_at", "amount"],
)


def features_as_of(orders, products, as_of):
    """The features of every customer with an order before a date."""
    day, value = pl.col("day"), pl.col("value")
    quarter, year = (day >= as_of - timedelta(days=days) for days in (91, 364))
    purchases = orders.filter(day < as_of).group_by("customer_id").agg(
        pl.lit(as_of).alias("as_of"),
        (pl.lit(as_of) - day.max()).dt.total_days().alias("days_since_last"),
        pl.len().alias("orders"),
        quarter.sum().alias("orders_91d"),
        year.sum().alias("orders_364d"),
        value.sum().alias("value_total"),
        value.filter(quarter).sum().alias("value_91d"),
        value.filter(year).sum().alias("value_364d"),
        pl.when(pl.len() > 1)
        .then((day.max() - day.min()).dt.total_days() / (pl.len() - 1))
        .alias("gap_mean_days"),
    )
    assortment = products.filter(day < as_of).group_by("customer_id").agg(
        pl.len().alias("product_count")
    )
    return purchases.join(assortment, on="customer_id")


def features():
    """One row a customer and date."""
    known = frame.lazy().filter(pl.col("customer_id").is_not_null()).select(
        "customer_id", "order_id", "product_id", pl.col("ordered_at").dt.date().alias("day"),
        "amount",
    )
    orders = known.group_by("customer_id", "order_id").agg(
        pl.col("day").min(), pl.col("amount").sum().alias("value")
    ).collect().lazy()
    products = known.group_by("customer_id", "product_id").agg(
        pl.col("day").min()
    ).collect().lazy()
    return pl.concat([features_as_of(orders, products, as_of) for as_of in dates]).collect()


measured(
    features, lambda table: features_summary(table.to_arrow()), f"polars {pl.__version__}"
)
