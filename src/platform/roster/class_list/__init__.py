"""A class list as schools keep it: from the bytes of a file to clean rows or complaints in words. No database."""
