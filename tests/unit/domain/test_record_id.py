import pytest

from forcedex.domain.record_id import is_record_id, to_18


@pytest.mark.parametrize("given", ["001A0000006Vm9r", "001A0000006Vm9rIAC"])
def test_an_id_of_15_or_18_characters_becomes_18(given: str) -> None:
    assert to_18(given) == "001A0000006Vm9rIAC"


@pytest.mark.parametrize(
    "given", ["001A0000006Vm9", "001A0000006Vm9r!AC", "001a0000006vm9riac", "001A0000006Vm9rIAD", ""]
)
def test_anything_else_is_refused(given: str) -> None:
    assert not is_record_id(given)
    with pytest.raises(ValueError, match=r"record Id|checksum"):
        to_18(given)
