"""Адрес MLflow: сервер или локальный SQLite и эксперимент в нём."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tts_framework.config import MLflowSettings
from tts_framework.secrets import redact

DEFAULT_URI = "sqlite:///mlruns/mlflow.db"
DEFAULT_EXPERIMENT = "ttsf"
_SQLITE = "sqlite:///"
_CREDENTIALS = re.compile(r"//[^/@\s]*@")


def without_credentials(text: str) -> str:
    """Убери из адресов в тексте имя и пароль."""
    return redact(_CREDENTIALS.sub("//", text))


@dataclass(frozen=True)
class Address:
    """Куда писать; `uri` может содержать пароль, поэтому людям показывают только `shown`."""

    uri: str = DEFAULT_URI
    experiment: str = DEFAULT_EXPERIMENT

    @classmethod
    def from_settings(cls, settings: MLflowSettings) -> Address:
        """Возьми адрес из настроек, а если его там нет — из окружения процесса."""
        uri = settings.tracking_uri or os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT_URI
        return cls(uri, settings.experiment)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Address:
        """Прочитай обычные переменные MLflow; чего нет — по умолчанию."""
        return cls(
            environ.get("MLFLOW_TRACKING_URI") or DEFAULT_URI,
            environ.get("MLFLOW_EXPERIMENT_NAME") or DEFAULT_EXPERIMENT,
        )

    def environment(self) -> dict[str, str]:
        """Верни переменные, по которым этот же адрес узнает тренер (обратное к предыдущему)."""
        return {"MLFLOW_TRACKING_URI": self.uri, "MLFLOW_EXPERIMENT_NAME": self.experiment}

    @property
    def shown(self) -> str:
        """Верни адрес без имени и пароля."""
        return without_credentials(self.uri)

    @property
    def database(self) -> Path | None:
        """Верни файл локальной базы SQLite; None, если это сервер."""
        return Path(self.uri.removeprefix(_SQLITE)) if self.uri.startswith(_SQLITE) else None

    @property
    def artifacts(self) -> str | None:
        """Верни место артефактов нового эксперимента: рядом с локальной базой."""
        if self.database is None:
            return None
        return (self.database.parent / "artifacts").resolve().as_uri()
