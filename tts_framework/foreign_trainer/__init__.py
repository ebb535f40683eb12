"""Чужая программа обучения: шаблон команды, диалекты гиперпараметров, поиск чекпоинтов."""

from tts_framework.foreign_trainer.checking import check_command

__all__ = ["check_command"]
