"""A server that is gone without a word is given up after a while, not after the two hours that TCP would wait."""

import socket
import sys
import time
from contextlib import closing

import psycopg
import pytest
import redis

from src.platform.kit.settings import settings
from src.platform.worker import broker


def test_s_46_a_doorbell_that_says_nothing_holds_nobody_up(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "_PATIENCE_SECONDS", 0.2)
    with closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("QORGAN_REDIS_URL", f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        settings.cache_clear()
        made = broker.make_broker()
        ring, began = broker.declare(made), time.monotonic()
        with pytest.raises(redis.RedisError):  # what the relay takes for “nobody was told”
            ring.send("01a200b7-73af-719a-8d23-866e1cfab98c")
        assert time.monotonic() - began < 5
        made.close()
    settings.cache_clear()


@pytest.mark.skipif(sys.platform != "linux", reason="the names of these options are Linux's")
@pytest.mark.parametrize("role", ["qorgan_app", "qorgan_worker", "qorgan_relay", "qorgan_oversight"])
def test_s_54_a_database_that_lost_its_power_is_noticed_within_twenty_seconds(database: str, role: str) -> None:
    with psycopg.connect(settings().role_url(role).replace("+psycopg", "")) as connection:
        line = socket.socket(fileno=connection.fileno())
        try:
            level = socket.IPPROTO_TCP
            assert line.getsockopt(level, socket.TCP_USER_TIMEOUT) == 20_000
            idle, every = (line.getsockopt(level, one) for one in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL))
            assert idle + every * line.getsockopt(level, socket.TCP_KEEPCNT) <= 20
        finally:
            line.detach()


def test_an_operator_may_choose_other_patience(monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    monkeypatch.setenv("QORGAN_DATABASE_URL", f"{database}?tcp_user_timeout=5000&sslmode=prefer")
    settings.cache_clear()
    url = settings().role_url("qorgan_app")
    assert "tcp_user_timeout=5000" in url
    assert "tcp_user_timeout=20000" not in url
    assert "sslmode=prefer" in url
    settings.cache_clear()
