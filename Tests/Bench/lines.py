"""The order lines of the benchmarks: what a table of them holds."""

import pyarrow as pa
import pyarrow.compute as pc

COLUMNS = {
    "order_id": pa.string(),
    "customer_id": pa.string(),
    "ordered_at": pa.timestamp("us"),
    "product_id": pa.string(),
    "category": pa.string(),
    "channel": pa.string(),
    "kind": pa.string(),
    "quantity": pa.int64(),
    "amount": pa.decimal128(18, 2),
}
AS_OF = [f"2025-{month:02}-01" for month in range(2, 13)] + ["2026-01-01"]


def cents(amounts):
    """Their sum in cents; amounts that were inferred as floats are rounded one by one."""
    if pa.types.is_floating(amounts.type):
        return pc.sum(pc.cast(pc.round(pc.multiply(amounts, 100)), pa.int64())).as_py()
    return int(pc.sum(amounts).as_py() * 100)


def summary(table):
    """The figures that Lode prints of the same table."""
    microseconds = table["ordered_at"].cast(pa.timestamp("us")).cast(pa.int64())
    seconds = pc.sum(pc.divide(microseconds, 1_000_000)).as_py()
    return {
        "rows": table.num_rows,
        "guests": table["customer_id"].null_count,
        "quantity": pc.sum(table["quantity"]).as_py(),
        "cents": cents(table["amount"]),
        "mean_second": seconds / table.num_rows,
    }


def scanned(rows, quantity_cents, first, last):
    """The figures of a scan of three columns; the times are `datetime`s in UTC, zone or none."""
    microseconds = pa.timestamp("us")
    return {
        "rows": rows,
        "quantity_cents": int(quantity_cents),
        "first": pa.scalar(first.replace(tzinfo=None), microseconds).value,
        "last": pa.scalar(last.replace(tzinfo=None), microseconds).value,
    }


def written(table, megabytes):
    """The figures of a file that was written and read back."""
    return summary(table) | {"~megabytes": megabytes}


def rfm_summary(table):
    """The figures of one row a customer: last_day, orders, value."""
    days = table["last_day"]
    if pa.types.is_date(days.type):
        days = pc.cast(days, pa.int32())
    return {
        "customers": table.num_rows,
        "orders": pc.sum(table["orders"]).as_py(),
        "cents": cents(table["value"]),
        "last_days": pc.sum(pc.cast(days, pa.int64())).as_py(),
    }


def features_summary(table):
    """The figures of one row a customer and date."""
    counts = ["days_since_last", "orders", "orders_91d", "orders_364d", "product_count"]
    sums = {name: pc.sum(pc.cast(table[name], pa.int64())).as_py() for name in counts}
    values = ["value_total", "value_91d", "value_364d"]
    return sums | {name: cents(table[name]) for name in values} | {
        "rows": table.num_rows,
        "gap_mean_days": pc.sum(table["gap_mean_days"]).as_py(),
    }
