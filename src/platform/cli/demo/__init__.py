"""`qorgan demo`: the whole service on this machine with a region to try it in."""
