"""Время символов по меткам фонов; считает его фреймворк."""

from tts_framework.speech.phones.times import LabelledClips

__all__ = ["LabelledClips"]
