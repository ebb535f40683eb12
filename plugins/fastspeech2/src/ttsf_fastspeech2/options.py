"""Настройки модели: форма сети (неизменна) и то, что тюнер вправе менять на ходу."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Annotated, Literal

from pydantic import Field, model_validator

from tts_framework.options import Options, tunable
from ttsf_fastspeech2.sizes import PRESETS, Sizes

_OWN_SIZES = tuple(field.name for field in fields(Sizes) if field.name != "n_mels")


class FastSpeech2Options(Options):
    """Раздел `model` при `use: fastspeech2`."""

    preset: Literal["base", "small", "tiny"] = Field(
        "base", description="Размеры сети: base - опубликованные, small и tiny - для малых машин."
    )
    sizes: dict[str, Annotated[int, Field(gt=0)]] = Field(
        {}, description="Размеры, отличные от preset: `{hidden_dim: 192}`."
    )
    durations: Literal["aligner", "labels", "files"] = Field(
        "aligner",
        description="Откуда длительности символов: выучить самой (aligner), из меток фонов"
        " labels/ID.lab (labels) или из выгрузки другой модели durations/ID.json (files).",
    )
    postnet: bool = Field(False, description="Пять свёрток, поправляющих мел-спектрограмму.")
    learning_rate: float = tunable(1e-3, gt=0, description="Наибольший шаг AdamW.")
    warmup: int = tunable(
        1000, ge=0, description="За сколько первых итераций шаг растёт от нуля до learning_rate."
    )
    weight_decay: float = tunable(0.01, ge=0, description="Затухание весов AdamW.")
    dropout: float = tunable(0.1, ge=0, lt=1, description="Dropout блоков кодировщика и декодера.")
    dropout_predictor: float = tunable(
        0.5, ge=0, lt=1, description="Dropout предсказателей длительности, тона и энергии."
    )
    grad_clip_thresh: float = tunable(1.0, gt=0, description="Предел нормы градиента.")
    duration_weight: float = tunable(1.0, ge=0, description="Вес потерь длительности.")
    pitch_weight: float = tunable(0.1, ge=0, description="Вес потерь основного тона.")
    energy_weight: float = tunable(0.1, ge=0, description="Вес потерь энергии.")
    alignment_weight: float = tunable(
        1.0, ge=0, description="(aligner) Вес потерь соответствия текста и речи."
    )
    binarization_weight: float = tunable(
        1.0, ge=0, description="(aligner) Вес сходства мягкого соответствия с жёстким."
    )
    binarization_start: int = Field(
        500,
        ge=0,
        description="(aligner) С этой итерации вес binarization растёт от нуля, ещё столько же.",
    )
    pitch_floor: float = Field(60.0, ge=40, description="Нижний предел основного тона, Гц.")
    pitch_ceiling: float = Field(500.0, le=2000, description="Верхний предел основного тона, Гц.")
    ema_decay: float = Field(
        0.0, ge=0, lt=1, description="Скользящее среднее весов для оценки и голоса; 0 - без него."
    )
    precision: Literal["auto", "fp32", "bf16"] = Field(
        "auto", description="Точность матричных произведений; auto - bf16 там, где он быстрее."
    )
    longest_sentence: int = Field(
        200, ge=20, description="Знаков в предложении; длиннее при синтезе делятся по паузам."
    )
    crossfade: int = Field(4, ge=0, description="Кадров плавного перехода между предложениями.")
    rate: float = Field(1.0, ge=0.25, le=4, description="Темп голоса: 2 - вдвое быстрее.")
    pitch: float = Field(0.0, ge=-24, le=24, description="Сдвиг тона голоса, полутонов.")
    energy: float = Field(0.0, ge=-24, le=24, description="Сдвиг энергии голоса, дБ.")

    @model_validator(mode="after")
    def _consistent(self) -> FastSpeech2Options:
        unknown = sorted(set(self.sizes) - set(_OWN_SIZES))
        if unknown:
            raise ValueError(f"sizes: no such size {unknown[0]!r}; known: {', '.join(_OWN_SIZES)}")
        self.network_sizes(n_mels=80)
        if self.pitch_floor >= self.pitch_ceiling:
            raise ValueError(
                f"pitch_floor {self.pitch_floor:g} is not below pitch_ceiling"
                f" {self.pitch_ceiling:g}; swap them"
            )
        return self

    def network_sizes(self, n_mels: int) -> Sizes:
        """Верни размеры сети для данного числа мел-полос."""
        return replace(PRESETS[self.preset], n_mels=n_mels, **self.sizes)

    def rate_at(self, iteration: int) -> float:
        """Верни шаг AdamW на данной итерации: линейный разгон, потом постоянный."""
        return self.learning_rate * min(1.0, (iteration + 1) / max(1, self.warmup))

    def binarization_at(self, iteration: int) -> float:
        """Верни вес сходства мягкого соответствия с жёстким на данной итерации."""
        grown = (iteration - self.binarization_start) / max(1, self.binarization_start)
        return self.binarization_weight * min(1.0, max(0.0, grown))
