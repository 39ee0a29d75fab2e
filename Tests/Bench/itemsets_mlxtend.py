"""Frequent itemsets with mlxtend's fpgrowth, baskets already one-hot in memory."""

import mlxtend
import pandas as pd
from mlxtend.frequent_patterns import fpgrowth
from mlxtend.preprocessing import TransactionEncoder

from measure import ARGUMENTS, measured, path

support = float(ARGUMENTS[0])
with open(path("baskets.txt"), encoding="utf-8") as file:
    baskets = [line.split() for line in file]
encoder = TransactionEncoder().fit(baskets)
frame = pd.DataFrame(encoder.transform(baskets), columns=encoder.columns_)
measured(
    lambda: fpgrowth(frame, min_support=support),
    lambda found: {
        "itemsets": len(found),
        "occurrences": (found["support"] * len(frame)).round().sum(),
        "longest": found["itemsets"].map(len).max(),
    },
    f"mlxtend {mlxtend.__version__} fpgrowth",
)
