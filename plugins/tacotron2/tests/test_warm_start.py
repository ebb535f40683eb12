"""Тёплый старт: другие символы и головы; что не подошло, названо одной строкой."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tts_framework.components import Session, TrainingContext
from tts_framework.errors import CheckpointError
from tts_framework.training import checkpoint

StartSession = Callable[..., Session]


def written(session: Session, path: Path) -> dict[str, Any]:
    session.save(path)
    return checkpoint.read(path)


def rewrite(path: Path, **changes: Any) -> Path:
    target = path.with_name("changed")
    checkpoint.write(target, {**checkpoint.read(path), **changes})
    return target


def test_rows_of_common_symbols_are_kept_and_the_rest_reported(
    start: StartSession, context: TrainingContext, tmp_path: Path
) -> None:
    source = written(start(mmi=True), tmp_path / "source")
    own = source["symbols"]
    theirs = [own[0], "@", *reversed(own[1:-2]), "#"]
    embedding = torch.randn(len(theirs), 16)
    classes = torch.randn(len(theirs) + 1, 16)
    weights = {
        **source["state_dict"],
        "embedding.weight": embedding,
        "mmi.classes.linear_layer.weight": classes,
        "mmi.classes.linear_layer.bias": torch.randn(len(theirs) + 1),
    }
    path = rewrite(tmp_path / "source", symbols=theirs, state_dict=weights)
    warnings: list[str] = []
    session = start(replace(context, warn=warnings.append), mmi=True)
    fresh = written(session, tmp_path / "fresh")["state_dict"]
    session.load(path, warm_start=True)
    warm = written(session, tmp_path / "warm")["state_dict"]
    for row, symbol in enumerate(own):
        if symbol in theirs:
            expected = embedding[theirs.index(symbol)]
            head = classes[theirs.index(symbol)]
        else:
            expected = fresh["embedding.weight"][row]
            head = fresh["mmi.classes.linear_layer.weight"][row]
        assert torch.equal(warm["embedding.weight"][row], expected)
        assert torch.equal(warm["mmi.classes.linear_layer.weight"][row], head)
    assert torch.equal(warm["mmi.classes.linear_layer.weight"][-1], classes[-1])
    line = warnings[-1]
    assert "\n" not in line
    assert f"{len(own) - 2} of {len(own)} symbols kept" in line
    assert f"start anew: {own[-2]!r} {own[-1]!r}" in line and "dropped: '@' '#'" in line
    session.step()


def test_new_and_unused_heads_are_named(
    start: StartSession, context: TrainingContext, tmp_path: Path
) -> None:
    source = written(start(mmi=True), tmp_path / "with_mmi")
    warnings: list[str] = []
    session = start(replace(context, warn=warnings.append), gst=True)
    session.load(tmp_path / "with_mmi", warm_start=True)
    assert "new here: gst, style_projection; not used here: mmi" in warnings[-1]
    warm = written(session, tmp_path / "warm")["state_dict"]
    name = "decoder.attention_rnn.weight_hh"
    assert torch.equal(warm[name], source["state_dict"][name])


def test_what_fits_entirely_is_not_reported(
    start: StartSession, context: TrainingContext, tmp_path: Path
) -> None:
    written(start(), tmp_path / "same")
    warnings: list[str] = []
    start(replace(context, warn=warnings.append)).load(tmp_path / "same", warm_start=True)
    assert warnings == []


@pytest.mark.parametrize(("has", "wants"), [("mmi", "gst"), ("gst", "mmi")])
def test_continuing_with_other_heads_advises_a_warm_start(
    start: StartSession, tmp_path: Path, has: str, wants: str
) -> None:
    written(start(**{has: True}), tmp_path / "source")
    with pytest.raises(CheckpointError, match=f"use --warm_start to add {wants}"):
        start(**{wants: True, has: True}).load(tmp_path / "source")
    with pytest.raises(CheckpointError, match=f"set model.{has} or use --warm_start"):
        start().load(tmp_path / "source")


@pytest.mark.parametrize("symbols", [["_", "a"], "abc", [1, 2]])
def test_symbols_that_do_not_match_their_own_weights_are_refused(
    start: StartSession, tmp_path: Path, symbols: Any
) -> None:
    source = written(start(), tmp_path / "source")
    weights = {**source["state_dict"], "embedding.weight": torch.zeros(7, 16)}
    path = rewrite(tmp_path / "source", symbols=symbols, state_dict=weights)
    with pytest.raises(CheckpointError, match=r"embedding.weight is \[7, 16\]"):
        start().load(path, warm_start=True)
