"""What an account or an hour opened, and whom it concerns: the notice after a breach. Calls whoever links people."""
