"""How people get in and go: invitations, members, the last day. Calls deadlines, teams, vault, accounts and below."""
