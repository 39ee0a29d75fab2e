"""Lloyd's k-means with scikit-learn: float64, first k rows as start, 20 iterations."""

import numpy as np
import sklearn
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from measure import ARGUMENTS, THREADS, measured, path

k = int(ARGUMENTS[0])
points = np.fromfile(path("points.f64")).reshape(-1, 16)


def fit(rows):
    """The fitted clusters of some rows."""
    model = KMeans(k, init=points[:k], n_init=1, max_iter=20, tol=0, algorithm="lloyd")
    return model.fit(rows)


with threadpool_limits(THREADS):
    fit(points[:1000])
    measured(
        lambda: fit(points),
        lambda model: {"inertia": model.inertia_, "iterations": model.n_iter_},
        f"scikit-learn {sklearn.__version__}",
    )
