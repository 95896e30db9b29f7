"""`python -m src.platform.cli` is `qorgan`."""

from src.platform.cli.main import main

main()
