from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from graphrag_lite.errors import ModelRefusedError
from graphrag_lite.llm import trust
from graphrag_lite.llm.endpoint import Endpoint
from graphrag_lite.llm.foreign import foreign_errors

_NAMED = ("SSL_CERT_FILE", "SSL_CERT_DIR")


class _Models(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 127.0.0.1, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def server(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    http = ThreadingHTTPServer(("127.0.0.1", 0), _Models)
    http.socket = context.wrap_socket(http.socket, server_side=True)
    threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    for name in _NAMED:
        monkeypatch.delenv(name, raising=False)
    yield Endpoint(f"https://127.0.0.1:{http.server_port}/v1", is_local=True)
    http.shutdown()
    http.server_close()


def ask(endpoint: Endpoint) -> object:
    with endpoint.connect() as client, foreign_errors(endpoint):
        return client.get("/models", cast_to=object)


def test_a_certificate_of_nobody_known_is_refused_with_what_to_do(server: Endpoint) -> None:
    with pytest.raises(ModelRefusedError, match=r"certificate that is not trusted: .*SSL_CERT_FILE"):
        ask(server)


def test_certificates_that_are_named_later_are_trusted(
    server: Endpoint, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelRefusedError):
        ask(server)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert ask(server) == {}
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ModelRefusedError):
        ask(server)


def test_a_file_of_certificates_that_is_missing_is_named(server: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "missing.pem")
    with pytest.raises(ModelRefusedError, match=r"SSL_CERT_FILE=missing\.pem"):
        ask(server)


def test_certificates_are_read_once_and_only_for_a_connection_that_needs_them(
    server: Endpoint, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    before = trust._authorities.cache_info().currsize
    monkeypatch.setenv("SSL_CERT_DIR", str(certificate.parent))
    with server.connect():
        assert trust._authorities.cache_info().currsize == before
    for _ in range(3):
        ask(server)
    assert trust._authorities.cache_info().currsize == before + 1
