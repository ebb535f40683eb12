"""Поколения CMA-ES над прошлым запуска: распределение живёт один вопрос.

Поколение — очередные `population` предложенных trial-ов (исходный и контрольные не в счёт).
Распределению говорят то, что в самом деле испытано: значения могли прижать к шагу или заменить.
Сравнивает их порядок оценок z, поэтому поколение не обязано расти с одного чекпоинта; стратегия,
которая ветвит с одного, спросит его целиком: `ask(past, population)`.

CatCMA with Margin: arXiv:2504.07884.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from cmaes import CatCMAwM

from tts_framework.components import Proposal
from tts_framework.events import HParams, Value
from tts_framework.space import Space
from tts_framework.trials import Past, Trial
from ttsf_cmaes_engine.coding import Coding

if TYPE_CHECKING:
    from ttsf_cmaes_engine import CmaesEngine

_NOT_PROPOSED = ("startup", "control")
_ATTEMPTS = 8
"""Столько раз точка тянется заново, если такая уже испытана: в малом пространстве новых может
не быть вовсе."""


class Engine:
    """Повторяет прошлые поколения и продолжает текущее."""

    def __init__(self, config: CmaesEngine.Config, space: Space) -> None:
        self._space = space
        self._coding = Coding.of(space)
        dimension = max(1, self._coding.dimension)
        self._population = config.population or 4 + math.floor(math.log(dimension))
        self._sigma = config.sigma
        self._block = max(1, config.window // self._population)

    def ask(self, past: Past, n: int) -> list[Proposal]:
        """Предложи следующие `n` точек текущего поколения (лишние — из того же распределения)."""
        members = [t for t in past.trials if t.outcome is not None and t.kind not in _NOT_PROPOSED]
        done, position = divmod(len(members), self._population)
        if not self._coding.dimension:
            only = self._space.define(lambda parameter: parameter.from_unit(0.0))
            return [Proposal(dict(only), "the space holds a single point")] * n
        # обучение с нуля повторит прежний исход, а продолжение — нет: там повтор не пустой
        tried = [t for t in past.trials if t.parent is None] + members[done * self._population :]
        fresh = self._fresh(past, members, done, position, {_key(t.hparams) for t in tried})
        where = f"CMA-ES generation {done + 1}, point"
        return [
            Proposal(values, f"{where} {position + index + 1} of {self._population}")
            for index, values in enumerate(islice(fresh, n))
        ]

    def _fresh(
        self,
        past: Past,
        members: Sequence[Trial],
        generation: int,
        position: int,
        tried: set[tuple[object, ...]],
    ) -> Iterator[dict[str, Value]]:
        """Тяни точки поколения по порядку, обходя испытанные."""
        distribution = self._distribution(past, members, generation)
        while True:
            for attempt in range(_ATTEMPTS):
                full = self._sampled(distribution, past, generation, position, attempt)
                values = self._space.point(full)
                if _key(values) not in tried:
                    break
            tried.add(_key(values))
            yield values
            position += 1

    def _sampled(
        self, distribution: CatCMAwM, past: Past, generation: int, index: int, attempt: int = 0
    ) -> dict[str, Value]:
        distribution.reseed_rng(_seed(past.seed, generation, index, attempt))
        return self._coding.decode(distribution.ask())

    # --- повторение прошлого ------------------------------------------------------------------

    def _distribution(self, past: Past, members: Sequence[Trial], generation: int) -> CatCMAwM:
        """Построй распределение поколения: начало блока и все его законченные поколения."""
        first = generation // self._block * self._block
        size = self._population
        base = self._space.point(past.base)
        distribution = self._start(self._center(members[: first * size], past, base))
        for number in range(first, generation):
            told = members[number * size : (number + 1) * size]
            self._tell(distribution, past, number, told, base)
        return distribution

    def _start(self, center: HParams) -> CatCMAwM:
        coding = self._coding
        smooth, stepped = len(coding.continuous), len(coding.stepped)
        gaussian = bool(smooth + stepped)
        raw = coding.encode(center)._v_raw
        return CatCMAwM(
            x_space=[[0.0, 1.0]] * smooth if smooth else None,
            z_space=[list(grid) for grid in coding.grids] if stepped else None,
            c_space=[len(listed) for _, listed in coding.named] if coding.named else None,
            population_size=self._population,
            mean=raw.copy() if gaussian else None,
            sigma=self._sigma,
            cov=np.eye(len(raw)) if gaussian else None,
            cat_param=coding.leaning(center),
            seed=0,
        )

    def _center(self, before: Sequence[Trial], past: Past, base: HParams) -> dict[str, Value]:
        """Верни середину нового поиска: лучшую из прежних точек, сначала — исходные значения."""
        last = before[-self._block * self._population :]
        best = max(last, key=lambda trial: -_badness(trial), default=None)
        known: HParams = {} if best is None else best.hparams
        return {
            p.name: known.get(p.name, past.base.get(p.name, base.get(p.name, p.from_unit(0.5))))
            for p in self._space.values()
        }

    def _tell(
        self,
        distribution: CatCMAwM,
        past: Past,
        generation: int,
        trials: Sequence[Trial],
        base: HParams,
    ) -> None:
        """Скажи распределению порядок испытанных точек; неудачи — последние, равные — ближе к base.

        Говорятся места, а не оценки: стратегии нужен только порядок, а место конечно всегда.
        """
        order = sorted(
            range(len(trials)),
            key=lambda i: (
                _badness(trials[i]),
                self._space.distance(self._space.clip(trials[i].hparams), base),
                i,
            ),
        )
        solutions: list[tuple[Any, float]] = []
        for rank, index in enumerate(order):
            values = dict(trials[index].hparams)
            if any(p.name not in values for p in self._space.values()):
                # недействующая ось не испытана: её координата случайна и никуда не тянет
                values = self._sampled(distribution, past, generation, index) | values
            solutions.append((self._coding.encode(values), float(rank)))
        with np.errstate(all="ignore"):
            distribution.tell(solutions)


def _badness(trial: Trial) -> float:
    """Верни, насколько trial плох: минус оценка; неудача и расхождение хуже всего."""
    score = trial.score
    if score is None and trial.advantages:
        score = trial.advantages[-1][1] if trial.outcome == "pruned" else None
    return math.inf if score is None or not math.isfinite(score) else -score


def _key(values: HParams) -> tuple[object, ...]:
    return tuple(sorted((name, repr(value)) for name, value in values.items()))


def _seed(*parts: int) -> int:
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:4], "big")
