"""Order lines to and from a Parquet file with Polars.

Arguments: `read`, or `write` with zstd at Polars' default level or at the one that follows.
"""

import os

import polars as pl
import pyarrow.parquet as pq

from lines import summary, written
from measure import ARGUMENTS, measured, order_lines, path

version = f"polars {pl.__version__}"
if ARGUMENTS[0] == "write":
    frame = pl.read_parquet(order_lines(".parquet"))
    target = path("peer.parquet")
    level = int(ARGUMENTS[1]) if len(ARGUMENTS) > 1 else None
    measured(
        lambda: frame.write_parquet(target, compression="zstd", compression_level=level),
        lambda _: written(pq.read_table(target), os.path.getsize(target) / 1e6),
        version,
    )
else:
    measured(
        lambda: pl.read_parquet(order_lines(".parquet")),
        lambda frame: summary(frame.to_arrow()),
        version,
    )
