"""email: письма о главных событиях запуска через SMTP с шифрованием."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ConfigDict, Field, SecretStr, model_validator

from tts_framework.components import Alerter, AlertOptions, TryLater
from tts_framework.errors import TTSFError
from tts_framework.events import Event
from tts_framework.hookspecs import hookimpl
from tts_framework.secrets import redact
from tts_framework.wording import describe

if TYPE_CHECKING:
    import smtplib
    from email.message import EmailMessage

_SUBJECT_LENGTH = 120


class Email(Alerter):
    """Отправляет письмо на событие; частые события приходят сводкой раз в `quiet_seconds`.

    Соединение открывается на каждое письмо: между ними проходят минуты и часы.
    """

    class Config(AlertOptions):
        """Почтовый сервер и адресаты."""

        model_config = ConfigDict(hide_input_in_errors=True)

        host: str = Field(min_length=1, description="Адрес сервера SMTP.")
        port: int = Field(587, ge=1, le=65535, description="Порт сервера.")
        security: Literal["starttls", "ssl", "none"] = Field(
            "starttls", description="Шифрование: STARTTLS, TLS с первого байта или никакого."
        )
        username: str | None = Field(None, description="Имя для входа.")
        password: SecretStr | None = Field(None, description="Пароль; пишите `${ИМЯ}`.")
        sender: str = Field(min_length=3, description="Адрес отправителя.")
        to: tuple[str, ...] = Field(min_length=1, description="Адреса получателей.")
        timeout_seconds: float = Field(15.0, gt=0, description="Ждать ответа сервера, с.")
        quiet_seconds: float = Field(600.0, ge=0, description="Писать не чаще, с.")
        ca_file: Path | None = Field(None, description="Сертификаты, которым верить (PEM).")

        @model_validator(mode="after")
        def _safe_login(self) -> Email.Config:
            if (self.username is None) != (self.password is None):
                raise ValueError("username and password go together; set both or neither")
            if self.password is not None and self.security == "none":
                raise ValueError(
                    "security 'none' would send the password in the clear; use starttls or ssl"
                )
            return self

    config: Config

    @property
    def _password(self) -> str:
        return self.config.password.get_secret_value() if self.config.password else ""

    def notify(self, event: Event) -> None:
        """Отправь письмо; не дольше нескольких `timeout_seconds`.

        Raises:
            TryLater: сервер недоступен или занят (ответ 4xx).
            TTSFError: не принял пароль или письмо; секрета в тексте нет.
        """
        import smtplib

        try:
            with self._connect() as server:
                if self.config.username is not None:
                    server.login(self.config.username, self._password)
                server.send_message(self._letter(event))
        except smtplib.SMTPAuthenticationError as error:
            raise self._failed(f"login refused ({error.smtp_code}); check the password") from None
        except (OSError, smtplib.SMTPException) as error:
            kind = TryLater if _passes(error) else TTSFError
            raise self._failed(f"{type(error).__name__}: {error}", kind) from None

    def _connect(self) -> smtplib.SMTP:
        import smtplib
        import ssl

        config = self.config
        context = ssl.create_default_context(
            cafile=None if config.ca_file is None else str(config.ca_file)
        )
        timeout: dict[str, Any] = {"timeout": config.timeout_seconds}
        if config.security == "ssl":
            return smtplib.SMTP_SSL(config.host, config.port, context=context, **timeout)
        server = smtplib.SMTP(config.host, config.port, **timeout)
        if config.security == "starttls":
            try:
                server.starttls(context=context)
            except BaseException:
                server.close()
                raise
        return server

    def _letter(self, event: Event) -> EmailMessage:
        from email.message import EmailMessage
        from email.utils import formatdate

        text = redact(describe(event), [self._password])
        letter = EmailMessage()
        letter["Subject"] = f"[ttsf] {text}"[:_SUBJECT_LENGTH]
        letter["From"] = self.config.sender
        letter["To"] = ", ".join(self.config.to)
        letter["Date"] = formatdate(event.at, localtime=True)
        facts = "".join(f"{name}: {value}\n" for name, value in self.facts().items())
        letter.set_content(redact(f"{text}\n\n{facts}\n{type(event).__name__}\n"))
        return letter

    def _failed(self, reason: str, kind: type[TTSFError] = TTSFError) -> TTSFError:
        text = redact(reason, [self._password])
        return kind(f"email: {self.config.host}:{self.config.port}: {text}")


def _passes(error: Exception) -> bool:
    """Скажи, может ли ошибка пройти сама: обрыв связи или временный отказ сервера (4xx)."""
    import smtplib
    import ssl

    if isinstance(error, smtplib.SMTPResponseException):
        return 400 <= error.smtp_code < 500
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(400 <= code < 500 for code, _ in error.recipients.values())
    if isinstance(error, ssl.SSLCertVerificationError | smtplib.SMTPNotSupportedError):
        return False
    return isinstance(error, OSError | smtplib.SMTPServerDisconnected)


@hookimpl
def ttsf_alerter() -> type[Alerter]:
    return Email
