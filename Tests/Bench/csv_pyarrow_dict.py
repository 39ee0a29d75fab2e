"""A CSV file to typed columns with pyarrow, texts as dictionaries."""

import pyarrow as pa
import pyarrow.csv as csv

from lines import COLUMNS, summary
from measure import THREADS, measured, order_lines

pa.set_cpu_count(THREADS)
types = {
    name: pa.dictionary(pa.int32(), kind) if pa.types.is_string(kind) else kind
    for name, kind in COLUMNS.items()
}
options = csv.ConvertOptions(column_types=types, strings_can_be_null=True)
threads = csv.ReadOptions(use_threads=THREADS > 1)


def read():
    """The table with one dictionary a column, as Lode has it; pyarrow reads one a block."""
    table = csv.read_csv(order_lines(".csv"), read_options=threads, convert_options=options)
    return table.unify_dictionaries()


measured(read, summary, f"pyarrow {pa.__version__} dictionaries")
