#!/usr/bin/env python3
"""Shows, with the versions at hand, which CSV cells well-known readers change without a word.

Usage: python peers.py LODE   (duckdb, polars, pyarrow and pandas installed; LODE = the lode binary)
Prints a Markdown table; every cell of it is what the program at the head of the column returned.
"""
import os
import subprocess
import sys
import tempfile

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.csv

CASES = [
    ("postcode with a leading zero", "postcode,n\n01067,1\n10115,2\n", "postcode", 0, "01067"),
    ("a code that looks like an exponent", "code,n\n12E4,1\n13E1,2\n", "code", 0, "12E4"),
    ("the country code of Namibia", "country,n\nNA,1\nDE,2\n", "country", 0, "NA"),
    ("an id of 20 digits", "id,n\n12345678901234567891,1\n12345678901234567892,2\n", "id", 0, "12345678901234567891"),
    ("a leading zero behind 40,000 plain numbers",
     "id,n\n" + "".join(f"{i},1\n" for i in range(10000, 50000)) + "0012345,1\n", "id", 40000, "0012345"),
    ("a fraction behind 40,000 whole numbers",
     "amount,n\n" + "".join(f"{i},1\n" for i in range(40000)) + "2.75,1\n", "amount", 40000, "2.75"),
    ("a time behind 40,000 days",
     "day,n\n" + "2024-01-02,1\n" * 40000 + "2024-01-02T13:45:00,1\n", "day", 40000, "2024-01-02T13:45:00"),
    ("a row with a missing field", "a,b,c\n1,2,3\n4,5\n", "c", 1, "refused"),
]


def with_duckdb(path, column, row):
    rows = duckdb.sql(f"SELECT * FROM read_csv('{path}')")
    return rows.df()[column][row] if column in rows.columns else f"columns {rows.columns}"


def with_polars(path, column, row):
    return polars.read_csv(path, try_parse_dates=True)[column][row]


def with_pyarrow(path, column, row):
    return pyarrow.csv.read_csv(path)[column][row].as_py()


def with_pandas(path, column, row):
    return pandas.read_csv(path)[column][row]


def with_lode(lode, folder, path, column, row):
    pipeline = os.path.join(folder, "p.json5")
    with open(pipeline, "w") as file:
        file.write('{lode: 1, name: "n", currency: "EUR", as_of: {default: "2026-01-01"}, '
                   f'warehouse: "w-{os.path.basename(path)}", stages: {{in_: {{op: "extract", '
                   f'from: {{csv: "{os.path.basename(path)}"}}, into: "t"}}}}}}')
    run = subprocess.run([lode, "run", "-f", pipeline, "--quiet"], capture_output=True, text=True)
    if run.returncode != 0:
        return "refused: " + " ".join(run.stderr.split("\n")[1].split()[1:])
    show = subprocess.run([lode, "show", "t", "--warehouse", os.path.join(folder, f"w-{os.path.basename(path)}"),
                           "--limit", "1000000"], capture_output=True, text=True)
    lines = show.stdout.strip().split("\n")
    return lines[row + 1].split(",")[lines[0].split(",").index(column)]


def main():
    lode = os.path.abspath(sys.argv[1])
    print(f"| case | written | duckdb {duckdb.__version__} | polars {polars.__version__} | "
          f"pyarrow {pyarrow.__version__} | pandas {pandas.__version__} | Lode |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for number, (words, text, column, row, written) in enumerate(CASES):
            path = os.path.join(folder, f"case{number}.csv")
            with open(path, "w") as file:
                file.write(text)
            cells = []
            for reader in (with_duckdb, with_polars, with_pyarrow, with_pandas):
                try:
                    value = reader(path, column, row)
                    cells.append("missing" if value is None or str(value) in ("nan", "None", "NaT") else str(value))
                except Exception as error:  # a refusal is an honest answer
                    cells.append("refused: " + type(error).__name__)
            cells.append(with_lode(lode, folder, path, column, row))
            print(f"| {words} | {written} | " + " | ".join(cells) + " |")


main()
