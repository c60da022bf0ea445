from datetime import UTC, datetime, timedelta

from forcedex.sync.recent import Recent

READ_AT = datetime(2026, 1, 31, 10, 1, tzinfo=UTC)
OLD = ["001", "2026-01-31T10:00:00.000Z", "false"]


def test_what_was_read_when_its_second_was_over_is_not_written_again() -> None:
    recent = Recent()
    recent.learn([OLD], 0, 1, 2, READ_AT)
    assert recent.unseen([OLD], 0, 1, 2) == []


def test_what_was_read_within_its_second_is_written_again_because_it_may_have_changed() -> None:
    recent = Recent()
    recent.learn([OLD], 0, 1, 2, datetime(2026, 1, 31, 10, 0, 1, tzinfo=UTC))
    assert recent.unseen([OLD], 0, 1, 2) == [OLD]


def test_a_new_stamp_or_a_deletion_is_new() -> None:
    recent = Recent()
    recent.learn([OLD], 0, 1, 2, READ_AT)
    changed = ["001", "2026-01-31T10:00:30.000Z", "false"]
    deleted = ["001", "2026-01-31T10:00:00.000Z", "true"]
    assert recent.unseen([changed, deleted], 0, 1, 2) == [changed, deleted]


def test_what_no_poll_reads_again_is_forgotten() -> None:
    recent = Recent()
    recent.learn([OLD], 0, 1, 2, READ_AT)
    recent.forget_before(READ_AT + timedelta(hours=1))
    assert recent.unseen([OLD], 0, 1, 2) == [OLD]


def test_what_is_written_once_more_to_be_sure_does_not_count_as_a_change_again() -> None:
    recent = Recent()
    assert recent.new([OLD], 0, 1, 2) == 1
    recent.learn([OLD], 0, 1, 2, datetime(2026, 1, 31, 10, 0, 1, tzinfo=UTC))
    assert recent.new([OLD], 0, 1, 2) == 0
