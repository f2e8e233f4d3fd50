"""What is known of power iteration and Lanczos before they begin holds on the hardest spectra."""

import math

import numpy as np
import pytest
from benchmarks.beforehand import Failure, lanczos_failure, power_failure, products_needed
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STARTS = 2000
"""Random starts a spectrum: a share of 0.1 is then measured to within 0.02, three standard
errors."""


def starts(dimension: int, seed: int) -> Floats:
    """Unit vectors with no preferred direction, one a row."""
    vectors = np.random.default_rng(seed).standard_normal((STARTS, dimension))
    unit: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def by_power(spectrum: Floats, products: int, seed: int) -> Floats:
    """The Rayleigh quotient of power iteration after so many products, one a start."""
    weights = starts(len(spectrum), seed) ** 2 * spectrum ** (2 * products - 2)
    quotients: Floats = weights @ spectrum / weights.sum(axis=1)
    return quotients


def by_lanczos(spectrum: Floats, products: int, seed: int) -> Floats:
    """The largest Ritz value: the last eigenvalue of T, by the recursion on all starts at once."""
    vectors = [starts(len(spectrum), seed)]
    diagonal = np.empty((STARTS, products))
    beside = np.empty((STARTS, products - 1))
    for k in range(products):
        w = vectors[k] * spectrum
        diagonal[:, k] = np.einsum("ij,ij->i", w, vectors[k])
        for _ in range(2):  # full reorthogonalisation
            for v in vectors:
                w -= np.einsum("ij,ij->i", w, v)[:, None] * v
        if k < products - 1:
            beside[:, k] = np.linalg.norm(w, axis=1)
            vectors.append(w / beside[:, k, None])
    T = np.zeros((STARTS, products, products))
    for k in range(products):
        T[:, k, k] = diagonal[:, k]
    for k in range(products - 1):
        T[:, k, k + 1] = T[:, k + 1, k] = beside[:, k]
    largest: Floats = np.linalg.eigvalsh(T)[:, -1]
    return largest


def where_chebyshev_is_largest(products: int, error: float, copies: int) -> Floats:
    """The places at which the polynomial of the proof reaches its bound, `copies` of each, and 1.

    √(1 − u) p(u) = √2 sin((k − ½) φ) with u = cos φ.
    """
    odd = np.arange(1, 2 * products, 2)
    u = np.cos(np.pi * odd / (2 * products - 1))
    places = (1 - error) * (1 + u) / 2
    return np.append(np.repeat(places, copies), 1.0)


def spectra(products: int, error: float) -> dict[str, Floats]:
    """Spectra with λ_max = 1 that hide it from Lanczos, each in its own way."""
    return {
        "Chebyshev's points": where_chebyshev_is_largest(products, error, 30),
        "evenly spread": np.linspace(0, 1, 150),
        "dense towards the end": 1 - np.linspace(0, 1, 150) ** 2,
        "two clusters": np.concatenate(
            [np.linspace(0, 0.05, 75), np.linspace(0.9, 0.95, 74) * (1 - error), [1.0]]
        ),
    }


@pytest.mark.parametrize(("products", "error"), [(8, 0.1), (20, 0.1), (30, 0.1), (300, 0.01)])
def test_power_iteration_fails_as_often_as_is_known(products: int, error: float) -> None:
    """On the worst spectrum the bound is not only kept but reached."""
    n = 2 * products - 1
    spectrum = np.append(np.full(199, (1 - error) * (n - 1) / n), 1.0)
    failed = float((by_power(spectrum, products, seed=products) < 1 - error).mean())
    known = power_failure(products, len(spectrum), error)
    assert failed <= known + 3 * math.sqrt(0.25 / STARTS)
    if known < 0.5:  # beyond that the density of γ is no longer that at 0
        assert failed >= 0.8 * known - 3 * math.sqrt(0.25 / STARTS)


@pytest.mark.parametrize(("products", "error"), [(6, 0.1), (8, 0.1), (10, 0.05), (14, 0.02)])
def test_lanczos_fails_no_oftener_than_is_known(products: int, error: float) -> None:
    for name, spectrum in spectra(products, error).items():
        failed = float((by_lanczos(spectrum, products, seed=products) < 1 - error).mean())
        known = lanczos_failure(products, len(spectrum), error)
        assert failed <= known + 3 * math.sqrt(known / STARTS), name


@pytest.mark.parametrize("parameters", [3, 100, 1_000_000])
@pytest.mark.parametrize("error", [1e-6, 1e-3, 0.01, 0.1, 0.5])
@pytest.mark.parametrize("products", [1, 2, 5, 20, 100, 1000])
def test_the_published_forms_follow(parameters: int, error: float, products: int) -> None:
    root = math.sqrt(parameters)
    power = 0.824 * root * (1 - error) ** (products - 0.5)
    lanczos = 1.648 * root * math.exp(-math.sqrt(error) * (2 * products - 1))
    assert power_failure(products, parameters, error) <= power * (1 + 1e-9)
    assert lanczos_failure(products, parameters, error) <= lanczos * (1 + 1e-9) or lanczos < 1e-300


@pytest.mark.parametrize("failure", [power_failure, lanczos_failure])
def test_the_number_of_products_is_the_smallest(failure: Failure) -> None:
    k = products_needed(failure, 272_474, 0.01, 0.01)
    assert failure(k, 272_474, 0.01) <= 0.01 < failure(k - 1, 272_474, 0.01)
