"""The reviewed lists of addresses that need no sign-in, and no second factor (S-26, S-29).

Adding one is a decision, not a convenience.
"""

PUBLIC_ROUTES = frozenset(
    {
        "/sign-in",  # the form and its answer
        "/join",  # the code of an invitation is typed here
        "/s/{slug:str}",  # the public address of a school: whom to call, the ways on
        "/s/{slug:str}/telling",  # that telling is no tattling, for every child to read and print
        "/s/{slug:str}/report",  # four questions without an account (X8, decisions 20)
        "/s/{slug:str}/receipt",  # the code of a receipt is typed here
        "/s/{slug:str}/receipt/answer",  # who has it answers the team
        "/weekly",  # the code of a one-time link is typed here (decisions 21)
        "/weekly/report",  # who has it reports one week, once
        "/calendar/{feed_token:str}",  # the secret address of a person's calendar: codes and terms (ADR 18)
        "/lang/{code:str}",  # a cookie with a language
        "/health",  # the process answers
        "/ready",  # policy loaded, database there
        "/assets/{file_path:path}",  # style, script and fonts
    }
)
BEFORE_SECOND_FACTOR = frozenset(
    {
        "/second-factor",  # where it is asked
        "/second-factor/app",  # setting up the first one; a later one asks for the present one, in the verb
        "/second-factor/codes",  # the same without a telephone
        "/sign-out",  # going
        "/language/{code:str}",  # reading the question in one's own language
        "/organisations/mine",  # names of organisations, which are public
        "/organisations/{tenant_id:uuid}/switch",  # going on where no second factor is asked
    }
)
