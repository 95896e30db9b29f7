"""The monthly log of referrals outside education: what stands in a month, and the commission's copy of it."""
