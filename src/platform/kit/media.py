"""Kinds of files that routes give: a route says `gives=(PDF,)`, so that the document of the API knows it."""

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"
BYTES = "application/octet-stream"
CALENDAR = "text/calendar"
