"""Сверка настроек звука акустической модели и вокодера: чем именно они различаются."""

from __future__ import annotations

from tts_framework.options import AudioSettings


def differences(theirs: AudioSettings, ours: AudioSettings, there: str, here: str) -> list[str]:
    """Назови каждую настройку, которая различается; одинаковые отпечатки - пустой список."""
    return [
        f"{name} is {getattr(theirs, name)} in {there} and {getattr(ours, name)} in {here}"
        for name in AudioSettings.model_fields
        if getattr(theirs, name) != getattr(ours, name)
    ]
