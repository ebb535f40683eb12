"""Часть контракта модели: сохранение, точное продолжение, отказ от повреждённого."""

from __future__ import annotations

import math
from pathlib import Path
from typing import ClassVar

from tts_framework.components import Session
from tts_framework.errors import CheckpointError
from tts_framework.testing.contents import different
from tts_framework.testing.demand import demand, refused
from tts_framework.testing.sessions import StartSession, trained
from tts_framework.testing.weights import holds_code

_EXACT = "restore everything: weights, optimizer, schedule, random states, place in the data"
_CLOSE = 1e-6


class CheckpointChecks:
    """Чекпоинты модели; `steps` — шагов до сохранения и после."""

    steps: ClassVar[int]

    def test_a_save_continues_exactly(self, start: StartSession, tmp_path: Path) -> None:
        straight = trained(start(), self.steps)
        path = tmp_path / f"checkpoint_{self.steps}"
        straight.save(path)
        left = sorted(p.name for p in tmp_path.iterdir())
        demand(left == [path.name], f"save left {left}", "write to a hidden name and rename")
        resumed = start()
        resumed.load(path)
        demand(
            resumed.iteration == self.steps,
            f"after load the iteration is {resumed.iteration}, not {self.steps}",
            "store the iteration",
        )
        trained(resumed, self.steps)
        trained(straight, self.steps)
        same(resumed, straight, tmp_path, "N steps, stop, M steps and N+M steps", _EXACT)

    def test_a_warm_start_takes_the_weights_alone(
        self, start: StartSession, tmp_path: Path
    ) -> None:
        source = trained(start(), self.steps)
        source.save(tmp_path / f"checkpoint_{self.steps}")
        warm = start()
        warm.load(tmp_path / f"checkpoint_{self.steps}", warm_start=True)
        demand(warm.iteration == 0, f"the iteration is {warm.iteration}", "begin from 0")
        moved = far(warm.evaluate(), source.evaluate())
        demand(
            not moved,
            f"a warm start changes {', '.join(moved)}",
            "take every weight that evaluate() uses from the file",
        )
        trained(warm, 1)

    def test_a_damaged_checkpoint_is_refused(self, start: StartSession, tmp_path: Path) -> None:
        session = trained(start(), 1)
        whole = tmp_path / "checkpoint_1"
        session.save(whole)
        data = whole.read_bytes()
        for size in (0, 10, len(data) // 2):
            broken = tmp_path / f"checkpoint_{size + 2}"
            broken.write_bytes(data[:size])
            with refused(CheckpointError, f"a checkpoint cut to {size} bytes", "name the file"):
                session.load(broken)
        (tmp_path / "checkpoint_9").write_bytes(b"not a checkpoint" * 99)
        with refused(CheckpointError, "a file of another kind", "check before loading"):
            session.load(tmp_path / "checkpoint_9")
        with refused(CheckpointError, "an absent checkpoint", "name the path"):
            session.load(tmp_path / "nowhere")

    def test_a_checkpoint_holds_data_and_no_code(self, start: StartSession, tmp_path: Path) -> None:
        trained(start(), 1).save(tmp_path / "checkpoint_1")
        why = holds_code(tmp_path / "checkpoint_1")
        demand(not why, why, "write tensors and plain values only (training.checkpoint does)")


def same(one: Session, other: Session, folder: Path, what: str, advice: str) -> None:
    """Потребуй, чтобы у сессий совпало всё: шаг, скаляры, оценки и сохранённые массивы."""
    pairs = [(one.iteration, other.iteration), (one.progress(), other.progress())]
    pairs.append((one.evaluate(), other.evaluate()))
    for left, right in pairs:
        demand(left == right, f"{what} differ: {left} and {right}", advice)
    one.save(folder / "one")
    other.save(folder / "other")
    names = different(folder / "one", folder / "other")
    demand(not names, f"{what} differ in {', '.join(names[:3])}", advice)


def far(one: dict[str, float], other: dict[str, float]) -> list[str]:
    """Назови оценки, которые разошлись сильнее округления."""
    names = {*one} | {*other}
    return sorted(
        name
        for name in names
        if not math.isclose(
            one.get(name, math.nan), other.get(name, math.nan), rel_tol=_CLOSE, abs_tol=_CLOSE
        )
    )
