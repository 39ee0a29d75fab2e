"""The weekly work on order lines the usual way: Polars, scikit-learn, lifetimes, statsforecast.

From lines.csv to a list of 5,000 customers, in the order and with the calls of these libraries'
own tutorials; nothing is tuned for the data and nothing is done twice. Amounts are floats, tables
stay in memory, nothing but the list is stored. Figures `~step_…` are seconds on the wall.
"""

import sys
import time
from datetime import date, timedelta
from itertools import combinations

START = time.perf_counter()

import lifetimes
import numpy as np
import polars as pl
import sklearn
import statsforecast
from lifetimes import BetaGeoFitter, GammaGammaFitter
from scipy.stats import spearmanr
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score, silhouette_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from statsforecast import StatsForecast
from statsforecast.models import AutoETS
from threadpoolctl import threadpool_limits

from measure import THREADS, measured, order_lines, path

STEPS = {"imports": time.perf_counter() - START}
SCHEMA = {
    "order_id": pl.String, "customer_id": pl.String, "ordered_at": pl.Datetime("us"),
    "product_id": pl.Categorical, "category": pl.Categorical, "channel": pl.Categorical,
    "kind": pl.String, "quantity": pl.Int64, "amount": pl.Float64,
}
AS_OF = date(2025, 12, 31)
HORIZON = timedelta(days=91)
TRAINING = [AS_OF - HORIZON - timedelta(days=28 * step) for step in (3, 2, 1, 0)]
FEATURES = [
    "days_since_last", "age", "orders", "orders_91d", "orders_364d", "value_total", "value_91d",
    "value_364d", "order_mean", "gap_mean", "gap_ratio", "products", "categories",
]
RESTARTS = 3
RFM = ["days_since_last", "orders", "value_total"]


def step(name, body, *arguments):
    """Runs one step and notes its seconds."""
    start = time.perf_counter()
    result = body(*arguments)
    STEPS[name] = time.perf_counter() - start
    print(f"{name}: {STEPS[name]:.1f} s", file=sys.stderr)
    return result


def clean(lines):
    """Lines without duplicates and nonsense, their kind told; returns and cancellations apart."""
    lines = lines.unique(maintain_order=True).drop_nulls(["order_id", "ordered_at", "amount"])
    is_cancelled = pl.col("order_id").str.starts_with("C")
    kind = (
        pl.when(is_cancelled).then(pl.lit("cancelled"))
        .when((pl.col("quantity") < 0) | (pl.col("amount") < 0)).then(pl.lit("return"))
        .otherwise(pl.col("kind").str.strip_chars().str.to_lowercase())
    )
    lines = lines.with_columns(
        kind.alias("kind"),
        pl.col("customer_id").str.strip_chars().replace("", None),
        pl.col("ordered_at").dt.date().alias("day"),
    )
    is_sale = ~pl.col("kind").is_in(["cancelled", "return"]) & (pl.col("quantity") > 0)
    return lines.filter(is_sale & pl.col("day").is_between(date(2000, 1, 1), AS_OF))


def order_table(sales):
    """One row an order of a known customer."""
    known = sales.filter(pl.col("customer_id").is_not_null())
    return known.group_by("customer_id", "order_id").agg(
        pl.col("day").min(), pl.col("amount").sum()
    )


def features_as_of(sales, orders, as_of):
    """The features of every customer with an order before a date, and the churn label behind it."""
    day, amount = pl.col("day"), pl.col("amount")
    quarter, year = (day >= as_of - timedelta(days=days) for days in (91, 364))
    table = orders.lazy().filter(day < as_of).group_by("customer_id").agg(
        (pl.lit(as_of) - day.max()).dt.total_days().alias("days_since_last"),
        (pl.lit(as_of) - day.min()).dt.total_days().alias("age"),
        pl.len().alias("orders"),
        quarter.sum().alias("orders_91d"),
        year.sum().alias("orders_364d"),
        amount.sum().alias("value_total"),
        amount.filter(quarter).sum().alias("value_91d"),
        amount.filter(year).sum().alias("value_364d"),
        amount.mean().alias("order_mean"),
    ).with_columns(
        ((pl.col("age") - pl.col("days_since_last")) / (pl.col("orders") - 1).clip(1))
        .alias("gap_mean")
    ).with_columns((pl.col("days_since_last") / pl.col("gap_mean").clip(1)).alias("gap_ratio"))
    mix = sales.lazy().filter((day < as_of) & pl.col("customer_id").is_not_null()).group_by(
        "customer_id"
    ).agg(
        pl.col("product_id").n_unique().alias("products"),
        pl.col("category").n_unique().alias("categories"),
    )
    came_back = orders.lazy().filter(
        (day >= as_of) & (day < as_of + HORIZON)
    ).select("customer_id").unique().with_columns(pl.lit(0).alias("churned"))
    return table.join(mix, on="customer_id").join(
        came_back, on="customer_id", how="left"
    ).with_columns(pl.col("churned").fill_null(1)).sort("customer_id").collect()


def matrix(table, columns=FEATURES):
    """Columns as a matrix, on a logarithmic scale as counts and amounts are skewed."""
    return np.log1p(table.select(columns).to_numpy())


def churn(training, now):
    """Probabilities of today's customers, and the AUC on the last labelled date."""
    def fit(tables):
        """Standardised features and the solver that scikit-learn advises for so many rows."""
        model = make_pipeline(StandardScaler(), LogisticRegression(solver="newton-cholesky"))
        pool = pl.concat(tables)
        return model.fit(matrix(pool), pool["churned"].to_numpy())

    last = training[-1]
    probabilities = fit(training[:-1]).predict_proba(matrix(last))[:, 1]
    auc = roc_auc_score(last["churned"].to_numpy(), probabilities)
    return fit(training).predict_proba(matrix(now))[:, 1], auc


