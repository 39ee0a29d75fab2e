"""Lloyd's k-means with scikit-learn: first k rows as start, 20 iterations.

Arguments: k, and `float32` for points in that precision (`float64`).
"""

import sklearn
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from measure import ARGUMENTS, THREADS, measured, numbers

k = int(ARGUMENTS[0])
precision = ARGUMENTS[1] if len(ARGUMENTS) > 1 else "float64"
points = numbers("points.f32" if precision == "float32" else "points.f64", 16, precision)


def fit(rows):
    """The fitted clusters of some rows."""
    model = KMeans(k, init=points[:k], n_init=1, max_iter=20, tol=0, algorithm="lloyd")
    return model.fit(rows)


with threadpool_limits(THREADS):
    fit(points[:1000])
    measured(
        lambda: fit(points),
        lambda model: {"inertia": model.inertia_, "iterations": model.n_iter_},
        f"scikit-learn {sklearn.__version__} ({precision})",
    )
