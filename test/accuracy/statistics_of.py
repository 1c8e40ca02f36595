"""What a set of predictions is judged by."""

import hashlib
import math


def held_out(key):
    """Whether a row belongs to the half that no constant was fitted on: bit 0 of its hash is 1."""
    return hashlib.sha256(key.encode()).digest()[-1] & 1 == 1


def relative_errors(pairs):
    return [predicted / measured - 1 for predicted, measured in pairs]


def mean(values):
    return sum(values) / len(values)


def mape(pairs):
    return 100 * mean([abs(error) for error in relative_errors(pairs)])


def bias(pairs):
    return 100 * mean(relative_errors(pairs))


def worst(pairs):
    return 100 * max(relative_errors(pairs), key=abs)


def ranks(values):
    """Places from 1; equal values share the mean of theirs."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    places = [0.0] * len(values)
    first = 0
    while first < len(order):
        last = first
        while last + 1 < len(order) and values[order[last + 1]] == values[order[first]]:
            last += 1
        for i in range(first, last + 1):
            places[order[i]] = (first + last) / 2 + 1
        first = last + 1
    return places


def spearman(pairs):
    """Rank correlation; None where there is nothing to rank."""
    if len(pairs) < 3:
        return None
    x = ranks([predicted for predicted, _ in pairs])
    y = ranks([measured for _, measured in pairs])
    mx, my = mean(x), mean(y)
    covariance = sum((a - mx) * (b - my) for a, b in zip(x, y))
    spread = math.sqrt(sum((a - mx) ** 2 for a in x) * sum((b - my) ** 2 for b in y))
    return covariance / spread if spread > 0 else None


def regret(pairs):
    """Per cent by which the configuration predicted best is slower than the one measured best."""
    chosen = min(pairs, key=lambda pair: pair[0])[1]
    return 100 * (chosen / min(measured for _, measured in pairs) - 1)


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
