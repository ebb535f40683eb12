"""Контракт модели.

class TestTiny(ModelContract):
    plugin = "tiny"
    options = {"width": 16}      # маленькая: контракт сделает сотню шагов
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tts_framework.components import (
    AudioSettings,
    Frontend,
    Mel,
    Session,
    Sound,
    TrainingContext,
)
from tts_framework.errors import CheckpointError
from tts_framework.events import Value
from tts_framework.testing.contract import Contract, class_of
from tts_framework.testing.corpus import TinyCorpus
from tts_framework.testing.demand import demand, refused
from tts_framework.testing.training_command import TrainingCommand
from tts_framework.testing.tunables import another_value
from tts_framework.testing.weights import holds_code

StartSession = Callable[..., Session]
_EXACT = "restore everything: weights, optimizer, schedule, random states, place in the data"


class ModelContract(TrainingCommand, Contract):
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
    says: ClassVar[str] = "Мама."

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
        return TrainingContext(
            train=corpus.train,
            validation=corpus.validation,
            frontend=frontend,
            audio=audio,
            batch_size=self.batch_size,
            device="cpu",
            seed=7,
            cache=tmp_path_factory.getbasetemp() / "model-contract-cache",
        )

    @pytest.fixture
    def start(self, cls: type[Any], context: TrainingContext) -> Iterator[StartSession]:
        """Начинай сессии: `start(learning_rate=1e-2)`; закроются они сами."""
        sessions: list[Session] = []
        context.cache.mkdir(exist_ok=True)

        def begin(**options: Any) -> Session:
            session = cls.start(cls.Config(**{**self.options, **options}), context)
            sessions.append(session)
            return session

        yield begin
        for session in sessions:
            session.close()

    # --- обучение ----------------------------------------------------------------------------

    def test_the_same_seed_gives_the_same_metrics(self, start: StartSession) -> None:
        one, other = (_trained(start(), self.steps) for _ in range(2))
        _same(one, other, "two runs of one seed", "take all randomness from context.seed")

    def test_declared_metrics_exist_and_are_numbers(
        self, cls: type[Any], start: StartSession
    ) -> None:
        session = _trained(start(), 1)
        scalars, metrics = session.progress(), session.evaluate()
        missing = sorted({*cls.measures(cls.Config(**self.options))} - {*metrics})
        demand(not missing, f"evaluate() has no {', '.join(missing)}", "return what metrics names")
        needed = {"training.loss", "grad.norm", "learning.rate"} - set(scalars)
        demand(not needed, f"progress() has no {', '.join(sorted(needed))}", "the tuner reads them")
        strange = [
            name
            for name, value in {**scalars, **metrics}.items()
            if type(value) not in (float, int) or not math.isfinite(value)
        ]
        demand(not strange, f"not finite floats: {', '.join(strange)}", "use .item() and check")

    def test_evaluating_changes_nothing(self, start: StartSession) -> None:
        watched, straight = start(), start()
        for _ in range(2):
            _trained(watched, self.steps)
            first = watched.evaluate()
            demand(first == watched.evaluate(), "two evaluations differ", "fix the random state")
            list(watched.media())
            _trained(straight, self.steps)
        _same(watched, straight, "with and without evaluations", "save and restore random states")

    def test_a_save_continues_exactly(self, start: StartSession, tmp_path: Path) -> None:
        straight = _trained(start(), self.steps)
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
        _trained(resumed, self.steps)
        _trained(straight, self.steps)
        _same(resumed, straight, "N steps, stop, M steps and N+M steps", _EXACT)

    def test_a_warm_start_takes_the_weights_alone(
        self, start: StartSession, tmp_path: Path
    ) -> None:
        trained = _trained(start(), self.steps)
        trained.save(tmp_path / "checkpoint_3")
        warm = start()
        warm.load(tmp_path / "checkpoint_3", warm_start=True)
        demand(warm.iteration == 0, f"the iteration is {warm.iteration}", "begin from 0")
        _trained(warm, 1)

    # --- гиперпараметры ------------------------------------------------------------------------

    def test_every_tunable_acts(
        self, cls: type[Any], start: StartSession, context: TrainingContext, tmp_path: Path
    ) -> None:
        path = tmp_path / f"checkpoint_{self.steps}"
        _trained(start(), self.steps).save(path)
        config = cls.Config(**self.options)

        def outcome(**changed: Value) -> Any:
            session = start()
            session.load(path)
            session.apply(changed)
            _trained(session, self.steps)
            found = session.progress(), session.evaluate()
            session.close()
            return found

        unchanged = outcome()
        values = {name: another_value(cls.Config, config, name) for name in cls.Config.tunables()}
        values |= {"batch_size": context.batch_size - 1, **self.changes}
        idle = [
            name
            for name, value in values.items()
            if outcome(**{name: value}) == unchanged and name not in self.inert
        ]
        demand(
            not idle,
            f"changing {', '.join(idle)} changes nothing in {self.steps} steps",
            "make apply() put it in force, or name it in `inert` if it acts only later",
        )

    def test_the_learning_rate_in_effect_is_the_one_asked_for(
        self, cls: type[Any], start: StartSession
    ) -> None:
        if "learning_rate" not in cls.Config.tunables() or "learning_rate" in self.inert:
            pytest.skip("learning_rate is not tunable")
        session = _trained(start(), 1)
        asked = another_value(cls.Config, cls.Config(**self.options), "learning_rate")
        session.progress()
        session.apply({"learning_rate": asked})
        _trained(session, 1)
        seen = session.progress()["learning.rate"]
        demand(
            math.isclose(seen, float(asked), rel_tol=1e-4),
            f"learning.rate is {seen:g} after apply(learning_rate={asked:g})",
            "the tuner compares them after every restart",
        )

    # --- чекпоинты ---------------------------------------------------------------------------

    def test_a_damaged_checkpoint_is_refused(self, start: StartSession, tmp_path: Path) -> None:
        session = _trained(start(), 1)
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
        _trained(start(), 1).save(tmp_path / "checkpoint_1")
        why = holds_code(tmp_path / "checkpoint_1")
        demand(not why, why, "write tensors and plain values only (training.checkpoint does)")

    def test_closing_twice_is_harmless(self, start: StartSession) -> None:
        session = start()
        session.close()
        session.close()

    # --- голос -------------------------------------------------------------------------------

    def test_the_voice_speaks_from_the_checkpoint_alone(
        self, cls: type[Any], start: StartSession, audio: AudioSettings, tmp_path: Path
    ) -> None:
        _trained(start(), 1).save(tmp_path / "checkpoint_1")
        voice = cls.voice(tmp_path / "checkpoint_1")
        demand(
            voice.maps == cls.maps, f"maps: {voice.maps} and {cls.maps}", "declare the same pair"
        )
        source = self.says if cls.maps[0] == "text" else _quiet_mel(audio)
        said, again = (voice(source, seed=3) for _ in range(2))
        kind = {"mel": Mel, "audio": Sound}[cls.maps[1]]
        demand(
            isinstance(said, kind), f"it says a {type(said).__name__}", f"return {kind.__name__}"
        )
        one, other = (x.frames if isinstance(x, Mel) else x.samples for x in (said, again))
        demand(
            one.size and bool((abs(one) < math.inf).all()),
            f"it says {one.shape} with infinite or no values",
            "an untrained voice is bad but finite",
        )
        demand(bool((one == other).all()), "one seed says different things", "use the seed")
        if isinstance(said, Mel):
            shape = said.frames.shape[0]
            demand(shape == audio.n_mel_channels, f"{shape} mel bands", "return [n_mels, T]")

    def test_the_voice_refuses_a_damaged_checkpoint(self, cls: type[Any], tmp_path: Path) -> None:
        (tmp_path / "checkpoint_1").write_bytes(b"not a checkpoint" * 99)
        with refused(CheckpointError, "voice() of a damaged file", "name the file"):
            cls.voice(tmp_path / "checkpoint_1")


def _trained(session: Session, steps: int) -> Session:
    for _ in range(steps):
        session.step()
    return session


def _same(one: Session, other: Session, what: str, advice: str) -> None:
    pairs = [(one.iteration, other.iteration), (one.progress(), other.progress())]
    pairs.append((one.evaluate(), other.evaluate()))
    for left, right in pairs:
        demand(left == right, f"{what} differ: {left} and {right}", advice)


def _quiet_mel(audio: AudioSettings) -> Mel:
    import numpy as np

    ramp = np.linspace(-6, -4, audio.n_mel_channels * 12, dtype=np.float32)
    return Mel(ramp.reshape(audio.n_mel_channels, 12), audio)
