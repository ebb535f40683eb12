"""Расшифровка корпуса: услышать, отложить сомнительное, сравнить с имеющимся, принять правку."""

from tts_framework.speech.transcribing.settings import Settings
from tts_framework.speech.transcribing.transcription import Summary, transcribe

__all__ = ["Settings", "Summary", "transcribe"]
