"""The reviewed list of addresses that need no sign-in (S-29). Adding one is a decision, not a convenience."""

PUBLIC_ROUTES = frozenset(
    {
        "/sign-in",  # the form and its answer
        "/join",  # the code of an invitation is typed here
        "/lang/{code:str}",  # a cookie with a language
        "/health",  # the process answers
        "/ready",  # policy loaded, database there
        "/assets/{file_path:path}",  # style, script and fonts
    }
)
