"""Form J: the school's monthly log of referrals outside education."""
