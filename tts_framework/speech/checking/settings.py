"""Пороги правил проверки; каждый меняется ключом `--threshold NAME=VALUE`."""

from __future__ import annotations

from pydantic import Field

from tts_framework.options import Options


class CheckSettings(Options):
    """Чего ждать от корпуса; правило молчит, пока значение по эту сторону порога."""

    rate: int | None = Field(
        None, gt=0, description="Частота корпуса, Гц; пусто — самая частая среди клипов."
    )
    clipped_samples: int = Field(
        20, ge=1, description="Отсчётов в плоских вершинах (по три и больше подряд)."
    )
    dc_offset: float = Field(0.01, gt=0, description="Постоянная составляющая, доля шкалы.")
    silent_peak: float = Field(0.003, gt=0, description="Тише этого пика клип считается пустым.")
    edge_silence: float = Field(0.8, gt=0, description="Тишины в начале или в конце клипа, с.")
    edge_margin: float = Field(0.2, ge=0, description="Столько тишины оставляет `--fix`, с.")
    snr: float = Field(15.0, description="Наименьшее отношение речи к шуму, дБ.")
    min_seconds: float = Field(0.3, gt=0, description="Клип короче — предупреждение, с.")
    max_seconds: float = Field(30.0, gt=0, description="Клип длиннее — ошибка, с.")
    duration_drift: float = Field(
        0.05, gt=0, description="Расхождение длительности в таблице и в файле, с."
    )
    min_letters_per_second: float = Field(2.0, gt=0, description="Меньше букв в секунду не бывает.")
    max_letters_per_second: float = Field(
        30.0, gt=0, description="Больше букв в секунду не бывает."
    )
    outlier: float = Field(
        5.0, gt=0, description="Выброс: отклонение от медианы в робастных сигмах (1,4826 MAD)."
    )
    outlier_clips: int = Field(
        20, ge=3, description="При меньшем числе клипов голоса выбросы не ищутся."
    )
    loudness_spread: float = Field(
        6.0, gt=0, description="Отклонение громкости ближе этого — не выброс, LU."
    )
    near_duplicate: float = Field(
        0.9, gt=0, le=1, description="Сходство отпечатков, с которого клипы — почти одно и то же."
    )
    dnsmos: float = Field(2.5, ge=1, le=5, description="Наименьшая общая оценка DNSMOS (OVRL).")
