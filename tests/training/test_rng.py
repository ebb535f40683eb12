from __future__ import annotations

import random
from pathlib import Path

import pytest

from tts_framework.errors import CheckpointError
from tts_framework.training import checkpoint, rng

np = pytest.importorskip("numpy")
torch = pytest.importorskip("torch")


def draw() -> tuple[float, ...]:
    gauss = (random.gauss(0, 1), float(np.random.standard_normal()), float(torch.randn(())))
    return (*gauss, random.random(), float(np.random.rand()), float(torch.rand(())))


def test_generators_continue_from_a_checkpoint(tmp_path: Path) -> None:
    draw()
    checkpoint.write(tmp_path / "a", rng.capture())
    expected = [draw(), draw()]

    rng.restore(checkpoint.read(tmp_path / "a"))

    assert [draw(), draw()] == expected


@pytest.mark.parametrize("broken", [{}, {"python": [3, [1], None]}, {"python": None}])
def test_a_damaged_state_is_named(broken: dict[str, object]) -> None:
    with pytest.raises(CheckpointError, match="rng: the saved state is damaged"):
        rng.restore(broken)
