"""BG/NBD and Gamma-Gamma with lifetimes.

Input: `customers.f64`, rows of frequency, recency, T and mean value of repeat orders (0: none).
Arguments:
- `fit`: BG/NBD on every customer, as lifetimes' users call it, its standard errors included;
- `fit-grouped`: the same on unique rows and their counts, grouping timed, which lifetimes takes
  as `weights` but does not do itself;
- `value`: Gamma-Gamma on the customers with repeat orders;
- `score HORIZON r alpha a b p q v`: for every customer the expected orders up to the horizon,
  P(alive) and the expected mean value, from given parameters.
"""

import lifetimes
import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter

from measure import ARGUMENTS, measured, path

mode, numbers = ARGUMENTS[0], [float(word) for word in ARGUMENTS[1:]]
customers = np.fromfile(path("customers.f64")).reshape(-1, 4)
data = pd.DataFrame(customers, columns=["frequency", "recency", "T", "value"])
repeated = data[data["frequency"] > 0]
version = f"lifetimes {lifetimes.__version__}"


def fit(rows):
    """BG/NBD of some customers."""
    return BetaGeoFitter().fit(rows["frequency"], rows["recency"], rows["T"])


def fit_grouped(rows):
    """BG/NBD of the unique rows of some customers."""
    counts = rows.groupby(["frequency", "recency", "T"]).size().reset_index(name="count")
    return BetaGeoFitter().fit(
        counts["frequency"], counts["recency"], counts["T"], weights=counts["count"]
    )


def fit_value(rows):
    """Gamma-Gamma of some customers."""
    return GammaGammaFitter().fit(rows["frequency"], rows["value"])


def purchase_figures(model):
    """Parameters, errors and the log-likelihood in the data's own unit of time."""
    mean = BetaGeoFitter._negative_log_likelihood(
        np.log(model.params_.to_numpy()),
        data["frequency"].to_numpy(), data["recency"].to_numpy(), data["T"].to_numpy(),
        np.ones(len(data)), 0,
    )
    errors = {f"se_{name}": error for name, error in model.standard_errors_.items()}
    return dict(model.params_) | errors | {"log_likelihood": -mean * len(data)}


def value_figures(model):
    """Parameters, errors and the log-likelihood."""
    errors = {f"se_{name}": error for name, error in model.standard_errors_.items()}
    total = -model._negative_log_likelihood_ * len(repeated)
    return dict(model.params_) | errors | {"log_likelihood": total}


def score():
    """Expected orders, P(alive) and expected mean value of every customer."""
    horizon, parameters = numbers[0], numbers[1:]
    purchases, value = BetaGeoFitter(), GammaGammaFitter()
    purchases.params_ = pd.Series(parameters[:4], ["r", "alpha", "a", "b"])
    value.params_ = pd.Series(parameters[4:], ["p", "q", "v"])
    history = data["frequency"], data["recency"], data["T"]
    return {
        "expected_orders": purchases.conditional_expected_number_of_purchases_up_to_time(
            horizon, *history
        ),
        "alive": purchases.conditional_probability_alive(*history),
        "expected_value": value.conditional_expected_average_profit(
            data["frequency"], data["value"]
        ),
    }


if mode == "fit":
    fit(data[:1000])
    measured(lambda: fit(data), purchase_figures, version)
elif mode == "fit-grouped":
    fit(data[:1000])
    measured(lambda: fit_grouped(data), purchase_figures, f"{version}, grouped")
elif mode == "value":
    fit_value(repeated[:1000])
    measured(lambda: fit_value(repeated), value_figures, version)
else:
    measured(score, lambda scores: {name: row.sum() for name, row in scores.items()}, version)
