"""Lloyd's k-means with faiss: float32, first k rows as start, 20 iterations, no sampling."""

import faiss
import numpy as np

from measure import ARGUMENTS, THREADS, measured, numbers

k = int(ARGUMENTS[0])
faiss.omp_set_num_threads(THREADS)
points = numbers("points.f32", 16, np.float32)


def fit(rows):
    """The final distances after training, as Lode and scikit-learn give them."""
    model = faiss.Kmeans(16, k, niter=20, nredo=1, max_points_per_centroid=10**9,
                         min_points_per_centroid=1)
    model.train(rows, init_centroids=points[:k])
    distances, _ = model.index.search(rows, 1)
    return distances


fit(points[:1000])
measured(
    lambda: fit(points),
    lambda distances: {"inertia": distances.sum(dtype=np.float64), "iterations": 20},
    f"faiss {faiss.__version__} (float32)",
)
