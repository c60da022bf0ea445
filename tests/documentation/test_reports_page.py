"""The page of the reports keeps up with their definitions."""

from tests.documentation.reports_page import PAGE, page


def test_the_page_of_the_reports_says_what_the_definitions_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "Run `python -m tests.documentation.reports_page`."
