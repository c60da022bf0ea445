import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from forcedex.domain.errors import ConfigurationError
from forcedex.keys import Keys, make_key
from forcedex.settings import Settings


def test_a_key_that_is_missing_is_made_for_this_users_eyes_only_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "key"
    sealed = Keys([path]).seal(b"text", ["a"])
    assert (len(path.read_bytes()), stat.S_IMODE(path.stat().st_mode)) == (32, 0o600)
    assert Keys([path]).unseal(sealed, ["a"]) == b"text"
    assert [each.name for each in path.parent.iterdir()] == ["key"]


def test_processes_that_make_the_key_at_once_agree_on_one(tmp_path: Path) -> None:
    path = tmp_path / "key"

    def make(_: int) -> bytes:
        make_key(path)
        return path.read_bytes()

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(make, range(32)))
    assert len(found) == 1 and len(found.pop()) == 32


def test_listing_never_makes_a_key(tmp_path: Path) -> None:
    sealed = Keys([tmp_path / "one"]).seal(b"text", ["a"])
    with pytest.raises(ConfigurationError, match="is not there"):
        Keys([tmp_path / "other"]).unseal(sealed, ["a"])
    assert not (tmp_path / "other").exists()


def test_a_text_opens_only_where_it_belongs(tmp_path: Path) -> None:
    keys = Keys([tmp_path / "key"])
    sealed = keys.seal(b"text", ["org", "Contact", "1"])
    for elsewhere in (["org", "Contact", "2"], ["org", "Contact1"], ["orgContact", "1"]):
        with pytest.raises(ValueError):
            keys.unseal(sealed, elsewhere)


def test_a_key_that_others_may_read_is_refused_with_what_to_run(tmp_path: Path) -> None:
    path = tmp_path / "key"
    make_key(path)
    path.chmod(0o604)
    with pytest.raises(ConfigurationError, match=f"Run `chmod 600 {path}`"):
        Keys([path]).ready()


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_key_of_another_size_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "key"
    path.touch(0o600)
    path.write_bytes(b"k" * size)
    with pytest.raises(ConfigurationError, match="does not hold 32 bytes") as caught:
        Keys([path]).ready()
    assert "kkk" not in str(caught.value)


def test_in_a_rotation_no_key_is_made_up(tmp_path: Path) -> None:
    make_key(tmp_path / "new")
    with pytest.raises(ConfigurationError, match="old is not there"):
        Keys([tmp_path / "new", tmp_path / "old"]).ready()


def test_a_key_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot be made"):
        Keys([tmp_path / "file" / "key"]).ready()


def test_the_setting_takes_a_path_or_several(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(Settings().server.key_files) == [Path(".forcedex/key")]
    monkeypatch.setenv("FORCEDEX_SERVER__KEY_FILE", "/one")
    assert list(Settings().server.key_files) == [Path("/one")]
    monkeypatch.setenv("FORCEDEX_SERVER__KEY_FILE", '["/new", "/old"]')
    assert list(Settings().server.key_files) == [Path("/new"), Path("/old")]
