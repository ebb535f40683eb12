"""EarlyStopController: спрашивает стопперы и называет причину словами."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from tts_framework.components import Stopper
from tts_framework.trials import Past, Trial


class EarlyStopController:
    """Опрашивает стопперы по порядку; упавший предупреждает один раз и дальше не в счёт."""

    def __init__(
        self,
        stoppers: Mapping[str, Stopper],
        warn: Callable[[str], None] = logging.getLogger(__name__).warning,
    ) -> None:
        self._stoppers = stoppers
        self._warn = warn
        self._broken: set[str] = set()

    def stop_tuning(self, past: Past) -> str | None:
        """Верни причину закончить подстройку; вызывается между trial-ами."""
        return self._first(lambda stopper: stopper.stop_tuning(past))

    def stop_trial(self, trial: Trial, past: Past) -> str | None:
        """Верни причину прервать идущий trial; вызывается после каждой оценки."""
        return self._first(lambda stopper: stopper.stop_trial(trial, past))

    def _first(self, ask: Callable[[Stopper], str | None]) -> str | None:
        for name, stopper in self._stoppers.items():
            if name in self._broken:
                continue
            try:
                reason = ask(stopper)
            except Exception as error:
                self._broken.add(name)
                self._warn(f"stopper {name} is off: {type(error).__name__}: {error}")
                continue
            if reason:
                return f"{name}: {reason}"
        return None
