"""The worker knows the long work of this module by importing it."""

from src.platform.families.whole_school import KIND

__all__ = ["KIND"]
