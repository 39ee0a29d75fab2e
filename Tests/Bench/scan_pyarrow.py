"""Three columns of a Parquet file to one row of sums with pyarrow."""

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lines import scanned
from measure import THREADS, measured, order_lines

pa.set_cpu_count(THREADS)
pa.set_io_thread_count(THREADS)
source = order_lines(".parquet")


def scan():
    """The only row."""
    table = pq.read_table(
        source, columns=["quantity", "amount", "ordered_at"], use_threads=THREADS > 1
    )
    # By way of floats, which are exact when rounded: decimal arithmetic takes longer.
    cents = pc.cast(pc.round(pc.multiply(pc.cast(table["amount"], pa.float64()), 100)), pa.int64())
    times = pc.min_max(table["ordered_at"]).as_py()
    total = pc.sum(pc.multiply(table["quantity"], cents)).as_py()
    return table.num_rows, total, times["min"], times["max"]


measured(scan, lambda row: scanned(*row), f"pyarrow {pa.__version__}")
