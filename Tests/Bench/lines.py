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


def summary(table):
    """The figures that Lode prints of the same table."""
    microseconds = table["ordered_at"].cast(pa.timestamp("us")).cast(pa.int64())
    seconds = pc.sum(pc.divide(microseconds, 1_000_000)).as_py()
    return {
        "rows": table.num_rows,
        "guests": table["customer_id"].null_count,
        "quantity": pc.sum(table["quantity"]).as_py(),
        "cents": int(pc.sum(table["amount"]).as_py() * 100),
        "mean_second": seconds / table.num_rows,
    }
