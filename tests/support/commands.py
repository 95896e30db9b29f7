"""`qorgan …` as an operator types it."""

import asyncio
import subprocess
import sys


async def qorgan(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the service in a process of its own, with the settings of the test."""
    command = [sys.executable, "-m", "src.platform.cli", *arguments]
    return await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False, timeout=120)
