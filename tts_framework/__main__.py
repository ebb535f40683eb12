"""`python -m tts_framework` — то же, что `ttsf`."""

from tts_framework.cli.main import run

if __name__ == "__main__":
    run()
