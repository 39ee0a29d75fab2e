"""A CSV file to columns with Polars, types inferred over the whole file.

`try_parse_dates` matches a date pattern against every cell when all rows are inferred, which takes
twenty times as long (four minutes for five million lines): columns of dates are found afterwards.
"""

import polars as pl

from lines import summary
from measure import measured, order_lines


def read():
    """The frame; a text column becomes times if every cell is one, the first ones tried first."""
    frame = pl.read_csv(order_lines(".csv"), infer_schema_length=None)
    for name in frame.select(pl.col(pl.String)).columns:
        try:
            frame[name].head(100).str.to_datetime()
            frame = frame.with_columns(pl.col(name).str.to_datetime())
        except pl.exceptions.PolarsError:
            pass
    return frame


measured(read, lambda frame: summary(frame.to_arrow()), f"polars {pl.__version__}")
