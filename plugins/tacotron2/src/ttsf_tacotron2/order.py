"""Порядок клипов; общий у моделей."""

from tts_framework.training.length_buckets import LengthBuckets, Place

__all__ = ["LengthBuckets", "Place"]
