"""email: настоящий сервер SMTP на loopback, с TLS и без."""

from __future__ import annotations

import datetime
import ipaddress
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from tts_framework.builtin.email import Email
from tts_framework.errors import TTSFError
from tts_framework.events import RolledBack, RunStopped, Warned
from tts_framework.smart_tuner.alert_manager import AlertManager

PASSWORD = "pa55-of-the-robot"
EVENT = RolledBack(trial=3, to_trial=2, reason="z = -2.40 is below -2")
ADDRESSES = {"sender": "ttsf@example.org", "to": ["me@example.org", "you@example.org"]}


class Inbox:
    """Принимает письма и помнит их."""

    def __init__(self, refusal: str | None = None) -> None:
        self.letters: list[Envelope] = []
        self.refusal = refusal

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refusal:
            return self.refusal
        self.letters.append(envelope)
        return "250 OK"

    def text(self) -> str:
        [letter] = self.letters
        assert isinstance(letter.content, bytes)
        return letter.content.decode()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Выпусти самоподписанный сертификат для 127.0.0.1; верни файлы сертификата и ключа."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert_file, key_file


@pytest.fixture
def server_context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


Serve = Callable[..., int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Подними сервер и верни его порт."""
    controllers: list[Controller] = []

    def start(inbox: Inbox, **options: Any) -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        controller = Controller(inbox, hostname="127.0.0.1", port=port, **options)
        controller.start()
        controllers.append(controller)
        return port

    yield start
    for controller in controllers:
        controller.stop()


def only_with(password: str) -> Callable[..., AuthResult]:
    def check(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        return AuthResult(success=data.password.decode() == password, handled=False)

    return check


def email(port: int, **options: Any) -> Email:
    defaults: dict[str, Any] = {"host": "127.0.0.1", "port": port, "timeout_seconds": 10}
    return Email(Email.Config(**{**defaults, **ADDRESSES, **options}))


# --- доставка -------------------------------------------------------------------------------


def test_a_letter_reaches_every_recipient_with_the_event_in_its_subject(serve: Serve) -> None:
    inbox = Inbox()
    email(serve(inbox), security="none").notify(EVENT)
    assert inbox.letters[0].rcpt_tos == ["me@example.org", "you@example.org"]
    assert inbox.letters[0].mail_from == "ttsf@example.org"
    line = "trial 3 rolled back to trial 2: z = -2.40 is below -2"
    assert f"Subject: [ttsf] {line}" in inbox.text()
    assert "\r\n\r\n" + line in inbox.text()


def test_starttls_encrypts_and_logs_in(
    serve: Serve, server_context: ssl.SSLContext, certificate: tuple[Path, Path]
) -> None:
    inbox = Inbox()
    port = serve(
        inbox,
        tls_context=server_context,
        require_starttls=True,
        authenticator=only_with(PASSWORD),
        auth_required=True,
    )
    email(port, username="robot", password=PASSWORD, ca_file=certificate[0]).notify(EVENT)
    assert len(inbox.letters) == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_ssl_encrypts_from_the_first_byte(
    serve: Serve, server_context: ssl.SSLContext, certificate: tuple[Path, Path]
) -> None:
    inbox = Inbox()
    port = serve(
        inbox,
        ssl_context=server_context,
        authenticator=only_with(PASSWORD),
        auth_require_tls=False,
        auth_required=True,
    )
    options = {"security": "ssl", "username": "robot", "password": PASSWORD}
    email(port, **options, ca_file=certificate[0]).notify(EVENT)
    assert len(inbox.letters) == 1


def test_a_long_many_lined_message_stays_one_short_subject(serve: Serve) -> None:
    inbox = Inbox()
    text = "disk is nearly full\nBcc: everyone@example.org\n" + "very " * 100
    email(serve(inbox), security="none").notify(Warned(message=text))
    subject = inbox.text().split("Subject: ")[1].split("\r\nFrom:")[0]
    assert len(subject.replace("\r\n", "")) <= 120
    assert "\r\nBcc:" not in inbox.text()


# --- отказы ---------------------------------------------------------------------------------


def test_a_server_without_starttls_never_gets_the_password(serve: Serve) -> None:
    inbox = Inbox()
    with pytest.raises(TTSFError, match="STARTTLS extension not supported"):
        email(serve(inbox), username="robot", password=PASSWORD).notify(EVENT)
    assert inbox.letters == []


def test_an_untrusted_certificate_is_refused(serve: Serve, server_context: ssl.SSLContext) -> None:
    inbox = Inbox()
    port = serve(inbox, tls_context=server_context)
    with pytest.raises(TTSFError, match="CERTIFICATE_VERIFY_FAILED|certificate verify failed"):
        email(port, username="robot", password=PASSWORD).notify(EVENT)
    assert inbox.letters == []


def test_a_wrong_password_is_named_but_not_shown(
    serve: Serve, server_context: ssl.SSLContext, certificate: tuple[Path, Path]
) -> None:
    port = serve(
        Inbox(), tls_context=server_context, authenticator=only_with("other"), auth_required=True
    )
    alerter = email(port, username="robot", password=PASSWORD, ca_file=certificate[0])
    with pytest.raises(TTSFError, match=r"login refused \(535\); check the password") as error:
        alerter.notify(EVENT)
    assert PASSWORD not in str(error.value)


def test_a_refusing_server_is_named_and_its_echo_of_the_password_hidden(
    serve: Serve, server_context: ssl.SSLContext, certificate: tuple[Path, Path]
) -> None:
    inbox = Inbox(refusal=f"554 no {PASSWORD} here")
    port = serve(inbox, tls_context=server_context, authenticator=only_with(PASSWORD))
    alerter = email(port, username="robot", password=PASSWORD, ca_file=certificate[0])
    with pytest.raises(TTSFError, match=r"email: 127\.0\.0\.1:\d+: SMTPDataError") as error:
        alerter.notify(EVENT)
    assert PASSWORD not in str(error.value) and "***" in str(error.value)


def test_a_closed_port_is_named() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(TTSFError, match=f"email: 127.0.0.1:{port}: ConnectionRefusedError"):
        email(port).notify(EVENT)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Слушай и молчи: соединение открывается, приветствия нет."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


@pytest.mark.parametrize("security", ["none", "starttls", "ssl"])
def test_a_hanging_server_is_given_up(silent_port: int, security: str) -> None:
    with pytest.raises(TTSFError, match="(?i)timed out"):
        email(silent_port, security=security, timeout_seconds=0.2).notify(EVENT)


def test_a_hanging_server_never_blocks_the_loop_nor_leaks_the_password(
    silent_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    options = {"username": "robot", "password": PASSWORD, "timeout_seconds": 0.5}
    with caplog.at_level(logging.DEBUG):
        manager = AlertManager({"email": email(silent_port, **options)})
        caller = threading.Thread(target=manager.handle, args=(EVENT,))
        caller.start()
        caller.join(timeout=0.4)
        assert not caller.is_alive()
        manager.handle(RunStopped(reason="done", finished=True))
        manager.close(20)
    assert "alerter email failed: given up: email: 127.0.0.1" in caplog.text
    assert PASSWORD not in caplog.text


# --- настройки ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"username": "robot"}, "username and password go together"),
        (
            {"username": "robot", "password": PASSWORD, "security": "none"},
            "would send the password in the clear",
        ),
        ({"to": []}, "to"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
    ],
)
def test_bad_options_are_refused_without_showing_the_password(
    options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem) as error:
        email(25, **options)
    assert PASSWORD not in str(error.value)


def test_the_password_is_shown_by_nothing() -> None:
    alerter = email(25, username="robot", password=PASSWORD)
    assert PASSWORD not in f"{alerter.config!r} {alerter.config.model_dump()} {vars(alerter)}"


def test_the_quiet_time_comes_from_the_options() -> None:
    assert email(25, quiet_seconds=5).quiet_seconds == 5
