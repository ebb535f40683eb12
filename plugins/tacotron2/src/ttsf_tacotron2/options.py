"""Настройки модели: форма сети (неизменна) и то, что тюнер вправе менять на ходу."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields, replace
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from tts_framework.options import Options, tunable
from ttsf_tacotron2.sizes import PRESETS, Sizes

_OWN_SIZES = tuple(field.name for field in fields(Sizes) if field.name != "n_mels")


class Tacotron2Options(Options):
    """Раздел `model` при `use: tacotron2`."""

    preset: Literal["full", "small", "tiny"] = Field(
        "full", description="Размеры сети: full - опубликованные, small и tiny - для малых машин."
    )
    sizes: dict[str, Annotated[int, Field(gt=0)]] = Field(
        {}, description="Размеры, отличные от preset: `{prenet_dim: 128}`."
    )
    attention: Literal["location", "dynamic"] = Field(
        "location",
        description="Внимание: по месту (эталон) или динамические свёртки (шаг медленнее).",
    )
    reduction_factor: int = Field(
        1, ge=1, le=20, description="Кадров мел-спектрограммы за один шаг декодера (r)."
    )
    reduction_schedule: list[tuple[int, int]] = Field(
        [],
        description="Пары (итерация, r), r убывает: `[[0, 6], [2000, 3], [6000, 2]]`; последний r -"
        " это и есть reduction_factor.",
    )
    learning_rate: float = tunable(1e-3, gt=0, description="Шаг Adam.")
    weight_decay: float = tunable(1e-6, ge=0, description="L2-регуляризация Adam.")
    dropout_decoder: float = tunable(0.1, ge=0, lt=1, description="Dropout выхода декодерной LSTM.")
    dropout_attention: float = tunable(0.1, ge=0, lt=1, description="Dropout выхода LSTM внимания.")
    grad_clip_thresh: float = tunable(1.0, gt=0, description="Предел нормы градиента.")
    guided_attention_weight: float = tunable(
        5.0, ge=0, description="Вес штрафа за внимание вдали от диагонали; 0 - без него."
    )
    drop_frame_rate: float = tunable(
        0.0, ge=0, lt=1, description="Доля кадров подсказки, заменяемых средним кадром корпуса."
    )
    gate_positive_weight: float = tunable(
        5.0, gt=0, description="Вес последнего шага в потерях признака остановки."
    )
    dropout_prenet: float = Field(
        0.5, ge=0, lt=1, description="Dropout prenet; действует и при оценке, и при синтезе."
    )
    guidance: Literal["diagonal", "labels"] = Field(
        "diagonal",
        description="Куда направлять внимание: по диагонали или по меткам фонов labels/ID.lab"
        " (клипы без меток - по диагонали).",
    )
    guided_attention_tolerance: float = Field(
        0.1, gt=0, description="Насколько внимание может опережать метки или отставать, секунд."
    )
    guided_attention_sigma: float = Field(
        0.4, gt=0, description="Ширина диагонали, доля длины клипа."
    )
    guided_attention_hold: int = Field(
        2000, ge=0, description="Итерация, с которой вес штрафа начинает убывать."
    )
    guided_attention_end: int = Field(
        10_000, ge=0, description="Итерация, к которой вес штрафа линейно дойдёт до нуля."
    )
    mmi: bool = Field(
        False, description="Голова CTC над декодером: взаимная информация текста и речи (MMI)."
    )
    ema_decay: float = Field(
        0.0, ge=0, lt=1, description="Скользящее среднее весов для оценки и голоса; 0 - без него."
    )
    gst: bool = Field(
        False, description="Глобальные стили (GST): эталонный кодировщик и 10 токенов."
    )
    mmi_max_factor: float = Field(
        0.5, gt=0, description="Предел множителя, с которым потери MMI входят в сумму."
    )
    precision: Literal["auto", "fp32", "bf16"] = Field(
        "auto", description="Точность матричных произведений; auto - bf16 там, где он быстрее."
    )
    validation_sentences: int = Field(
        4,
        ge=0,
        le=256,
        description="Сколько проверочных фраз говорится без подсказки при каждой оценке; 0 -"
        " нисколько, и метрик val_free_failures, val_diagonality, val_coverage,"
        " val_attention_entropy и val_mcd нет.",
    )
    max_decoder_steps: int = Field(1000, ge=1, description="Предел шагов декодера при синтезе.")
    attention_patience: int = Field(
        50,
        ge=0,
        description="Сколько кадров внимание может стоять в конце текста, прежде чем синтез"
        " кончится; 0 - сколько угодно.",
    )
    synthesis_weights: Literal["fp32", "bf16", "int8"] = Field(
        "bf16", description="Чем хранить веса рекурсий, когда на CPU говорит одна фраза."
    )
    longest_sentence: int = Field(
        200, ge=20, description="Знаков в предложении; длиннее при синтезе делятся по паузам."
    )
    crossfade: int = Field(4, ge=0, description="Кадров плавного перехода между предложениями.")
    gate_threshold: float = Field(
        0.5, gt=0, lt=1, description="Вероятность остановки, при которой синтез кончается."
    )

    @model_validator(mode="before")
    @classmethod
    def _final_reduction(cls, given: Any) -> Any:
        """Возьми reduction_factor из расписания, если он не назван."""
        schedule = given.get("reduction_schedule") if isinstance(given, dict) else None
        if not schedule or "reduction_factor" in given:
            return given
        with suppress(TypeError, IndexError, KeyError):
            return {**given, "reduction_factor": schedule[-1][1]}
        return given

    @model_validator(mode="after")
    def _consistent(self) -> Tacotron2Options:
        unknown = sorted(set(self.sizes) - set(_OWN_SIZES))
        if unknown:
            raise ValueError(f"sizes: no such size {unknown[0]!r}; known: {', '.join(_OWN_SIZES)}")
        self.network_sizes(n_mels=80)
        self._check_schedule()
        if self.guided_attention_end < self.guided_attention_hold:
            raise ValueError(
                f"guided_attention_end {self.guided_attention_end} is before"
                f" guided_attention_hold {self.guided_attention_hold}; swap them"
            )
        return self

    def _check_schedule(self) -> None:
        if not self.reduction_schedule:
            return
        starts, factors = zip(*self.reduction_schedule)
        if starts[0] != 0 or any(a >= b for a, b in pairwise(starts)):
            raise ValueError(
                f"reduction_schedule: iterations {list(starts)} must start at 0 and grow"
            )
        if not 1 <= factors[-1] <= factors[0] <= 20 or any(a <= b for a, b in pairwise(factors)):
            raise ValueError(
                f"reduction_schedule: {list(factors)} must fall and stay within 1 and 20"
            )
        if factors[-1] != self.reduction_factor:
            raise ValueError(
                f"reduction_schedule ends with {factors[-1]}, reduction_factor is"
                f" {self.reduction_factor}; make them equal or leave reduction_factor out"
            )

    def reduction_at(self, iteration: int) -> int:
        """Верни reduction factor, с которым делается шаг с этим номером."""
        factors = [r for start, r in self.reduction_schedule if start <= iteration]
        return factors[-1] if factors else self.reduction_factor

    def network_sizes(self, n_mels: int) -> Sizes:
        """Верни размеры сети для данного числа мел-полос."""
        return replace(PRESETS[self.preset], n_mels=n_mels, **self.sizes)

    def guidance_weight(self, iteration: int) -> float:
        """Верни вес направляющего штрафа на данной итерации."""
        hold, end = self.guided_attention_hold, self.guided_attention_end
        if iteration < hold:
            return self.guided_attention_weight
        left = (end - iteration) / (end - hold) if iteration < end else 0.0
        return self.guided_attention_weight * left
