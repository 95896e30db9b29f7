"""The passwords that a running process needs, so that it does not hold the secret of the owner's and the backup's."""

import argparse
import json

from src.platform.kit.settings import settings

RUNNING = ("qorgan_app", "qorgan_oversight", "qorgan_relay", "qorgan_worker")
BACKUP = "qorgan_backup"


def main(arguments: list[str]) -> int:
    """Print the value of QORGAN_ROLE_PASSWORDS, to be kept as a secret."""
    parser = argparse.ArgumentParser(prog="qorgan passwords", description=__doc__)
    parser.add_argument("--backup", action="store_true", help="of the backup alone, for its own secret")
    roles = (BACKUP,) if parser.parse_args(arguments).backup else RUNNING
    print(json.dumps({role: settings().role_password(role) for role in roles}))
    return 0
