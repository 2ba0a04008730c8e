#!/usr/bin/env python3
"""Writes tests/data/statistics_reference.json: what scipy, statsmodels and scikit-learn say about small cases.
Run in a throw-away environment: python3 -m venv E && E/bin/pip install scipy statsmodels scikit-learn."""
import itertools
import json
import pathlib
import random

import numpy
import scipy
import sklearn
import statsmodels
from scipy.stats import binomtest
from sklearn.metrics import brier_score_loss, roc_auc_score
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

SHARES = [(0, 1), (1, 1), (0, 10), (3, 10), (10, 10), (7, 13), (81, 263), (50, 100), (999, 1000)]


def shares():
    for (k, n), level in itertools.product(SHARES, (0.9, 0.95, 0.99)):
        exact = binomtest(k, n).proportion_ci(level, "exact")
        wilson = proportion_confint(k, n, 1 - level, "wilson")
        yield {"successes": k, "trials": n, "level": level, "wilson": [float(x) for x in wilson],
               "clopper_pearson": [float(exact.low), float(exact.high)]}


def pairs():
    for b, c in [(0, 0), (0, 1), (1, 5), (5, 1), (10, 10), (3, 17), (40, 60)]:
        p = 1.0 if b + c == 0 else float(mcnemar([[0, b], [c, 0]], exact=True).pvalue)
        yield {"only_first": b, "only_second": c, "p": p}


def majorities(draw):
    """Every subset looked at in turn."""
    for _ in range(25):
        answers = [draw.choice([0, 0, 1, 2, 3, None]) for _ in range(draw.randint(2, 9))]
        k = draw.randint(1, len(answers))
        passed = won = total = 0
        for subset in itertools.combinations(answers, k):
            total += 1
            passed += 0 in subset
            counts = {a: subset.count(a) for a in set(subset) if a is not None}
            best = [a for a, n in counts.items() if n == max(counts.values())]
            won += (0 in best) / len(best) if best else 0
        yield {"right": answers.count(0), "wrong": [answers.count(a) for a in (1, 2, 3) if a in answers],
               "no_answer": answers.count(None), "k": k, "pass": passed / total, "maj": won / total}


def calibration(draw):
    for n in (4, 20, 100):
        confidence = [round(draw.random(), 2) for _ in range(n)]
        right = [int(draw.random() < c) for c in confidence]
        right[0], right[1] = 0, 1
        bins = numpy.clip(numpy.digitize(confidence, numpy.arange(0, 11) / 10, right=True) - 1, 0, 9)
        ece = sum((bins == b).mean() * abs(numpy.mean([r - c for r, c, at in zip(right, confidence, bins) if at == b]))
                  for b in set(bins))
        yield {"confidence": confidence, "right": right, "auroc": float(roc_auc_score(right, confidence)),
               "brier": float(brier_score_loss(right, confidence)), "ece": float(ece)}


draw = random.Random(1)
P_VALUES = [[0.01, 0.04, 0.03, 0.005], [0.5, 0.5], [0.9, 0.001, 0.2, 0.2, 0.049]]
reference = {"made_with": {m.__name__: m.__version__ for m in (numpy, scipy, statsmodels, sklearn)},
             "shares": list(shares()), "pairs": list(pairs()),
             "holm": [{"p": p, "adjusted": [float(x) for x in multipletests(p, method="holm")[1]]} for p in P_VALUES],
             "votes": list(majorities(draw)), "calibration": list(calibration(draw))}
path = pathlib.Path(__file__).resolve().parent.parent / "tests/data/statistics_reference.json"
path.write_text(json.dumps(reference, separators=(",", ":")) + "\n")
