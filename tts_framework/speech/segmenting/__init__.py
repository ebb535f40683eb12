"""Нарезка длинных записей на клипы: речь ищет детектор, режут только в паузах.

Запись читается дважды, кусками: сначала детектор отмечает речь, потом вырезаются клипы.
"""

from tts_framework.speech.segmenting.run import Summary, maker, segment
from tts_framework.speech.segmenting.settings import SegmentSettings

__all__ = ["SegmentSettings", "Summary", "maker", "segment"]
