from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tts_framework import config_file
from tts_framework.checkpoints import iteration_of
from tts_framework.errors import (
    CheckpointError,
    ConfigError,
    Diverged,
    ExitCode,
    OutOfMemory,
    TTSFError,
)
from tts_framework.plugins import Plugins
from tts_framework.training.start import _params

Run = Callable[..., Path]
TRIAL = {"TTSF_TRIAL": "0001"}


def names(folder: Path) -> list[str]:
    return sorted(
        (p.name for p in folder.glob("checkpoint_*")), key=lambda n: iteration_of(Path(n))
    )


def test_it_saves_at_every_checkpoint_interval_and_at_the_end(
    train: Any, tiny_run: Run, tmp_path: Path
) -> None:
    assert train(tiny_run(), environ=TRIAL, until_iteration=120) == ExitCode.OK

    folder = tmp_path / "output/tiny"
    assert names(folder) == ["checkpoint_50", "checkpoint_100", "checkpoint_120"]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.integers(1, 119))
def test_stopping_and_continuing_equals_never_stopping(
    train: Any, tiny_run: Run, tmp_path: Path, weights: Any, first: int
) -> None:
    config = tiny_run(trainer={"keep_checkpoints": 99})
    whole, parts = tmp_path / "whole", tmp_path / f"parts_{first}"
    train(config, output_directory=whole, until_iteration=120)

    train(config, output_directory=parts, until_iteration=first)
    train(config, output_directory=parts, until_iteration=120)

    expected, found = weights(whole / "checkpoint_120"), weights(parts / "checkpoint_120")
    assert found["state_dict"] == expected["state_dict"]
    assert found["optimizer"] == expected["optimizer"]
    assert found["rng"] == expected["rng"]


def test_a_bare_run_continues_from_its_newest_checkpoint_and_says_so(
    train: Any, tiny_run: Run, tmp_path: Path
) -> None:
    config = tiny_run()
    train(config, until_iteration=100)
    (tmp_path / "output/tiny/.checkpoint_999.1.tmp").write_text("half-written")

    train(config, until_iteration=150)

    assert f"continuing from {tmp_path / 'output/tiny/checkpoint_100'}" in train.output
    assert not (tmp_path / "output/tiny/.checkpoint_999.1.tmp").exists()


def test_nothing_is_done_beyond_the_last_iteration(train: Any, tiny_run: Run) -> None:
    config = tiny_run()
    train(config, until_iteration=100)

    assert train(config, until_iteration=100) == ExitCode.OK
    assert "reached iteration 100" in train.output.splitlines()[-1]


def test_hparams_asked_for_win_over_those_in_the_checkpoint(
    train: Any, tiny_run: Run, tmp_path: Path, weights: Any
) -> None:
    config = tiny_run()
    train(config, until_iteration=50, hparams="learning_rate=1e-4")

    train(config, until_iteration=100, hparams="learning_rate=2e-3,batch_size=4")

    assert weights(tmp_path / "output/tiny/checkpoint_100")["learning_rate"] == 2e-3


def test_the_last_checkpoints_and_the_best_one_are_kept(
    train: Any, tiny_run: Run, tmp_path: Path, weights: Any
) -> None:
    train(tiny_run(trainer={"keep_checkpoints": 2}), until_iteration=300)

    folder = tmp_path / "output/tiny"
    assert names(folder) == ["checkpoint_250", "checkpoint_300"]
    assert weights(folder / "best_model.ckpt")["iteration"] == 300


def test_under_a_tuner_nothing_is_removed_and_patience_is_ignored(
    train: Any, tiny_run: Run, tmp_path: Path
) -> None:
    config = tiny_run(trainer={"keep_checkpoints": 1, "patience": 1, "min_delta": 10.0})

    train(config, environ=TRIAL, until_iteration=200)

    folder = tmp_path / "output/tiny"
    assert len(names(folder)) == 4
    assert not (folder / "best_model.ckpt").exists()


