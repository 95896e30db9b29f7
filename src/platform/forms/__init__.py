"""Forms of the law as data: fields, option lists, requirements, classes of fields. Calls kit only.

Other modules read `registry`, `validation` and `cut`; the module knows no database and no page.
"""
