"""Картинка кривой целевой метрики."""

from __future__ import annotations

import io

from tts_framework.components import Curve


def png(curve: Curve, title: str) -> bytes:
    """Нарисуй кривую зафиксированной ветви в PNG; окна и глобальное состояние не нужны."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.5), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.plot(*zip(*curve.points), marker="o", color="#2f6fb5", linewidth=1.5, markersize=4)
    axes.set(xlabel="iteration", ylabel=curve.metric, title=title)
    axes.grid(alpha=0.3)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
