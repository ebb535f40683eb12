"""Рабочий процесс нормализации: только здесь загружаются модели фронтенда.

Задание — JSON на stdin, итоги дописываются в общий файл, на каждый — пустая строка в stdout.
Умер вызвавший процесс — следующая строка не запишется, и этот процесс завершится.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from operator import attrgetter
from pathlib import Path
from typing import Any

from tts_framework.components import Frontend
from tts_framework.errors import TTSFError
from tts_framework.speech.normalizing import outcome, recipe
from tts_framework.speech.results import Results


def work(job: dict[str, Any], signals: int) -> None:
    """Нормализуй тексты задания; о каждом сделанном дай знать байтом в `signals`.

    Raises:
        DiskFull: кончилось место; записанное раньше цело.
    """
    cls = attrgetter(job["name"])(importlib.import_module(job["module"]))
    frontend: Frontend = cls(cls.Config.model_validate(job["options"]))
    with Results(Path(job["path"]), recipe(frontend)) as results:
        for text in job["texts"]:
            found = outcome(frontend, text)
            results.add(text, [found.text, list(found.problems)])
            os.write(signals, b"\n")


def main() -> int:
    """Выполни задание; код завершения — как у команды `ttsf`."""
    try:
        signals = os.dup(1)
        os.dup2(2, 1)  # библиотеки печатают в stdout, а он - счётчик сделанного
        work(json.loads(sys.stdin.buffer.read().decode("utf-8", "surrogatepass")), signals)
    except TTSFError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
