"""Tests ask more in a second than a school in a day: their processes have no lines (`web.line`)."""

NO_LINES = {
    "QORGAN_ORGANISATION_SHARE": '{"rate": 1000000, "burst": 1000000}',
    "QORGAN_PERSON_SHARE": '{"rate": 1000000, "burst": 1000000}',
}
