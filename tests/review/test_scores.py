"""What the rules make of scores, held against the same model worked out another way.

The rules absorb applications, factor what is left and search without derivatives. Here the covariance of all
scores is written out in full: restricted likelihood by Fisher scoring (Searle, Casella, McCulloch: Variance
Components, 1992, section 6.6), predictions and their errors from the joint normal distribution (section 7.4).
"""

import json
import os
import subprocess
from pathlib import Path

# Small matrices: several threads only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np  # noqa: E402
import pytest  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
COMMAND = ["cargo", "run", "--quiet", "-p", "bursar-review", "--example", "scores"]
LEVEL = 0.9
MEAN = 60.0


def weighed(rounds):
    """What the rules make of rounds, each a list of (application, reviewer, points)."""
    lines = "".join(json.dumps({"level": LEVEL, "scores": scores}) + "\n" for scores in rounds)
    done = subprocess.run(COMMAND, cwd=ROOT, input=lines, text=True, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def made_up(random, applications, reviewers, each, spreads):
    """A round with a known truth: what each application is worth, and its scores."""
    worth, severity, noise = spreads
    truth = MEAN + random.normal(0, worth, applications)
    effect = random.normal(0, severity, reviewers)
    scores = []
    for application in range(applications):
        count = each if isinstance(each, int) else int(random.integers(each[0], each[1] + 1))
        for reviewer in random.choice(reviewers, count, replace=False):
            points = truth[application] + effect[reviewer] + random.normal(0, noise)
            scores.append([application, int(reviewer), round(float(points), 1)])
    return truth, scores


class Dense:
    """The model with all covariances written out."""

    def __init__(self, scores):
        table = np.array(scores)
        self.points = table[:, 2]
        self.applications, own = np.unique(table[:, 0], return_inverse=True)
        self.reviewers, given = np.unique(table[:, 1], return_inverse=True)
        self.own = np.eye(len(self.applications))[own]
        self.given = np.eye(len(self.reviewers))[given]
        self.ones = np.ones(len(scores))
        self.parts = [self.own @ self.own.T, self.given @ self.given.T, np.eye(len(scores))]

    def projected(self, variances):
        """The inverse covariance, and the same with the mean taken out."""
        inverse = np.linalg.inv(sum(v * part for v, part in zip(variances, self.parts)))
        weighed = inverse @ self.ones
        return inverse, inverse - np.outer(weighed, weighed) / (self.ones @ weighed)

    def likelihood(self, variances):
        """The logarithm of the restricted likelihood, less a constant."""
        inverse, projected = self.projected(variances)
        _, determinant = np.linalg.slogdet(inverse)
        fixed = np.log(self.ones @ inverse @ self.ones)
        return 0.5 * (determinant - fixed - self.points @ projected @ self.points)

    def fitted(self):
        """The variances of greatest restricted likelihood."""
        variances = np.full(3, np.var(self.points) / 3)
        value = self.likelihood(variances)
        for _ in range(60):
            _, projected = self.projected(variances)
            moved = [projected @ part for part in self.parts]
            residual = projected @ self.points
            slope = [0.5 * (residual @ part @ residual - np.trace(m)) for m, part in zip(moved, self.parts)]
            slope = np.array(slope)
            curve = np.array([[0.5 * np.sum(a * b.T) for b in moved] for a in moved])
            free = (variances > 1e-9) | (slope > 0)
            step = np.zeros(3)
            step[free] = np.linalg.solve(curve[np.ix_(free, free)], slope[free])
            for _ in range(40):
                tried = np.maximum(variances + step, [0, 0, 1e-6])
                better = self.likelihood(tried)
                if better >= value:
                    break
                step = step / 2
            if better - value < 1e-10:
                return variances
            variances, value = tried, better
        return variances

    def predicted(self, variances):
        """For each application its predicted worth and the error of that; the same of severity."""
        inverse, _ = self.projected(variances)
        information = self.ones @ inverse @ self.ones
        mean = self.ones @ inverse @ self.points / information
        residual = inverse @ (self.points - mean)

        def of(variance, matrix, share):
            covered = variance * matrix
            left = variance - np.sum(covered * (inverse @ covered), axis=0)
            fixed = share - self.ones @ inverse @ covered
            return share * mean + covered.T @ residual, np.sqrt(np.maximum(left + fixed**2 / information, 0))

        return of(variances[0], self.own, 1), of(variances[1], self.given, 0)


SHAPES = {
    "usual": (60, 12, 3, (10, 8, 8)),
    "sparse": (50, 25, 2, (10, 8, 8)),
    "uneven": (40, 9, (1, 5), (6, 10, 5)),
    "balanced": (30, 6, 6, (8, 4, 9)),
    "no severity": (60, 12, 3, (10, 0, 8)),
    "all noise": (40, 10, 2, (0.5, 0.5, 10)),
    "small": (8, 4, 2, (10, 10, 6)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_estimates_and_errors_agree_with_the_covariance_written_out(shape):
    random = np.random.default_rng(list(SHAPES).index(shape) + 1)
    rounds = [made_up(random, *SHAPES[shape])[1] for _ in range(4)]
    for scores, told in zip(rounds, weighed(rounds)):
        dense = Dense(scores)
        variances = np.array(told["variances"])
        # Nobody finds a greater likelihood.
        assert dense.likelihood(dense.fitted()) <= dense.likelihood(variances) + 1e-4
        (worth, error), (effect, doubt) = dense.predicted(variances)
        got = {row["application"]: row for row in told["applications"]}
        for place, application in enumerate(dense.applications):
            row = got[int(application)]
            assert row["adjusted"] == pytest.approx(worth[place], abs=1e-6)
            assert row["standard_error"] == pytest.approx(error[place], abs=1e-6)
        got = {row["reviewer"]: row for row in told["reviewers"]}
        for place, reviewer in enumerate(dense.reviewers):
            row = got[int(reviewer)]
            assert row["severity"] == pytest.approx(-effect[place], abs=1e-6)
            assert row["standard_error"] == pytest.approx(doubt[place], abs=1e-6)


@pytest.mark.parametrize("shape", ["usual", "balanced"])
def test_variances_agree_where_the_likelihood_is_not_flat(shape):
    random = np.random.default_rng(11)
    rounds = [made_up(random, *SHAPES[shape])[1] for _ in range(4)]
    for scores, told in zip(rounds, weighed(rounds)):
        assert told["variances"] == pytest.approx(Dense(scores).fitted(), rel=0.01, abs=0.05)


@pytest.mark.parametrize("shape", ["usual", "sparse", "uneven"])
def test_the_truth_is_nearer_than_by_raw_means_and_as_near_as_is_said(shape):
    random = np.random.default_rng(21)
    made = [made_up(random, *SHAPES[shape]) for _ in range(80)]
    told = weighed([scores for _, scores in made])
    raw, adjusted, within = [], [], []
    for (truth, _), answer in zip(made, told):
        for row in answer["applications"]:
            true = truth[row["application"]]
            low, high = row["interval"]
            raw.append(row["raw_mean"] - true)
            adjusted.append(row["adjusted"] - true)
            within.append(low <= true <= high)
    assert np.sqrt(np.mean(np.square(adjusted))) < 0.85 * np.sqrt(np.mean(np.square(raw)))
    assert 0.85 <= np.mean(within) <= 0.95


def test_the_better_half_is_found_more_often_than_by_raw_means():
    random = np.random.default_rng(31)
    made = [made_up(random, *SHAPES["usual"]) for _ in range(80)]
    told = weighed([scores for _, scores in made])
    found = {"raw_mean": 0, "adjusted": 0}
    for (truth, _), answer in zip(made, told):
        best = set(np.argsort(-truth)[:15].tolist())
        for key in found:
            order = sorted(answer["applications"], key=lambda row: -row[key])
            found[key] += len(best & {row["application"] for row in order[:15]})
    assert found["raw_mean"] * 1.05 < found["adjusted"], found
