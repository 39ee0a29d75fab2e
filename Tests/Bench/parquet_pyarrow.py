"""Order lines to and from a Parquet file with pyarrow.

Arguments: `read`, or `write` with zstd at pyarrow's default level or at the one that follows.
"""

import os

import pyarrow as pa
import pyarrow.parquet as pq

from lines import summary, written
from measure import ARGUMENTS, THREADS, measured, order_lines, path

pa.set_cpu_count(THREADS)
pa.set_io_thread_count(THREADS)
is_parallel = THREADS > 1
version = f"pyarrow {pa.__version__}"
if ARGUMENTS[0] == "write":
    table = pq.read_table(order_lines(".parquet"), use_threads=is_parallel)
    target = path("peer.parquet")
    level = int(ARGUMENTS[1]) if len(ARGUMENTS) > 1 else None
    measured(
        lambda: pq.write_table(table, target, compression="zstd", compression_level=level),
        lambda _: written(pq.read_table(target), os.path.getsize(target) / 1e6),
        version,
    )
else:
    measured(
        lambda: pq.read_table(order_lines(".parquet"), use_threads=is_parallel), summary, version
    )
