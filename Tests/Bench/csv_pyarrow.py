"""A CSV file to typed columns with pyarrow."""

import pyarrow as pa
import pyarrow.csv as csv

from lines import COLUMNS, summary
from measure import THREADS, measured, order_lines

pa.set_cpu_count(THREADS)
options = csv.ConvertOptions(column_types=COLUMNS, strings_can_be_null=True)
threads = csv.ReadOptions(use_threads=THREADS > 1)
measured(
    lambda: csv.read_csv(order_lines(".csv"), read_options=threads, convert_options=options),
    summary,
    f"pyarrow {pa.__version__}",
)
