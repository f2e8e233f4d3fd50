"""Folding: a chain of any length in few rows, and no culprit hidden."""

import math
from collections.abc import Callable

import pytest

from chainrule.faces.chain_rows import MOST_ROWS, rows
from chainrule.records import ChainLink, Finding

Chain = tuple[ChainLink, ...]


def test_short_chain_keeps_every_link(chain_of: Callable[..., Chain]) -> None:
    chain = chain_of([(f"fc{i}", "Mm", "weight", 0.9) for i in range(28)])
    assert [row.links for row in rows(chain)] == [1] * 28
    assert rows(()) == ()


def test_thousand_links_fit(thousand_links: Finding) -> None:
    shown = rows(thousand_links.chain)
    assert len(thousand_links.chain) == 1000
    assert 15 <= len(shown) <= MOST_ROWS
    assert sum(row.links for row in shown) == 1000
    assert [row.module for row in shown if row.culprits] == ["stages.2.20.act", "stages.0.3.act"]
    assert all(row.links == 1 for row in shown if row.culprits)


def test_folded_gains_multiply_to_the_whole(thousand_links: Finding) -> None:
    shown = rows(thousand_links.chain)
    whole = math.prod(link.gain for link in thousand_links.chain)
    assert math.prod(row.gain for row in shown) == pytest.approx(whole)
    assert shown[-1].gradient_rms == thousand_links.chain[-1].gradient_rms


@pytest.mark.parametrize("named", ["layers.{}", "blocks.{}.attention.out", "w{}", ""])
@pytest.mark.parametrize("length", [29, 100, 1000])
def test_any_names_fit_and_stay_in_order(
    named: str, length: int, chain_of: Callable[..., Chain]
) -> None:
    chain = chain_of([(named.format(i), "Tanh", "activation", 0.9) for i in range(length)])
    shown = rows(chain)
    assert 1 <= len(shown) <= MOST_ROWS
    assert sum(row.links for row in shown) == length
    assert shown[-1].gradient_rms == chain[-1].gradient_rms


def test_more_culprits_than_rows_are_folded_but_marked(chain_of: Callable[..., Chain]) -> None:
    factors = []
    for i in range(300):
        factors += [(f"layers.{i}", "Sigmoid", "activation", 0.2), (f"layers.{i}", "Mm", "w", 0.9)]
    shown = rows(chain_of(factors))
    assert 15 <= len(shown) <= MOST_ROWS
    assert sum(row.culprits for row in shown) == 300
