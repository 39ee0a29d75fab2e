"""A CSV file to columns with pyarrow, types inferred over all blocks of the file."""

import pyarrow as pa
import pyarrow.csv as csv

from lines import summary
from measure import THREADS, measured, order_lines

pa.set_cpu_count(THREADS)
options = csv.ConvertOptions(strings_can_be_null=True)
threads = csv.ReadOptions(use_threads=THREADS > 1)
measured(
    lambda: csv.read_csv(order_lines(".csv"), read_options=threads, convert_options=options),
    summary,
    f"pyarrow {pa.__version__}",
)
