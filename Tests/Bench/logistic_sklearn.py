"""Logistic regression with scikit-learn: solver and tolerance as arguments, C = 1."""

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from measure import ARGUMENTS, THREADS, measured, path

solver, tolerance = ARGUMENTS[0], float(ARGUMENTS[1])
features = np.fromfile(path("logistic.f64")).reshape(-1, 50)
outcomes = (np.fromfile(path("outcomes.f64")) > 0.5).astype(np.int64)


def fit(rows, labels):
    """The fitted model."""
    model = LogisticRegression(C=1.0, solver=solver, tol=tolerance, max_iter=1000)
    return model.fit(rows, labels)


def values(model):
    """Objective, coefficients and the largest entry of the gradient of objective / n."""
    weights, intercept = model.coef_[0], model.intercept_[0]
    odds = features @ weights + intercept
    loss = np.logaddexp(0, odds) - outcomes * odds
    residual = 1 / (1 + np.exp(-odds)) - outcomes
    gradient = np.append(features.T @ residual + weights, residual.sum()) / len(outcomes)
    return {
        "objective": loss.sum() + 0.5 * weights @ weights,
        "intercept": intercept,
        "coefficient_norm": np.linalg.norm(weights),
        "~gradient": np.abs(gradient).max(),
        "~iterations": model.n_iter_[0],
    }


with threadpool_limits(THREADS):
    fit(features[:2000], outcomes[:2000])
    measured(
        lambda: fit(features, outcomes),
        values,
        f"scikit-learn {sklearn.__version__} {solver}",
    )
