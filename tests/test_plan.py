"""План: всё проверено до начала обучения, все проблемы названы сразу."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tts_framework import config_file, plan, secrets
from tts_framework.components import Store
from tts_framework.config import Settings, Use
from tts_framework.errors import ConfigError
from tts_framework.plan import Plan
from tts_framework.plugins import Plugins

FOREIGN = "python train.py -o {output_dir} [-c {checkpoint}] --hparams {hparams}"

Build = Callable[..., Plan]
Problems = Callable[..., list[str]]


@pytest.fixture
def build(tiny_run: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Build:
    """Собери план файла с моделью `tiny`; аргументы — `--set`."""
    path = tiny_run()
    monkeypatch.chdir(path.parent)

    def build(*overrides: str) -> Plan:
        return plan.from_file(config_file.read(path, overrides), Plugins())

    return build


@pytest.fixture
def problems(build: Build) -> Problems:
    def problems(*overrides: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            build(*overrides)
        return caught.value.problems

    return problems


def axis(name: str, text: str) -> str:
    return f"tuner.search_space.{name}={{{text}}}"


class TestParts:
    def test_every_part_is_alive_and_named(self, build: Build) -> None:
        made = build()
        assert made.model is not None and made.model.__name__ == "Tiny"
        assert made.optimizer_name == "random" and list(made.space) == [
            "learning_rate",
            "weight_decay",
        ]
        assert list(made.watchers) == ["tensorboard"]
        assert list(build("alerters=[console]").alerters) == ["console"]
        assert issubclass(made.store[0], Store)
        assert made.config_path == made.folder / "run.yaml"
        assert config_file.load(_written(made)).run == "tiny"

    def test_the_criteria_of_the_specification_become_stoppers(self, build: Build) -> None:
        made = build("early_stop={patience: 2, min_delta: 0.5, max_runtime_hours: 3}")
        assert list(made.stoppers) == [
            "n_trials",
            "max_failures",
            "divergence",
            "patience",
            "max_runtime",
            "min_learning_rate",
        ]
        assert made.stoppers["patience"].config.patience == 2
        assert made.stoppers["patience"].config.min_delta == 0.5
        assert made.stoppers["n_trials"].config.n_trials == 4

    def test_a_switched_off_criterion_makes_no_stopper(self, build: Build) -> None:
        made = build("early_stop={patience: null, min_learning_rate: null}")
        assert list(made.stoppers) == ["n_trials", "max_failures", "divergence"]

    def test_the_smallest_rate_matters_only_when_the_rate_is_searched(self, build: Build) -> None:
        space = "tuner.search_space={weight_decay: {type: uniform, low: 0, high: 1}}"
        assert "min_learning_rate" not in build(space).stoppers
        made = build(space, "early_stop.min_learning_rate=1e-5")
        assert any("min_learning_rate is unused" in note for note in made.notes)

    def test_extra_stoppers_and_repeated_plugins_get_their_own_names(self, build: Build) -> None:
        extra = "early_stop.stoppers=[{use: patience, patience: 9}]"
        made = build(extra, "early_stop.patience=3", "watchers=[tensorboard, tensorboard]")
        assert made.stoppers["patience.2"].config.patience == 9
        assert list(made.watchers) == ["tensorboard", "tensorboard.2"]

    def test_plugin_problems_name_the_key_and_the_line(self, problems: Problems) -> None:
        found = problems(
            "store=sqlit", "early_stop.stoppers=[{use: patience, x: 1}]", "model.hang=1"
        )
        assert found == [
            "--set model.hang=1: model.hang: tiny has no such option; did you mean 'hang_at'?",
            "--set early_stop.stoppers=[{use: patience, x: 1}]: early_stop.stoppers.0.x: patience"
            " has no such option; known: patience, min_delta",
            "--set store=sqlit: store.use: sqlit: no such store plugin; did you mean 'sqlite'?",
        ]


class TestSearchSpace:
    def test_the_example_of_the_design_is_answered_word_for_word(
        self, tiny_run: Callable[..., Path]
    ) -> None:
        space = {"lerning_rate": {"type": "loguniform", "low": 1e-5, "high": 1e-3}}
        path = tiny_run(tuner={"search_space": space})
        line = path.read_text()[: path.read_text().index("lerning_rate")].count("\n") + 1
        with pytest.raises(ConfigError) as caught:
            plan.from_file(config_file.read(path), Plugins())
        assert caught.value.problems == [
            f"{path}:{line}: tuner.search_space.lerning_rate: tiny has no such option;"
            " did you mean 'learning_rate'?"
        ]

    @pytest.mark.parametrize(
        ("name", "text", "expected"),
        [
            ("nan_at", "type: int, low: 1, high: 2", "nan_at: cannot change during training"),
            ("dropout_decoder", "type: uniform, low: 0, high: 1", "high: 1.0 is not below 1.0"),
            ("learning_rate", "type: uniform, low: 0, high: 1", "low: 0.0 is not above 0"),
            ("batch_size", "type: int, low: 0, high: 4", "low: 0 is below 1; use 1 or more"),
            ("batch_size", "type: uniform, low: 1, high: 4", "type: the option is an integer"),
            ("batch_size", "type: loguniform, low: 1, high: 4", "use logint"),
            ("batch_size", "type: categorical, choices: [8, x]", "choices.1: 'x' is not an int"),
            ("batch_size", "type: categorical, choices: [8, 0]", "choices.1: 0 is below 1"),
        ],
    )
    def test_both_ends_of_a_range_must_suit_the_option(
        self, problems: Problems, name: str, text: str, expected: str
    ) -> None:
        (problem,) = problems(axis(name, text))
        assert f"tuner.search_space.{name}" in problem and expected in problem

    def test_names_are_checked_even_when_the_options_are_wrong(self, problems: Problems) -> None:
        found = problems("model.learning_rate=x", axis("dropout", "type: uniform, low: 0, high: 1"))
        assert "model.learning_rate: 'x' is not a number" in found[0]
        assert "tiny has no such option; did you mean 'dropout_decoder'?" in found[1]

    def test_tuning_starts_from_the_values_in_force(self, build: Build) -> None:
        made = build("model.weight_decay=1e-4", axis("batch_size", "type: int, low: 2, high: 64"))
        assert made.base == {"learning_rate": 1e-3, "weight_decay": 1e-4, "batch_size": 16}

    def test_a_start_wins_and_a_default_is_moved_inside(self, build: Build) -> None:
        made = build(
            axis("learning_rate", "type: uniform, low: 0.1, high: 0.2"),
            axis("weight_decay", "type: uniform, low: 0, high: 1, start: 0.3"),
        )
        assert made.base == {"learning_rate": 0.1, "weight_decay": 0.3}

    def test_a_given_value_outside_of_the_range_is_a_contradiction(
        self, problems: Problems
    ) -> None:
        (problem,) = problems("model.learning_rate=0.5")
        assert problem.endswith(
            "model.learning_rate: 0.5 is outside of [1e-05, 0.01];"
            " widen tuner.search_space.learning_rate or give it a start"
        )

    def test_an_empty_space_is_said_aloud(self, build: Build) -> None:
        made = build("tuner.search_space={}")
        assert any("nothing to tune" in note for note in made.notes)

    def test_a_schedule_without_its_axis_is_refused(self, problems: Problems) -> None:
        (problem,) = problems("tuner.search_algorithm=cosine", "tuner.search_space={}")
        assert "tuner.search_space: cosine schedules 'learning_rate'" in problem
        assert problem.startswith("--set tuner.search_space={}: ")


class TestObjective:
    def test_the_metric_must_be_one_of_the_model(self, problems: Problems) -> None:
        (problem,) = problems("tuner.objective.metric=val_los")
        assert problem.endswith("tiny has no metric 'val_los'; did you mean 'val_loss'?")

    def test_a_metric_switched_off_by_the_options_is_refused(
        self, problems: Problems, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tiny = Plugins().get("model", "tiny")
        monkeypatch.setattr(tiny, "measures", classmethod(lambda cls, config: ("val_mae",)))
        (problem,) = problems("tuner.objective.metric=val_loss")
        assert problem.startswith("--set tuner.objective.metric=val_loss: ")
        assert "tiny does not measure val_loss with these options" in problem
        assert problem.endswith("or use one of val_mae")

    def test_a_foreign_trainer_names_its_own_metrics(
        self, build: Build, problems: Problems
    ) -> None:
        command = f"trainer.command={FOREIGN}"
        assert build(command).model is None
        (problem,) = problems(command, "tuner.objective.metric=mcd")
        assert "trainer.metrics has no metric 'mcd'" in problem
        assert build(command, "trainer.metrics={mcd: eval/mcd}", "tuner.objective.metric=mcd")


class TestTrialLengths:
    def test_trials_end_on_checkpoints(self, build: Build) -> None:
        made = build("tuner.n_startup_iters=110", "tuner.trial_iters=60")
        assert (made.settings.tuner.n_startup_iters, made.settings.tuner.trial_iters) == (150, 100)
        assert sum("is rounded up to" in note for note in made.notes) == 2

    def test_a_trial_is_as_long_as_the_startup_unless_told(self, build: Build) -> None:
        made = build()
        assert made.settings.tuner.trial_iters == 100
        assert not any("rounded" in note for note in made.notes)


class TestData:
    def test_lists_are_required_for_the_own_trainer(self, problems: Problems) -> None:
        found = problems("data={frontend: russian_letters}")
        for key, problem in zip(("train", "validation"), found, strict=True):
            assert problem.endswith(
                f"data.{key}: is required; name a list, such as 'ttsf data get' makes"
            )

    def test_every_bad_clip_is_named_with_its_line(self, problems: Problems) -> None:
        Path("data/train.csv").write_text("wavs/none.wav|Раз.\nwavs/train_0.wav|Hello.\n")
        found = problems()
        assert any("train.csv:1: " in problem and "none.wav" in problem for problem in found)
        assert any("train.csv:2: " in problem for problem in found)

    def test_bad_clips_may_be_skipped_aloud(self, build: Build) -> None:
        with open("data/train.csv", "a") as file:
            file.write("wavs/none.wav|Раз.\n")
        made = build("data.skip_bad=true")
        assert any("none.wav" in note for note in made.notes)
        assert any("2 clips" in note for note in made.notes)

    def test_a_foreign_trainer_reads_its_own_data(self, build: Build) -> None:
        shutil.rmtree("data")
        assert build(f"trainer.command={FOREIGN}").notes == ()


class TestForeignTrainer:
    def test_values_start_in_the_middle_of_their_own_scale(self, build: Build) -> None:
        made = build(f"trainer.command={FOREIGN}", axis("beta", "type: uniform, low: 0, high: 1"))
        assert made.base["beta"] == 0.5
        assert made.base["learning_rate"] == pytest.approx((1e-5 * 1e-2) ** 0.5)

    @pytest.mark.parametrize(
        ("command", "expected"),
        [
            ("", "is empty; give a program or remove the key"),
            (FOREIGN.replace("{hparams}", ""), "has no {hparams}; say where it goes"),
            (FOREIGN.replace("{output_dir}", "o"), "has no {output_dir}"),
            (FOREIGN.replace("{checkpoint}", "c"), "has no {checkpoint}"),
            (FOREIGN + " {hparms}", "{hparms} is no placeholder; did you mean 'hparams'?"),
            (FOREIGN + " ]", "brackets do not pair up"),
            (FOREIGN + " [[x]]", "brackets do not pair up"),
            (FOREIGN + ' "x', "no closing quotation; close the quotes"),
            (FOREIGN.replace("python", "no-such-program"), "no such program; give its full path"),
        ],
    )
    def test_a_command_that_cannot_work_is_refused(
        self, problems: Problems, command: str, expected: str
    ) -> None:
        found = problems(f"trainer.command='{command}'")
        assert any("trainer.command: " in line and expected in line for line in found), found

    def test_a_program_is_found_by_its_path(self, build: Build) -> None:
        assert build(f"trainer.command={FOREIGN.replace('python', sys.executable)}")

    def test_training_from_scratch_needs_no_checkpoint(self, build: Build) -> None:
        command = FOREIGN.replace("[-c {checkpoint}]", "")
        assert build(f"trainer.command={command}", "tuner.resume_from_checkpoint=false")


class TestOutput:
    def test_a_folder_inside_a_file_is_refused(self, problems: Problems) -> None:
        Path("taken").touch()
        (problem,) = problems("output=taken")
        assert "output: taken/tiny: cannot write to" in problem
        assert problem.endswith("choose another folder")

    def test_nothing_is_written_by_planning(self, build: Build) -> None:
        before = sorted(Path().rglob("*"))
        build()
        assert sorted(Path().rglob("*")) == before


class TestDescription:
    def test_the_plan_is_told_in_words_without_secrets(
        self, build: Build, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(secrets, "_remembered", set())
        monkeypatch.setenv("TINY_SECRET", "s3cret-word")
        made = build("trainer.command='" + FOREIGN + " --token ${TINY_SECRET}'")
        text = plan.describe(made)
        assert "s3cret-word" not in text and "--token ***" in text
        assert "learning_rate: loguniform [1e-05, 0.01]" in text

    def test_the_strategy_and_the_notes_are_shown(self, build: Build) -> None:
        text = plan.describe(build("tuner.n_startup_iters=110"))
        assert "strategy continue" in text and "rounded up to 150" in text
        assert "strategy scratch" in plan.describe(build("tuner.resume_from_checkpoint=false"))


class TestConfigure:
    def test_options_are_validated_where_they_stand(self) -> None:
        cls, config = plan.configure(Plugins(), "stopper", Use(use="patience", patience=2), "x.y")
        assert config == cls.Config(patience=2)
        with pytest.raises(ConfigError, match="^x.y.patience: 0 is below 1; use 1 or more$"):
            plan.configure(Plugins(), "stopper", Use(use="patience", patience=0), ("x", "y"))

    def test_the_trainer_gets_model_options_and_frontend(self) -> None:
        settings = Settings(model=Use(use="tiny", learning_rate="1e-5"))
        model, config, frontend = plan.model_options(settings, Plugins())
        assert config == model.Config(learning_rate=1e-5)
        assert frontend.encode("мир")

    def test_both_model_and_frontend_problems_are_named(self) -> None:
        data: Any = {"frontend": {"use": "russian_letters", "colour": "red"}}
        settings = Settings(model=Use(use="tinny"), data=data)
        with pytest.raises(ConfigError) as caught:
            plan.model_options(settings, Plugins())
        assert caught.value.problems[0].startswith("model.use: tinny: no such model plugin")
        assert caught.value.problems[1].startswith(
            "data.frontend.colour: russian_letters has no such"
        )


def _written(made: Plan) -> Path:
    path = made.folder.parent.parent / "copy.yaml"
    path.write_text(made.config_text)
    return path
