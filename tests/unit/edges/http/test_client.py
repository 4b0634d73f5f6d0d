"""The HTTP client against a server that misbehaves: end state, attempts, deadline."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import threading
from datetime import UTC, datetime
from time import monotonic

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from passerelle.edges.http.client import HttpClient
from passerelle.edges.http.failure import UnansweredError
from passerelle.edges.http.policy import Policy
from passerelle.vocabulary.errors import FlowError, TransientError

KEY = {"Idempotency-Key": "clef-1"}


@pytest.fixture
def client(server, clock):
    made = HttpClient(
        server.url + "/v1", policy=Policy(deadline=5, connect=1, per_second=0, max_bytes=10_000), clock=clock
    )
    yield made
    made.close()


def test_a_path_is_relative_to_the_base_url_and_parameters_are_encoded(client, server):
    server.follows(server.reply(200, {"ok": True}))
    assert client.get("visits?page=2", {"since": "a b"}).json() == {"ok": True}
    assert client.get("/visits").status == 200
    assert [asked.target for asked in server.asked] == ["/v1/visits?page=2&since=a+b", "/v1/visits"]


def test_what_is_sent_to_the_base_url_itself_goes_where_what_is_asked_of_it_goes(client, server):
    client.get("")
    client.post("", b"{}")
    client.send("POST", "visits", b"{}", key="k")
    client.send("POST", "", b"{}", key="k")
    assert [asked.target for asked in server.asked] == ["/v1/", "/v1/", "/v1/visits", "/v1/"]


def test_a_whole_url_on_the_same_origin_is_followed(client, server):
    assert client.get(f"{server.url}/elsewhere?page=3").status == 200
    assert server.asked[0].target == "/elsewhere?page=3"


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/v1/visits",
        "//evil.example/visits",
        "\\\\evil.example/visits",
        "http://127.0.0.1:1/visits",
        "https://127.0.0.1/visits",
        "http://user@127.0.0.1/visits",
    ],
)
def test_another_origin_is_never_asked(client, server, path):
    with pytest.raises(FlowError) as caught:
        client.get(path)
    assert caught.value.code == "incident.address.foreign"
    assert server.asked == []


def test_we_ask_for_no_compression_and_keep_no_cookie(client, server):
    server.follows(server.reply(200, {}, Set_Cookie="session=1; Path=/"))
    client.get("a")
    client.get("b")
    assert server.asked[1].headers["accept-encoding"] == "identity"
    assert "cookie" not in server.asked[1].headers
    assert server.connections == 1


STANDING = {
    "connection": "keep-alive",
    "accept": "application/json",
    "accept-encoding": "identity",
    "user-agent": "passerelle",
}


@pytest.mark.parametrize(
    ("method", "body", "size"),
    [("POST", b"{}", "2"), ("POST", b"", "0"), ("put", b"", "0"), ("DELETE", b"", None), ("DELETE", b"{}", "2")],
)
def test_a_record_travels_under_these_headers_and_no_others(client, server, method, body, size):
    server.follows(server.reply(204))
    client.send(method, "a", body, key_header="X-Key", key="k")
    told = server.asked[0].headers
    assert told.pop("host") == server.url.removeprefix("http://")
    assert told.pop("content-length", None) == size
    assert told == {**STANDING, "content-type": "application/json", "x-key": "k"}
    assert (server.asked[0].method, server.asked[0].body) == (method.upper(), body)


def test_a_question_travels_under_these_headers_and_no_others(client, server):
    client.get("a")
    assert server.asked[0].headers == {**STANDING, "host": server.url.removeprefix("http://")}


def test_records_to_several_paths_in_turn_each_arrive_at_their_own(client, server):
    for path in ("a", "a", "b", "a"):
        client.send("POST", path, b"{}")
    assert [asked.target for asked in server.asked] == ["/v1/a", "/v1/a", "/v1/b", "/v1/a"]


def test_proxies_of_the_environment_are_not_used(client, server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert client.get("a").status == 200


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_question_is_asked_again_until_it_is_answered(client, server, clock, status):
    server.follows(server.reply(status), server.reply(status), server.reply(200, {}))
    assert client.get("a").status == 200
    assert len(server.asked) == 3
    assert len(clock.slept) == 2
    assert max(clock.slept) <= 5


@pytest.mark.parametrize(("status", "code"), [(500, "failing"), (503, "failing"), (429, "busy")])
def test_a_supplier_that_stays_down_makes_the_batch_wait(client, server, status, code):
    server.follows(server.reply(status))
    with pytest.raises(TransientError) as caught:
        client.get("a")
    assert caught.value.code == f"incident.supplier.{code}"
    assert len(server.asked) == 4


@pytest.mark.parametrize("status", [400, 404, 409, 410, 413, 422])
def test_other_4xx_come_back_as_they_are(client, server, status):
    server.follows(server.reply(status, {"code": "x"}))
    assert client.get("a").status == status
    assert client.post("a", b"{}", KEY).status == status
    assert len(server.asked) == 2


@pytest.mark.parametrize("status", [500, 503])
def test_a_post_without_a_key_is_not_repeated_once_it_was_sent(client, server, status):
    server.follows(server.reply(status))
    with pytest.raises(UnansweredError):
        client.post("a", b"{}")
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [425, 429])
def test_a_post_that_was_not_processed_is_repeated_without_a_key(client, server, status):
    server.follows(server.reply(status), server.reply(201, {}))
    assert client.post("a", b"{}").status == 201


def test_a_post_is_repeated_with_the_same_key_and_body(client, server):
    server.follows(server.reply(500), server.raw(b"", reset=True), server.reply(201, {"id": "7"}))
    assert client.post("a", b'{"a": 1}', KEY).status == 201
    assert {(asked.headers["idempotency-key"], asked.body) for asked in server.asked} == {("clef-1", b'{"a": 1}')}
    assert len(server.asked) == 3


def test_a_reset_without_a_key_is_unanswered_after_one_attempt(client, server):
    server.follows(server.raw(b"", reset=True))
    with pytest.raises(UnansweredError):
        client.post("a", b"{}")
    assert len(server.asked) == 1


def test_a_maybe_stays_a_maybe_when_the_last_attempt_found_nobody(client, server, clock):
    def dies(connection, _asked):
        server.close()
        return False

    server.follows(dies)
    with pytest.raises(UnansweredError):
        client.post("a", b"{}", KEY)


def test_nobody_there_is_transient_and_nothing_was_sent(clock):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    client = HttpClient(f"http://127.0.0.1:{port}", policy=Policy(deadline=5, per_second=0), clock=clock)
    with pytest.raises(TransientError) as caught:
        client.post("a", b"{}")
    assert not isinstance(caught.value, UnansweredError)
    assert caught.value.code == "incident.supplier.unreachable"
    assert len(clock.slept) == 3
    client.close()


@pytest.mark.parametrize(
    "broken",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"not HTTP at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 1000) for n in range(200)) + b"\r\n",
        b"",
    ],
    ids=["wrong length", "chunk cut", "headers cut", "not http", "headers without end", "nothing"],
)
@pytest.mark.parametrize("reset", [True, False])
def test_an_answer_that_breaks_is_asked_again(client, server, broken, reset):
    server.follows(server.raw(broken, reset=reset), server.reply(200, {}))
    assert client.get("a").status == 200
    assert len(server.asked) == 2


def test_truncated_json_is_transient_for_who_reads_it(client, server):
    server.follows(server.reply(200, b'{"items": [1, 2'))
    with pytest.raises(TransientError) as caught:
        client.get("a").json()
    assert caught.value.code == "incident.supplier.garbled"


@pytest.mark.parametrize("pace", [0.02, 0.3])
def test_a_server_that_drips_does_not_outlive_the_deadline(server, clock, pace):
    client = HttpClient(server.url, policy=Policy(deadline=0.8, attempts=4, per_second=0), clock=clock)
    server.follows(server.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", pace))
    begun = monotonic()
    with pytest.raises(TransientError) as caught:
        client.get("a")
    assert monotonic() - begun < 5, "the whole answer would take half an hour"
    assert caught.value.code == "incident.supplier.slow"
    client.close()


def test_a_body_that_drips_does_not_outlive_the_deadline(server, clock):
    client = HttpClient(server.url, policy=Policy(deadline=0.6, per_second=0), clock=clock)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"

    def act(connection, asked):
        connection.sendall(head)
        return server.drip(b"", 0.05)(connection, asked)

    server.follows(act)
    begun = monotonic()
    with pytest.raises(UnansweredError):
        client.post("a", b"{}", KEY)
    assert monotonic() - begun < 5, "the whole answer would take more than an hour"
    client.close()


def test_an_answer_beyond_the_limit_stops_the_flow(client, server):
    server.follows(server.reply(200, b"x" * 10_001))
    with pytest.raises(FlowError) as caught:
        client.get("a")
    assert caught.value.code == "incident.supplier.oversized"


def test_a_compressed_bomb_stops_at_the_limit(client, server):
    server.follows(server.reply(200, gzip.compress(b"0" * 50_000_000, mtime=0), Content_Encoding="gzip"))
    with pytest.raises(FlowError) as caught:
        client.get("a")
    assert caught.value.code == "incident.supplier.oversized"


def test_compression_that_we_did_not_ask_for_is_read_all_the_same(client, server):
    server.follows(server.reply(200, gzip.compress(b'{"a": 1}', mtime=0), Content_Encoding="gzip"))
    assert client.get("a").json() == {"a": 1}


@pytest.mark.parametrize(
    ("body", "coding"), [(gzip.compress(b"ab", mtime=0)[:-9], "gzip"), (b"zz", "gzip"), (b"zz", "br")]
)
def test_compression_that_cannot_be_read_is_garbled(client, server, body, coding):
    server.follows(server.reply(200, body, Content_Encoding=coding))
    with pytest.raises(TransientError) as caught:
        client.get("a")
    assert caught.value.code == "incident.supplier.garbled"


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (301, FlowError, "incident.supplier.moved"),
        (308, FlowError, "incident.supplier.moved"),
        (302, TransientError, "incident.supplier.redirected"),
        (307, TransientError, "incident.supplier.redirected"),
        (401, FlowError, "incident.credentials.refused"),
        (403, FlowError, "incident.access.forbidden"),
    ],
)
def test_redirections_and_refusals_end_the_call_at_once(client, server, status, kind, code):
    server.follows(server.reply(status, Location=f"{server.url}/elsewhere"))
    with pytest.raises(kind) as caught:
        client.get("a")
    assert caught.value.code == code
    assert len(server.asked) == 1


@pytest.mark.parametrize("hint", ["2", "Mon, 02 Mar 2026 08:00:02 GMT"])
def test_a_short_retry_after_is_slept_and_never_undercut(client, server, clock, hint):
    server.follows(server.reply(429, Retry_After=hint), server.reply(200, {}))
    assert client.get("a").status == 200
    assert 2 <= clock.slept[0] < 2.5


@pytest.mark.parametrize(
    ("hint", "told"),
    [
        ("120", 120),
        ("Mon, 02 Mar 2026 08:05:00 GMT", 300),
        ("999999999999999999999", 3600),
        ("9" * 5000, 3600),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600),
    ],
)
def test_a_long_retry_after_makes_the_batch_wait(client, server, clock, hint, told):
    server.follows(server.reply(503, Retry_After=hint))
    with pytest.raises(TransientError) as caught:
        client.get("a")
    assert caught.value.retry_after == pytest.approx(told)
    assert clock.slept == []
    assert len(server.asked) == 1


@pytest.mark.parametrize("hint", ["soon", "-5", "Sun, 01 Mar 2026 08:00:00 GMT", "1.5.2", "", "Mon, 99 Zzz", "٣"])
def test_a_past_or_garbled_retry_after_is_no_hint(client, server, clock, hint):
    server.follows(server.reply(429, Retry_After=hint.encode().decode("latin-1")), server.reply(200, {}))
    assert client.get("a").status == 200
    assert clock.slept[0] <= 0.5


def test_a_key_that_is_being_worked_on_is_asked_again(client, server):
    server.follows(server.reply(409), server.reply(201, {}))
    assert client.send("POST", "a", b"{}", key_header="Idempotency-Key", key="k").status == 201


def test_a_conflict_that_stays_is_returned(client, server):
    server.follows(server.reply(409))
    assert client.send("POST", "a", b"{}", key_header="Idempotency-Key", key="k").status == 409
    assert len(server.asked) == 4


def test_a_conflict_without_a_key_is_returned_at_once(client, server):
    server.follows(server.reply(409))
    assert client.send("POST", "a", b"{}").status == 409
    assert len(server.asked) == 1


def test_a_put_is_repeated_without_a_key(client, server):
    server.follows(server.raw(b""), server.reply(204))
    assert client.send("put", "a", b"{}").status == 204


def test_calls_are_spaced_as_promised(server, clock):
    client = HttpClient(server.url, policy=Policy(per_second=0.5), clock=clock)
    for _turn in range(3):
        client.get("a")
    assert len(clock.slept) == 2
    assert 1.5 < clock.slept[0] <= 2
    client.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example/v1",
        "ftp://api.example",
        "api.example",
        "",
        "http://",
        "http://10.0.0.5/",
        "http://localhost.example",
    ],
)
def test_plain_http_is_for_this_machine_only(clock, url):
    with pytest.raises(FlowError) as caught:
        HttpClient(url, policy=Policy(), clock=clock)
    assert caught.value.code == "incident.address.clear"


@pytest.mark.parametrize("url", ["https://h:99999999/", "http://\x00/", "https://" + "a" * 70_000])
def test_what_is_not_an_address_is_said_so(clock, url):
    with pytest.raises(FlowError) as caught:
        HttpClient(url, policy=Policy(), clock=clock)
    assert caught.value.code == "incident.address.unusable"


def test_a_private_network_may_be_spoken_to_in_clear_when_declared(clock):
    HttpClient("http://10.0.0.5/api", policy=Policy(allowed_private=True), clock=clock).close()


def test_a_handshake_that_never_ends_is_unreachable_and_nothing_was_sent(clock):
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    client = HttpClient(f"https://127.0.0.1:{port}", policy=Policy(deadline=1, attempts=1, per_second=0), clock=clock)
    with listener, pytest.raises(TransientError) as caught:
        client.post("a", b"{}")  # a server that never shakes hands
    assert caught.value.code == "incident.supplier.unreachable"
    assert not isinstance(caught.value, UnansweredError)
    client.close()


def test_the_mock_transport_of_other_tests_is_supported(clock, httpx_mock):
    httpx_mock.add_response(url="https://api.example/v1/a?b=c", json={"ok": 1})
    httpx_mock.add_exception(httpx.ReadTimeout("too slow"), url="https://api.example/v1/b")
    client = HttpClient("https://api.example/v1/", policy=Policy(attempts=1), clock=clock)
    assert client.get("a", {"b": "c"}).json() == {"ok": 1}
    with pytest.raises(TransientError) as caught:
        client.get("b")
    assert caught.value.code == "incident.supplier.slow"
    client.close()


@pytest.fixture
def self_signed(tmp_path):
    """Make a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    days = datetime(2026, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, *days).sign(key, hashes.SHA256())
    path = tmp_path / "both.pem"
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + built.public_bytes(Encoding.PEM)
    path.write_bytes(text)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_a_certificate_that_nobody_vouches_for_stops_the_flow(clock, self_signed):
    def answer(listener):
        with contextlib.suppress(OSError), listener.accept()[0] as connection:
            self_signed.wrap_socket(connection, server_side=True).recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer, args=(listener,), daemon=True).start()
        port = listener.getsockname()[1]
        client = HttpClient(f"https://localhost:{port}", policy=Policy(deadline=3, per_second=0), clock=clock)
        with pytest.raises(FlowError) as caught:
            client.post("a", b"{}", KEY)
        client.close()
    assert caught.value.code == "incident.supplier.untrusted"


def test_a_closed_client_opens_again_when_it_is_needed(client, server):
    client.get("a")
    client.close()
    assert client.get("b").status == 200
    assert server.connections == 2
