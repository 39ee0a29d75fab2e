"""Order lines to and from a Parquet file with pyarrow: `write` or `read`, zstd level 3."""

import os

import pyarrow as pa
import pyarrow.parquet as pq

from lines import summary
from measure import ARGUMENTS, THREADS, measured, path

pa.set_cpu_count(THREADS)
pa.set_io_thread_count(THREADS)
is_parallel = THREADS > 1
version = f"pyarrow {pa.__version__}"
if ARGUMENTS == ["write"]:
    table = pq.read_table(path("lines.parquet"), use_threads=is_parallel)
    target = path("peer.parquet")

    def values(_):
        """The figures of the file that was written."""
        written = summary(pq.read_table(target))
        written["~megabytes"] = os.path.getsize(target) / 1e6
        return written

    measured(
        lambda: pq.write_table(table, target, compression="zstd", compression_level=3),
        values,
        version,
    )
else:
    measured(
        lambda: pq.read_table(path("lines.parquet"), use_threads=is_parallel), summary, version
    )
