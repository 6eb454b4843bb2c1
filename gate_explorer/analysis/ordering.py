"""Orders of the units, for a page that can't show them all or wants kin to stand together.

An order is a permutation of the units, 0-based, as an array (H,).
"""

import numpy as np
from numpy.typing import NDArray

from gate_explorer.engine.checks import Array

Order = NDArray[np.intp]


def by_movement(h: Array) -> Order:
    """The units that move most in this run first: by sum_t |h_t - h_(t-1)|, with h_0 = 0.

    Shapes: h (T, H) -> (H,). Ties stay in the units' own order.
    """
    moved = np.abs(np.diff(h, axis=0, prepend=0)).sum(axis=0)
    return np.argsort(-moved, kind="stable")


def by_similarity(c: Array) -> Order:
    """Units whose memory goes alike next to one another, opposites far apart.

    Each unit's course is centred and scaled to length 1, and the units are put in the order of
    their angles in the plane of the first two principal axes, from the widest gap on.
    Source: Friendly 2002, Corrgrams, section 3 (the angular order of the eigenvectors).
    Shapes: c (T, H) -> (H,). A single step has no course: its values order the units.
    """
    if len(c) == 1:
        return np.argsort(-c[0], kind="stable")
    course = c.astype(float) - c.mean(axis=0)
    course /= np.maximum(np.linalg.norm(course, axis=0), np.finfo(float).tiny)
    sizes, axes = np.linalg.eigh(course.T @ course)  # ascending
    axes = axes[:, :-3:-1] * np.sqrt(np.maximum(sizes[:-3:-1], 0))
    axes *= np.where(axes.sum(axis=0) < 0, -1, 1)  # the sign of an axis means nothing
    angles = np.arctan2(axes[:, -1], axes[:, 0])
    order = np.argsort(angles, kind="stable")
    gaps = np.diff(angles[order], prepend=angles[order[-1]] - 2 * np.pi)
    return np.roll(order, -int(gaps.argmax()))
