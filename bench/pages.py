"""Every page of the demo region, as everybody sees it, one request at a time: p50 within 25 ms.

    python -m bench.pages [--most 25]

Begins at the home page of each role and follows links, one for each kind of address; a page's time is the median of
nine requests after a first one that is not counted. The region is made the first time (`qorgan demo --region`).
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import time
from collections import deque

import httpx

from src.platform.cli.demo.history.build import sign_ins
from src.platform.cli.demo.people import PEOPLE
from src.platform.cli.demo.region import PASSWORD
from src.platform.cli.local.ports import free_port
from tests.support.shares import NO_LINES

_LINK = re.compile(r'<a [^>]*href="(/[^"#]*)"')
_NUMBER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_NEVER = ("/assets", "/sign-out", "/language", "/exit")
_TIMES, _SHOWN, _PATIENCE = 9, 20, 900


def main() -> None:
    """Print the slowest pages; exit 1 where one is above the bound."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--most", type=float, default=25.0)
    most = asked.parse_args().most
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    demo = subprocess.Popen(
        [sys.executable, "-m", "src.platform.cli", "demo", "--region"],
        env=os.environ | NO_LINES | {"QORGAN_PORT": str(port)},
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait(address, demo)
        found = sorted(_of_everybody(address), reverse=True)
    finally:
        demo.terminate()
        demo.wait()
    slow = [one for one in found if one[0] > most]
    print(f"{len(found)} pages, the slowest:")
    for took, role, path in found[:_SHOWN]:
        print(f"{took:>8.1f} ms  {role:<24}{path}")
    print(f"{len(slow)} above {most:.0f} ms")
    sys.exit(1 if slow else 0)


def _of_everybody(address: str) -> list[tuple[float, str, str]]:
    by_role = {" ".join(one.roles): one.sign_in for one in PEOPLE}
    by_role |= {one.roles: one.sign_in for one in sign_ins()}
    return [one for role, sign_in in by_role.items() for one in _of_person(address, role, sign_in)]


def _of_person(address: str, role: str, sign_in: str) -> list[tuple[float, str, str]]:
    headers = {"Origin": address, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    with httpx.Client(base_url=address, headers=headers, timeout=60) as client:
        answer = client.post("/sign-in", data={"sign_in": sign_in, "password": PASSWORD})
        cookie = answer.headers["set-cookie"].partition(";")[0]
        client.headers["Cookie"] = cookie  # it is marked for https only
        return list(_walk(client, role))


def _walk(client: httpx.Client, role: str) -> list[tuple[float, str, str]]:
    waiting, known, found = deque(["/"]), {"/"}, []
    while waiting:
        path = waiting.popleft()
        answer = client.get(path)
        if answer.status_code != 200 or not answer.headers["content-type"].startswith("text/html"):
            continue
        found.append((statistics.median(_took(client, path) for _ in range(_TIMES)), role, path))
        for link in (one.replace("&amp;", "&") for one in _LINK.findall(answer.text)):
            kind = _NUMBER.sub("{}", link.partition("?")[0])
            if kind not in known and not link.startswith(_NEVER):
                known.add(kind)
                waiting.append(link)
    return found


def _took(client: httpx.Client, path: str) -> float:
    began = time.perf_counter()
    client.get(path)
    return (time.perf_counter() - began) * 1000


def _wait(address: str, demo: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and demo.poll() is None:
        try:
            if httpx.get(f"{address}/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(1)
    sys.exit("The demo region did not start.")


if __name__ == "__main__":
    main()
