"""Соответствие символов и фонов; ищет его фреймворк."""

from tts_framework.speech.phones.matching import Costs, align

__all__ = ["Costs", "align"]
