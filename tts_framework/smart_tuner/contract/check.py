"""`ttsf trainer check`: четыре запуска, после которых о тренере известно всё нужное тюнеру.

1. С нуля, через чекпоинт, до SIGINT.
2. С первого чекпоинта с теми же значениями: те же шаги, те же потери?
3. С последнего чекпоинта с другим learning_rate; SIGKILL, как только начнётся запись чекпоинта.
4. С того чекпоинта, который после этого найден; до `{until_iteration}`, если тренер его знает.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tts_framework.events import Value
from tts_framework.files import write_text
from tts_framework.foreign_trainer.discovery import size_of
from tts_framework.plan import Plan
from tts_framework.smart_tuner.contract.comparing import continuation
from tts_framework.smart_tuner.contract.finding import COSTS, FAILS, HOLDS, UNKNOWN, Finding
from tts_framework.smart_tuner.contract.stretch import Start, Stretch
from tts_framework.smart_tuner.contract.workplace import workplace
from tts_framework.smart_tuner.trainer_wrapper import TrainerWrapper

Progress = Callable[[int, int, str], None]

_FAR = 1000
"""Запуск, который остановят сигналом, просят дойти так далеко, интервалов."""
_POINTS = 4
"""Столько измерений потерь по каждую сторону перезапуска достаточно для сравнения."""
_HOPELESS = 5
"""Столько интервалов без чекпоинта — и ждать его больше незачем."""
_SETTLES = 3
"""Столько сроков покоя ждать чекпоинта, который уже есть."""
_RATE = "learning_rate"
_STAGES = ("start and stop", "restart", "new values and kill", "after the kill")


def check_trainer(
    plan: Plan,
    *,
    folder: Path | None = None,
    minutes: float = 10.0,
    progress: Progress = lambda done, total, what: None,
) -> list[Finding]:
    """Проверь договор на тренере плана; всё написанное исчезает вместе с временной папкой.

    `minutes` ограничивает проверку целиком: пункты, на которые не хватило времени, — unknown.

    Raises:
        TTSFError: программу нельзя запустить или временную папку негде создать.
    """
    deadline = time.monotonic() + 60 * minutes
    with workplace(folder, plan.settings.trainer) as root:
        write_text(root / "run.yaml", plan.config_text)
        return _Check(plan, root, deadline, progress).run()


class _Check:
    """Ход проверки; пункты копятся в `findings`."""

    def __init__(self, plan: Plan, root: Path, deadline: float, progress: Progress) -> None:
        self._plan, self._root = plan, root
        self._deadline, self._progress = deadline, progress
        self._interval = plan.settings.trainer.iters_per_checkpoint
        self._far = _FAR * self._interval
        self.findings: list[Finding] = []

    def run(self) -> list[Finding]:
        """Пройди четыре запуска, пока есть с чем идти дальше."""
        base = self._plan.space.point(self._plan.base)
        with self._stretch(0, Start(0, base, self._far)) as first:
            early = self._first(first)
        if early is None:
            return self.findings
        since, path = early
        with self._stretch(1, Start(1, base, self._far, path, since)) as again:
            self._again(first, again, since)
        last = first.newest() or early
        with self._stretch(2, Start(2, self._changed(base), self._far, last[1], last[0])) as new:
            survivor = self._new_values(new, last)
        since, path = survivor
        end = (since // self._interval + 1) * self._interval
        with self._stretch(3, Start(3, base, end, path, since)) as final:
            self._final(final, end)
        self._progress(len(_STAGES), len(_STAGES), "done")
        return self.findings

    @contextmanager
    def _stretch(self, stage: int, start: Start) -> Iterator[Stretch]:
        self._progress(stage, len(_STAGES), _STAGES[stage])
        stretch = Stretch(self._plan, self._root, start, self._deadline)
        try:
            yield stretch
        finally:
            stretch.close()

    def _say(self, point: str, state: str, seen: str, cost: str = "") -> None:
        self.findings.append(Finding(point, state, seen, cost))

    # --- 1: с нуля ----------------------------------------------------------------------------

    def _first(self, run: Stretch) -> tuple[int, Path] | None:
        """Дождись чекпоинта и нескольких измерений за ним, останови; верни первый чекпоинт."""
        if not self._starts(run):
            return None
        trainer = self._plan.settings.trainer
        run.until(lambda: run.newest() or _reached(run) > _HOPELESS * self._interval)
        if run.newest() is None and any(run.discovery.under_mask(run.folder)):
            # быстрая программа проходит безнадёжный срок раньше, чем файл улежится
            settled = time.monotonic() + _SETTLES * trainer.checkpoint_settle_seconds
            run.until(lambda: run.newest() or time.monotonic() > settled)
        early = run.newest()
        if early is not None:
            since = early[0]
            run.until(
                lambda: (run.judged and sum(step > since for step in run.losses) >= _POINTS)
                or (run.newest() or early)[0] >= since + 2 * self._interval
            )
        self._logs(run)
        self._checkpoints(run, early)
        if run.trainer.running:
            self._stops(run)
        else:
            self._say("keeps going until stopped", FAILS, f"ended by itself: {_end(run)}")
        self._outside(run)
        return early

    def _starts(self, run: Stretch) -> bool:
        run.until(lambda: run.metrics or run.newest())
        seconds = time.monotonic() - run.started
        if not run.trainer.running:
            self._say("starts", FAILS, _end(run), "nothing can be tuned; run the command by hand")
            return False
        if not run.metrics:
            why = next(iter(run.warnings), f"nothing in {seconds:.0f} s")
            cost = "the tuner is blind: check 'watchers' and what the program writes"
            self._say("logs metrics", FAILS, f"no metrics: {why}", cost)
            return False
        cost = f"each trial pays {seconds:.0f} s for the start" if seconds > 5 else ""
        self._say("starts", HOLDS, f"first metrics after {seconds:.1f} s", cost)
        return True

    def _logs(self, run: Stretch) -> None:
        objective = self._plan.settings.tuner.objective.metric
        seen = ", ".join(run.tags[:8])
        if run.judged:
            self._say(f"logs {objective}", HOLDS, _points(run.judged))
        else:
            cost = "trials cannot be judged; map its tag in trainer.metrics"
            self._say(f"logs {objective}", FAILS, f"saw only: {seen}", cost)
        if not run.losses:
            cost = "restarts cannot be verified; map training.loss in trainer.metrics"
            self._say("logs training.loss", COSTS, f"saw only: {seen}", cost)
        else:
            self._say("logs training.loss", HOLDS, _points(run.losses))
        self._rate(run, "learning rate as asked")

    def _rate(self, run: Stretch, point: str) -> None:
        asked = run.start.hparams.get(_RATE)
        if not isinstance(asked, int | float):
            self._say(point, UNKNOWN, f"{_RATE} is not in tuner.search_space")
            return
        if not run.rates:
            cost = "an ignored value goes unnoticed; map learning.rate in trainer.metrics"
            self._say(point, COSTS, "no learning.rate was logged", cost)
            return
        step, value = next(iter(run.rates.items()))
        if math.isclose(value, asked, rel_tol=1e-4):
            self._say(point, HOLDS, f"{value:g} at step {step}")
            return
        cost = "the tuner's values are ignored; set it after loading the checkpoint"
        self._say(point, FAILS, f"{value:g} in effect at step {step}, asked for {asked:g}", cost)

    def _checkpoints(self, run: Stretch, early: tuple[int, Path] | None) -> None:
        point = "writes checkpoints that are found"
        if early is None:
            there = [path.name for path in sorted(run.folder.rglob("*"))][:6]
            refused = [
                f"{path.name} {run.discovery.why_not(path, run.folder)}"
                for path in run.discovery.under_mask(run.folder)
            ]
            seen = "; ".join(refused[:3]) or f"nothing under {run.discovery.mask!r}: {there}"
            cost = "no trial can build on another; check trainer.checkpoint or allow more --minutes"
            self._say(point, FAILS, seen, cost)
            return
        since, path = early
        self._say(point, HOLDS, f"{path.name}: iteration {since}, {size_of(path):,} bytes")
        self._agreement(run, since)

    def _agreement(self, run: Stretch, since: int) -> None:
        """Сверь счёт шагов: оценка чекпоинта должна стоять на его итерации."""
        point = "one count of steps in logs and checkpoints"
        if not run.judged:
            return
        step = min(run.judged, key=lambda s: abs(s - since))
        gap = since - step
        if gap == 0:
            self._say(point, HOLDS, f"evaluated at step {step}, checkpoint {since}")
        elif abs(gap) == 1:
            offset = self._plan.settings.trainer.step_offset + gap
            cost = f"a trial never reaches its end; set trainer.step_offset: {offset}"
            self._say(point, FAILS, f"evaluated at step {step}, checkpoint {since}", cost)
        else:
            cost = "trials end late: the tuner waits for both; let it evaluate when it saves"
            self._say(point, COSTS, f"evaluated at step {step}, checkpoint {since}", cost)

    def _stops(self, run: Stretch) -> None:
        run.read()
        reached = max(run.losses or run.judged or {0: 0.0})
        signal_name, seconds, end = run.stop()
        reached = max(reached, *(run.losses or {0: 0.0}))
        if signal_name == "SIGINT":
            self._say("stops on SIGINT", HOLDS, f"in {seconds:.1f} s, {end.meaning}")
        else:
            wait = self._plan.settings.trainer.sigint_seconds
            cost = f"every stop waits {wait:g} s and loses work; handle SIGINT"
            self._say("stops on SIGINT", COSTS, f"obeyed only {signal_name}", cost)
        newest = run.newest()
        saved = newest[0] if newest else 0
        if newest and saved >= reached - 1:
            self._say("saves when stopped", HOLDS, f"{newest[1].name} at step {reached}")
        else:
            cost = f"each stop or pruned trial loses up to {self._interval} iterations"
            self._say("saves when stopped", COSTS, f"at {reached}, last checkpoint {saved}", cost)

    def _outside(self, run: Stretch) -> None:
        point = "writes only where it is told"
        if run.outside:
            names = ", ".join(map(str, sorted(run.outside)[:3]))
            cost = "trials share these files; put {output_dir} into their paths"
            self._say(point, COSTS, f"also writes {names}", cost)
        else:
            self._say(point, HOLDS, "no file open for writing elsewhere")

    # --- 2: те же значения --------------------------------------------------------------------

    def _again(self, first: Stretch, again: Stretch, since: int) -> None:
        common = [step for step in first.losses if step > since][:_POINTS]
        last = max(common, default=since + self._interval)
        again.until(lambda: max(again.losses, default=-1) >= last)
        self._continues(again, since)
        point = "continues with the same loss"
        self.findings.append(continuation(point, first.losses, again.losses, since))

    def _continues(self, run: Stretch, since: int) -> None:
        point = "continues the count of steps"
        if not run.losses:
            seen = "no loss was logged" if run.trainer.running else _end(run)
            state = UNKNOWN if run.trainer.running else FAILS
            self._say(point, state, seen, "a checkpoint that does not load stops the run")
            return
        step = min(run.losses)
        if since <= step <= since + 2 * self._interval:
            self._say(point, HOLDS, f"first step {step} after checkpoint {since}")
        elif step < since:
            cost = "it ignores the checkpoint: only resume_from_checkpoint: false can be used"
            self._say(point, FAILS, f"first step {step} after checkpoint {since}", cost)
        else:
            self._say(point, COSTS, f"first step {step} after checkpoint {since}", "steps are lost")

    # --- 3: новые значения, смерть посреди записи ---------------------------------------------

    def _changed(self, base: dict[str, Value]) -> dict[str, Value]:
        """Измени learning_rate вдвое внутри его границ."""
        rate, axis = base.get(_RATE), self._plan.space.get(_RATE)
        if axis is None or not isinstance(rate, int | float):
            return base
        other = next((v for v in map(axis.clip, (rate / 2, rate * 2)) if v != rate), rate)
        return {**base, _RATE: other}

    def _new_values(self, run: Stretch, parent: tuple[int, Path]) -> tuple[int, Path]:
        """Сверь новое значение и убей на записи; верни, с чего можно продолжить."""
        run.until(lambda: run.losses and (run.rates or len(run.losses) >= _POINTS))
        self._rate(run, "obeys a new learning rate")
        victim, caught = run.kill_during_save()
        point = "survives SIGKILL during a save"
        if victim is None:
            seen = "no save in the time left" if run.trainer.running else _end(run)
            self._say(point, UNKNOWN, seen, "allow more --minutes")
            return run.newest() or parent
        run.read()
        newest = run.newest()
        refused = {
            path.name: run.discovery.why_not(path, run.folder)
            for path in run.discovery.under_mask(run.folder)
        }
        half = [f"{name} {why}" for name, why in refused.items() if why]
        taken = f"{newest[1].name} is taken" if newest else f"its parent {parent[1].name} is taken"
        if half:
            cost = "discovery passes it by, other tools may not; write to a temporary name"
            self._say(point, COSTS, f"left half-written: {half[0]}; {taken}", cost)
        else:
            name = victim.relative_to(run.folder)
            how = f"killed while writing {name}" if caught else f"killed right after {name}"
            hint = "" if caught else "saves were too quick to be caught in the middle"
            self._say(point, HOLDS, f"{how}; {taken}", hint)
        return newest or parent

    # --- 4: после смерти ----------------------------------------------------------------------

    def _final(self, run: Stretch, end: int) -> None:
        since = run.start.since
        by_itself = TrainerWrapper(self._plan.settings.trainer).stops_by_itself
        far = end + 3 * self._interval if by_itself else since
        run.until(lambda: not run.trainer.running or _reached(run) > far)
        run.read()
        point = "loads what is found after the kill"
        name = run.start.checkpoint.name if run.start.checkpoint else "nothing"
        if run.losses and min(run.losses) >= since:
            self._say(point, HOLDS, f"{name}: continued at step {min(run.losses)}")
        elif run.trainer.running:
            self._say(point, UNKNOWN, f"{name}: no loss in the time left", "allow more --minutes")
        else:
            self._say(point, FAILS, f"{name}: {_end(run)}", "a crash at a save ends the run")
        if by_itself:
            self._ends(run, end)

    def _ends(self, run: Stretch, end: int) -> None:
        point = "ends at {until_iteration}"
        if run.trainer.running:
            at = _reached(run)
            cost = "trials never end; remove the place and the tuner will stop it by SIGINT"
            state = FAILS if at > end else UNKNOWN
            self._say(point, state, f"at step {at}, asked to end at {end}", cost)
            return
        newest = run.newest()
        if newest and newest[0] >= end and max(run.judged, default=-1) >= end:
            self._say(point, HOLDS, f"evaluated and saved at {end}, then ended")
            return
        last = max(run.judged, default=None)
        seen = f"{_end(run)}; evaluated {last}, saved {newest and newest[0]}"
        self._say(point, FAILS, f"asked for {end}: {seen}", "trials end without their last word")


def _end(run: Stretch) -> str:
    end = run.trainer.exit()
    return end.meaning if end.kind != "ok" else f"exit code 0: {run.trainer.tail(1) or 'no output'}"


def _reached(run: Stretch) -> int:
    return max((*run.losses, *run.judged), default=-1)


def _points(series: dict[int, float]) -> str:
    step, value = next(reversed(series.items()))
    return f"{len(series)} points, last {value:.4g} at step {step}"
