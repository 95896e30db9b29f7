"""The web process."""

import gc

import uvicorn

from src.platform.kit import telemetry
from src.platform.kit.settings import settings
from src.platform.web.app import create_app


def main() -> None:
    """Serve until SIGTERM or SIGINT. Frozen start-up objects are not walked by the collector again (stack.md C)."""
    telemetry.start("web")
    app = create_app()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    uvicorn.run(app, host=settings().host, port=settings().port, access_log=False, server_header=False, log_config=None)
