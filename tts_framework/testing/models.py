"""Контракт модели.

class TestTiny(ModelContract):
    plugin = "tiny"
    options = {"width": 16}      # маленькая: контракт сделает сотню шагов
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tts_framework.components import AudioSettings, Frontend, TrainingContext
from tts_framework.events import Value
from tts_framework.testing.contract import Contract, class_of
from tts_framework.testing.corpus import TinyCorpus
from tts_framework.testing.demand import demand
from tts_framework.testing.model_checkpoints import CheckpointChecks, far, same
from tts_framework.testing.model_voices import VoiceChecks
from tts_framework.testing.sessions import StartSession, opened, trained, training_context
from tts_framework.testing.training_command import TrainingCommand
from tts_framework.testing.tunables import another_value


class ModelContract(CheckpointChecks, VoiceChecks, TrainingCommand, Contract):
    """Одно зерно — одни метрики, оценка без следов, точное продолжение, послушные tunables.

    `steps` — шагов до сохранения и после; `changes` — новые значения tunables (по умолчанию
    подбираются); `inert` — tunables, которые за `steps` шагов действовать не могут (расписание
    ещё не началось); `batch_size`, `audio`, `frontend` и `corpus` переопределяются как фикстуры.
    Последняя проверка запускает `ttsf train` отдельным процессом и шлёт ему SIGINT.
    """

    kind: ClassVar[str] = "model"
    steps: ClassVar[int] = 3
    changes: ClassVar[dict[str, Value]] = {}
    inert: ClassVar[tuple[str, ...]] = ()
    frontend_use: ClassVar[dict[str, Any]] = {"use": "russian_letters"}
    batch_size: ClassVar[int] = 3

    @pytest.fixture
    def corpus(self, tiny_corpus: TinyCorpus) -> TinyCorpus:
        """Корпус, на котором учить."""
        return tiny_corpus

    @pytest.fixture
    def audio(self, corpus: TinyCorpus) -> AudioSettings:
        """Настройки звука."""
        return corpus.audio

    @pytest.fixture
    def frontend(self) -> Frontend:
        """Фронтенд текста (`frontend_use`)."""
        options = dict(self.frontend_use)
        cls = class_of("frontend", options.pop("use"))
        made: Frontend = cls(cls.Config(**options))
        return made

    @pytest.fixture
    def context(
        self,
        corpus: TinyCorpus,
        audio: AudioSettings,
        frontend: Frontend,
        tmp_path_factory: pytest.TempPathFactory,
    ) -> TrainingContext:
        """Всё, что получает модель; mel-кэш общий на весь запуск pytest."""
        cache = tmp_path_factory.getbasetemp() / "mel-cache"
        return training_context(corpus.folder, cache, frontend, audio, self.batch_size)

    @pytest.fixture
    def start(self, cls: type[Any], context: TrainingContext) -> Iterator[StartSession]:
        """Начинай сессии: `start(learning_rate=1e-2)`; закроются они сами."""
        with opened(cls, self.options, context) as begin:
            yield begin

    def new_values(self, cls: type[Any]) -> dict[str, Value]:
        """Верни другое значение каждого tunable и `batch_size`."""
        config = cls.Config(**self.options)
        guessed = (name for name in cls.Config.tunables() if name not in self.changes)
        values = {name: another_value(cls.Config, config, name) for name in guessed}
        return {**values, "batch_size": max(1, self.batch_size - 1), **self.changes}

    # --- обучение ----------------------------------------------------------------------------

    def test_the_same_seed_gives_the_same_metrics(
        self, start: StartSession, tmp_path: Path
    ) -> None:
        one, other = (trained(start(), self.steps) for _ in range(2))
        advice = "take all randomness from context.seed"
        same(one, other, tmp_path, "two runs of one seed", advice)

    def test_declared_metrics_exist_and_are_numbers(
        self, cls: type[Any], start: StartSession
    ) -> None:
        session = trained(start(), 1)
        scalars, metrics = session.progress(), session.evaluate()
        missing = sorted({*cls.measures(cls.Config(**self.options))} - {*metrics})
        demand(not missing, f"evaluate() has no {', '.join(missing)}", "return what metrics names")
        extra = sorted({*metrics} - {*cls.metrics})
        demand(not extra, f"evaluate() has {', '.join(extra)}", "declare them in metrics")
        needed = {"training.loss", "grad.norm", "learning.rate"} - set(scalars)
        demand(not needed, f"progress() has no {', '.join(sorted(needed))}", "the tuner reads them")
        strange = [
            name
            for name, value in {**scalars, **metrics}.items()
            if type(value) not in (float, int) or not math.isfinite(value)
        ]
        demand(not strange, f"not finite floats: {', '.join(strange)}", "use .item() and check")

    def test_evaluating_changes_nothing(self, start: StartSession, tmp_path: Path) -> None:
        watched, straight = start(), start()
        for _ in range(2):
            trained(watched, self.steps)
            first = watched.evaluate()
            demand(first == watched.evaluate(), "two evaluations differ", "fix the random state")
            list(watched.media())
            trained(straight, self.steps)
        advice = "save and restore random states"
        same(watched, straight, tmp_path, "with and without evaluations", advice)

    # --- гиперпараметры ------------------------------------------------------------------------

    def test_every_tunable_acts(self, cls: type[Any], start: StartSession, tmp_path: Path) -> None:
        path = tmp_path / f"checkpoint_{self.steps}"
        trained(start(), self.steps).save(path)

        def outcome(**changed: Value) -> dict[str, float]:
            session = start()
            session.load(path)
            session.apply(changed)
            found = trained(session, self.steps).evaluate()
            session.close()
            return found

        unchanged, values = outcome(), self.new_values(cls)
        idle = [
            name
            for name, value in values.items()
            if name not in self.inert and outcome(**{name: value}) == unchanged
        ]
        demand(
            not idle,
            f"changing {', '.join(idle)} changes no evaluation after {self.steps} steps",
            "make apply() put it in force, or name it in `inert` if it acts only later",
        )

    def test_new_values_alone_move_no_weights(self, cls: type[Any], start: StartSession) -> None:
        session = trained(start(), 1)
        before = session.evaluate()
        session.apply(self.new_values(cls))
        moved = far(session.evaluate(), before)
        demand(
            not moved,
            f"apply() changes {', '.join(moved)} before any step",
            "keep the weights in apply(); an evaluation depends on them alone",
        )

    def test_the_learning_rate_in_effect_is_the_one_asked_for(
        self, cls: type[Any], start: StartSession
    ) -> None:
        if "learning_rate" not in cls.Config.tunables() or "learning_rate" in self.inert:
            pytest.skip("learning_rate is not tunable")
        session = trained(start(), 1)
        asked = another_value(cls.Config, cls.Config(**self.options), "learning_rate")
        session.progress()
        session.apply({"learning_rate": asked})
        trained(session, 1)
        seen = session.progress()["learning.rate"]
        demand(
            math.isclose(seen, float(asked), rel_tol=1e-4),
            f"learning.rate is {seen:g} after apply(learning_rate={asked:g})",
            "the tuner compares them after every restart",
        )

    # --- конец ---------------------------------------------------------------------------------

    def test_closing_twice_is_harmless(self, start: StartSession) -> None:
        session = start()
        session.close()
        session.close()
