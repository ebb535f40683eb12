"""Lineage: чужого не удалять, нужное не терять, родителя проверять."""

from __future__ import annotations

from pathlib import Path

import pytest

from tts_framework.errors import CheckpointError, DiskFull
from tts_framework.events import BestImproved, RunStarted, TrialFinished, TrialStarted
from tts_framework.files import sha256
from tts_framework.foreign_trainer.discovery import Discovery
from tts_framework.smart_tuner import lineage as module
from tts_framework.smart_tuner.lineage import Lineage
from tts_framework.smart_tuner.memory import Memory

SIZE = 1000


class Run:
    """Запуск из trial-ов по 200 итераций с чекпоинтом каждые 100."""

    def __init__(self, folder: Path, budget: float | None = None) -> None:
        self.lineage = Lineage(folder, Discovery(checked=False), budget)
        self.folder = folder
        self.memory = Memory()
        self.memory.apply(
            RunStarted(
                run="r",
                seed=1,
                strategy="continue",
                optimizer="keep",
                objective={"metric": "val_loss", "mode": "min"},
                space={},
                base={},
                version="0",
            )
        )

    def trial(self, number: int, parent: int | None, outcome: str | None = "committed") -> None:
        start = 0 if parent is None else self.end(parent)
        checkpoint = None if parent is None else self.name(parent)
        self.memory.apply(
            TrialStarted(
                trial=number,
                kind="proposal",
                parent=parent,
                checkpoint=checkpoint,
                sha256=None,
                start_iteration=start,
                end_iteration=start + 200,
                hparams={},
                reason="",
            )
        )
        folder = self.lineage.trial_folder(number)
        folder.mkdir(parents=True)
        for iteration in (start + 100, start + 200):
            (folder / f"checkpoint_{iteration}").write_bytes(bytes([number]) * SIZE)
        if outcome:
            self.memory.apply(
                TrialFinished(
                    trial=number,
                    outcome=outcome,
                    reason="",
                    end_iteration=start + 200,
                    checkpoint=f"checkpoints/trial_{number:04d}/checkpoint_{start + 200}",
                    sha256=None,
                    value=1.0 / (number + 1),
                    score=0.0,
                    forecast=None,
                    forecast_std=None,
                    seconds=1.0,
                )
            )

    def end(self, number: int) -> int:
        finished = self.memory.trials[number].finished
        return finished.end_iteration if finished else 0

    def name(self, number: int) -> str:
        finished = self.memory.trials[number].finished
        assert finished and finished.checkpoint
        return finished.checkpoint

    def best(self, number: int) -> None:
        self.memory.apply(
            BestImproved(
                trial=number,
                metric="val_loss",
                value=0.1,
                previous=None,
                checkpoint=self.name(number),
            )
        )

    def left(self) -> set[str]:
        return {self.lineage.relative(p) for p in self.folder.glob("checkpoints/*/*")}


def test_without_a_budget_and_with_room_nothing_is_removed(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.trial(0, None)
    assert run.lineage.collect(run.memory) is None
    assert len(run.left()) == 2


def test_intermediate_checkpoints_go_first_then_rejected_then_old_trunk(tmp_path: Path) -> None:
    run = Run(tmp_path, budget=7 * SIZE)
    run.trial(0, None)
    run.trial(1, 0)
    run.trial(2, 1, "rolled_back")
    run.trial(3, 1)
    run.trial(4, 3)
    removed = run.lineage.collect(run.memory)
    assert removed is not None and removed.freed_bytes == 3 * SIZE
    assert removed.paths == (
        "checkpoints/trial_0000/checkpoint_100",
        "checkpoints/trial_0001/checkpoint_300",
        "checkpoints/trial_0002/checkpoint_500",
    )
    run.lineage.budget_bytes = 3 * SIZE
    run.lineage.collect(run.memory)
    assert run.left() == {run.name(1), run.name(3), run.name(4)}


def test_leased_checkpoints_survive_any_budget(tmp_path: Path) -> None:
    run = Run(tmp_path, budget=1)
    for number, parent in enumerate([None, 0, 1, 2]):
        run.trial(number, parent)
    run.best(0)
    run.trial(4, 3, outcome=None)
    run.lineage.collect(run.memory)
    own = "checkpoints/trial_0004/checkpoint_1000"
    assert run.left() == {run.name(0), run.name(2), run.name(3), own}


def test_too_little_room_for_the_next_checkpoint_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(tmp_path)
    run.trial(0, None)
    usage = type("Usage", (), {"free": 10})
    monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: usage)
    run.trial(1, 0)
    run.best(1)
    for path in run.left() - {run.name(0), run.name(1)}:
        (tmp_path / path).unlink()
    with pytest.raises(DiskFull, match="10 bytes free, the next checkpoint needs 1,000"):
        run.lineage.collect(run.memory)


def test_a_parent_is_used_only_if_it_is_the_recorded_one(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.trial(0, None)
    path = tmp_path / run.name(0)
    digest = sha256(path)
    assert run.lineage.verified(run.name(0), digest) == path
    path.write_bytes(b"another")
    with pytest.raises(CheckpointError, match="sha256 differs"):
        run.lineage.verified(run.name(0), digest)
    path.unlink()
    with pytest.raises(CheckpointError, match="checkpoint is gone"):
        run.lineage.verified(run.name(0), digest)


def test_the_newest_is_by_number_and_half_written_files_do_not_count(tmp_path: Path) -> None:
    run = Run(tmp_path)
    folder = run.lineage.trial_folder(0)
    folder.mkdir(parents=True)
    assert run.lineage.newest(0) is None
    for name in ("checkpoint_900", "checkpoint_1000", ".checkpoint_2000.1.tmp", "checkpoint_x"):
        (folder / name).write_text("")
    assert run.lineage.newest(0) == folder / "checkpoint_1000"
    assert run.lineage.at_least(0, 901) == folder / "checkpoint_1000"
    assert run.lineage.at_least(0, 100) == folder / "checkpoint_900"
    assert run.lineage.at_least(0, 1001) is None


def test_the_best_model_is_a_node_of_the_lineage_and_is_replaced_atomically(
    tmp_path: Path,
) -> None:
    run = Run(tmp_path)
    run.trial(0, None)
    run.trial(1, 0)
    for number in (0, 1):
        run.lineage.publish_best(run.name(number))
        assert (tmp_path / "best_model.ckpt").read_bytes() == bytes([number]) * SIZE
    assert (tmp_path / "best_model.ckpt").stat().st_nlink == 2


def test_a_folder_is_verified_published_and_removed_like_a_file(tmp_path: Path) -> None:
    lineage = Lineage(tmp_path, Discovery("checkpoint-*"))
    path = lineage.trial_folder(0) / "checkpoint-5"
    (path / "part").mkdir(parents=True)
    (path / "part" / "w.json").write_text("[1]")
    digest = sha256(path)
    assert lineage.verified(lineage.relative(path), digest) == path
    for content in ("[1]", "[2]"):
        (path / "part" / "w.json").unlink()
        (path / "part" / "w.json").write_text(content)
        lineage.publish_best(lineage.relative(path))
        assert (tmp_path / "best_model.ckpt" / "part" / "w.json").read_text() == content
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    with pytest.raises(CheckpointError, match="sha256 differs"):
        lineage.verified(lineage.relative(path), digest)