def segments(now):
    """Clusters of log recency, frequency and value, k by the silhouette of a sample."""
    points = StandardScaler().fit_transform(matrix(now, RFM))
    best = (-1.0, None)
    for k in range(3, 10):
        model = KMeans(k, n_init=RESTARTS, random_state=1).fit(points)
        score = silhouette_score(points, model.labels_, sample_size=5_000, random_state=1)
        best = max(best, (score, model), key=lambda pair: pair[0])
    return best[1].labels_


def correlations(now):
    """Pearson's and Spearman's coefficients of all pairs of features."""
    values = now.select(FEATURES).to_numpy()
    return np.corrcoef(values, rowvar=False), spearmanr(values).statistic


def lifetime_value(orders):
    """Expected value of every customer in the next year, by days with orders."""
    days = orders.group_by("customer_id", "day").agg(pl.col("amount").sum()).sort(
        "customer_id", "day"
    )
    first = pl.col("day").min()
    history = days.group_by("customer_id", maintain_order=True).agg(
        (pl.len() - 1).cast(pl.Float64).alias("frequency"),
        (pl.col("day").max() - first).dt.total_days().cast(pl.Float64).alias("recency"),
        (pl.lit(AS_OF) - first).dt.total_days().cast(pl.Float64).alias("T"),
        pl.col("amount").slice(1).mean().fill_null(0).alias("value"),
    ).to_pandas()
    rows = history["frequency"], history["recency"], history["T"]
    purchases = BetaGeoFitter(penalizer_coef=0.001).fit(*rows)
    repeated = history[history["frequency"] > 0]
    value = GammaGammaFitter(penalizer_coef=0.001).fit(repeated["frequency"], repeated["value"])
    history["alive"] = purchases.conditional_probability_alive(*rows)
    history["clv"] = value.customer_lifetime_value(
        purchases, *rows, history["value"], time=12, discount_rate=0.01, freq="D"
    )
    return pl.from_pandas(history)


def forecast(sales):
    """Thirteen weeks for sixty series with 80 and 95 % bands: categories, channels, products."""
    weekly = sales.with_columns(pl.col("day").dt.truncate("1w").alias("ds"))
    largest = sales.group_by("product_id").agg(pl.col("amount").sum()).top_k(16, by="amount")
    parts = [
        weekly.group_by(pl.col(column).cast(pl.String).alias("unique_id"), "ds").agg(
            pl.col("amount").sum().alias("y")
        )
        for column in ("category", "channel")
    ]
    parts.append(
        weekly.join(largest.select("product_id"), on="product_id", how="semi")
        .group_by(pl.col("product_id").cast(pl.String).alias("unique_id"), "ds")
        .agg(pl.col("amount").sum().alias("y"))
    )
    full_weeks = pl.col("ds") <= AS_OF - timedelta(days=7)
    series = pl.concat(parts).filter(full_weeks).sort("unique_id", "ds").to_pandas()
    model = StatsForecast([AutoETS(season_length=52)], freq="W-MON", n_jobs=1)
    return model.forecast(df=series, h=13, level=[80, 95])


def cube(sales):
    """Turnover, units, lines and customers by every subset of month, category and channel."""
    sides = ["month", "category", "channel"]
    sales = sales.with_columns(pl.col("day").dt.truncate("1mo").alias("month"))
    measures = [
        pl.col("amount").sum().alias("value"), pl.col("quantity").sum().alias("units"),
        pl.len().alias("lines"), pl.col("customer_id").n_unique().alias("customers"),
    ]
    parts = [sales.select(measures)]
    for count in range(1, len(sides) + 1):
        parts += [sales.group_by(names).agg(measures) for names in combinations(sides, count)]
    return pl.concat(parts, how="diagonal")


def top_list(now, probabilities, labels, values):
    """The 5,000 customers with the most value to lose, as a CSV file."""
    scored = now.with_columns(pl.Series("churn_p", probabilities), pl.Series("segment", labels))
    loss = (pl.col("churn_p") * pl.col("clv")).alias("expected_loss")
    chosen = scored.join(
        values.select("customer_id", "alive", "clv"), on="customer_id"
    ).with_columns(loss).sort("expected_loss", descending=True).head(5_000)
    chosen.write_csv(path("top_usual.csv"))
    return chosen


def pipeline():
    """All steps."""
    lines = step("read", lambda: pl.read_csv(order_lines(".csv"), schema=SCHEMA))
    sales = step("clean", clean, lines)
    rows = lines.height
    del lines
    orders = step("orders", order_table, sales)
    tables = step(
        "features", lambda: [features_as_of(sales, orders, day) for day in [*TRAINING, AS_OF]]
    )
    *training, now = tables
    probabilities, auc = step("churn", churn, training, now)
    labels = step("kmeans", segments, now)
    step("correlations", correlations, now)
    values = step("value", lifetime_value, orders)
    forecasts = step("forecast", forecast, sales)
    cells = step("cube", cube, sales)
    chosen = step("list", top_list, now, probabilities, labels, values)
    return {
        "rows": rows, "customers": now.height, "~auc": auc, "~churners": probabilities.sum(),
        "~segments": labels.max() + 1, "~clv": values["clv"].sum(),
        "~series": forecasts["unique_id"].nunique(), "~cells": cells.height,
        "list": chosen.height,
    }


with threadpool_limits(THREADS):
    measured(
        pipeline,
        lambda figures: figures | {f"~step_{name}": taken for name, taken in STEPS.items()},
        f"polars {pl.__version__}, scikit-learn {sklearn.__version__}, "
        f"lifetimes {lifetimes.__version__}, statsforecast {statsforecast.__version__}",
    )
