"""The commission's work on a child's case (process (f)): the comprehensive assessment. Calls referrals and below."""
