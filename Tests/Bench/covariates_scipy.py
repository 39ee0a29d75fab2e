"""BG/NBD, MBG/NBD and Pareto/NBD of the CDNOW sample with the first day's value as covariate.

python3 covariates_scipy.py CDNOW_sample.txt   (some minutes)

Fader & Hardie (2007): alpha = alpha0 exp(-g1 z), a = a0 exp(g2 z), b = b0 exp(g3 z) or
beta = beta0 exp(-g2 z), z in hundreds of dollars. Plain scipy, no code shared with Lode; the
Pareto/NBD likelihood by 2F1 as in the papers.
"""
import sys
import datetime
import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, betaln, hyp2f1

END = datetime.date(1997, 9, 30)
days = {}
for line in open(sys.argv[1]):
    fields = line.split()
    day = datetime.datetime.strptime(fields[2], "%Y%m%d").date()
    if day <= END:
        days.setdefault(fields[1], {}).setdefault(day, 0.0)
        days[fields[1]][day] += float(fields[4])
x, tx, T, z = [], [], [], []
for own in days.values():
    first, last = min(own), max(own)
    x.append(len(own) - 1)
    tx.append(round((last - first).days / 7, 2))
    T.append(round((END - first).days / 7, 2))
    z.append(round(own[first], 2) / 100)
x, tx, T, z = map(np.array, (x, tx, T, z))


def bg(p, shift, g=None):
    r, al, a, b = np.exp(p[:4])
    g = p[4:] if g is None else g
    al, a, b = al * np.exp(-g[0] * z), a * np.exp(g[1] * z), b * np.exp(g[2] * z)
    base = gammaln(r + x) - gammaln(r) + r * np.log(al) + betaln(a, b + x + shift) - betaln(a, b)
    d = np.log(a) - np.log(np.where((x > 0) | (shift > 0), b + x - 1 + shift, 1))
    d = d + (r + x) * (np.log(al + T) - np.log(al + tx))
    odds = np.where((x > 0) | (shift > 0), np.logaddexp(0, d), 0)
    return -(base - (r + x) * np.log(al + T) + odds).sum()


def pareto(p, g=None):
    if np.abs(p).max() > 7:
        return 1e9
    r, al, s, be = np.exp(p[:4])
    g = p[4:] if g is None else g
    al, be = al * np.exp(-g[0] * z), be * np.exp(-g[1] * z)
    m, q = np.maximum(al, be), r + s + x
    second = np.where(al >= be, s + 1, r + x)
    gap = np.abs(al - be)
    def term(t):
        return hyp2f1(q, second, q + 1, gap / (m + t)) / (m + t) ** q
    integral = (term(tx) - term(T)) / q
    alive = -(r + x) * np.log(al + T) - s * np.log(be + T)
    whole = np.logaddexp(alive, np.log(s) + np.log(np.maximum(integral, 1e-300)))
    value = -(gammaln(r + x) - gammaln(r) + r * np.log(al) + s * np.log(be) + whole).sum()
    return value if np.isfinite(value) else 1e9


def fit(name, f, start):
    p = np.array(start)
    for method in ["BFGS", "Nelder-Mead", "BFGS"]:
        options = {"maxiter": 1500, "maxfev": 1500, "xatol": 1e-10, "fatol": 1e-12} if method == "Nelder-Mead" else {"gtol": 1e-8}
        res = minimize(f, p, method=method, options=options)
        if res.fun <= f(p): p = res.x
    print(name, -f(p), list(np.exp(p[:4])), list(p[4:]))


print(len(x), x.sum())
fit("bg plain", lambda p: bg(p, 0, [0, 0, 0]), [-1.4, 1.5, -.2, .9])
fit("bg", lambda p: bg(p, 0), [-1.4, 1.5, -.2, .9, 0, 0, 0])
fit("mbg", lambda p: bg(p, 1), [-.6, 1.8, -.1, .5, 0, 0, 0])
fit("pareto plain", lambda p: pareto(p, [0, 0]), [-.6, 2.4, -.5, 2.4])
fit("pareto", pareto, [-.6, 2.4, -.5, 2.4, 0, 0])