def test_training_stops_early_when_the_metric_stops_improving(
    train: Any, tiny_run: Run, tmp_path: Path
) -> None:
    config = tiny_run(trainer={"patience": 3, "min_delta": 10.0, "keep_checkpoints": 9})

    assert train(config) == ExitCode.OK

    assert names(tmp_path / "output/tiny")[-1] == "checkpoint_200"
    assert "early stop: val_loss did not improve" in train.output


def test_patience_survives_a_restart(train: Any, tiny_run: Run, tmp_path: Path) -> None:
    config = tiny_run(trainer={"patience": 3, "min_delta": 10.0, "keep_checkpoints": 9})
    train(config, until_iteration=150)

    train(config)

    assert names(tmp_path / "output/tiny")[-1] == "checkpoint_200"


def test_warm_start_takes_weights_and_counts_from_zero(
    train: Any, tiny_run: Run, tmp_path: Path
) -> None:
    config = tiny_run()
    train(config, until_iteration=100)
    source = tmp_path / "output/tiny/checkpoint_100"

    train(
        config,
        output_directory=tmp_path / "warm",
        checkpoint=source,
        warm_start=True,
        until_iteration=50,
    )

    assert names(tmp_path / "warm") == ["checkpoint_50"]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"warm_start": True}, "warm_start: needs a checkpoint"),
        ({"warm_start": True, "checkpoint": Path("x")}, "already holds checkpoint_50"),
        ({"hparams": "learning_rte=1"}, "did you mean 'learning_rate'?"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(
    train: Any, tiny_run: Run, request_: dict[str, Any], message: str
) -> None:
    config = tiny_run()
    train(config, until_iteration=50)

    with pytest.raises(TTSFError, match=message):
        train(config, **request_)


def test_a_truncated_checkpoint_is_named(train: Any, tiny_run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "checkpoint_7"
    broken.write_text('{"iteration": 7, "state_dict"')

    with pytest.raises(CheckpointError, match="checkpoint_7"):
        train(tiny_run(), checkpoint=broken)


def test_a_loss_that_is_not_finite_stops_the_run_before_it_is_saved(
    train: Any, tiny_run: Run, tmp_path: Path
) -> None:
    with pytest.raises(Diverged, match="iteration 70: training.loss is nan") as caught:
        train(tiny_run(model={"nan_at": 65}))

    assert caught.value.exit_code == ExitCode.DIVERGED
    assert names(tmp_path / "output/tiny") == ["checkpoint_50"]


def test_out_of_memory_is_named_as_such(train: Any, tiny_run: Run) -> None:
    with pytest.raises(OutOfMemory, match="iteration 64: out of memory") as caught:
        train(tiny_run(model={"oom_at": 65}))

    assert caught.value.exit_code == ExitCode.OUT_OF_MEMORY


def test_an_output_folder_that_cannot_be_written_is_named(
    train: Any, tiny_run: Run, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(TTSFError, match="cannot be written: .*choose another --output_directory"):
        train(tiny_run(), output_directory=tmp_path / "file/out")


def test_missing_data_is_named_by_its_key(train: Any, tiny_run: Run) -> None:
    config = tiny_run(data={"train": None})

    with pytest.raises(ConfigError, match="data.train: is required"):
        train(config)


def test_threads_reach_the_libraries_through_the_environment(
    train: Any, tiny_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)

    train(tiny_run(trainer={"threads": 1}), until_iteration=1)

    assert os.environ["OMP_NUM_THREADS"] == "1"


def test_an_older_checkpoint_may_be_chosen_with_a_note(
    train: Any, tiny_run: Run, tmp_path: Path
) -> None:
    config = tiny_run()
    train(config, until_iteration=150)
    older = tmp_path / "output/tiny/checkpoint_100"

    train(config, checkpoint=older, until_iteration=120)

    assert "is ahead of" in train.output
    assert (tmp_path / "output/tiny/checkpoint_150").exists()


def test_secrets_do_not_become_parameters(
    train: Any, tiny_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setenv("TOKEN_FOR_TEST", "s3cr3t-value")
    config = tiny_run(model={"once": "${TOKEN_FOR_TEST}"})

    tiny = Plugins().get("model", "tiny")
    params = _params(config_file.load(config), tiny.Config(once=Path("s3cr3t-value")))

    assert params["once"] == "***"
