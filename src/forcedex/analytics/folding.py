"""What a fold asks of each group."""

from collections.abc import Sequence
from dataclasses import replace

from forcedex.analytics.definition import Condition, Definition, Dimension, Filter, Fold

_GROUP = "group"


def within(
    definition: Definition, fold: Fold, more: Sequence[Condition]
) -> tuple[Definition, tuple[Dimension, ...], tuple[Condition, ...]]:
    """The definition over single groups; conditions on what held then go to the measures that are about it."""
    then = [each for each in more if isinstance(each, Filter)]  # any field may have had another value at the other end
    own = tuple(replace(each, field=fold.then.get(each.field, each.field)) for each in then)
    measures = tuple(
        replace(each, where=(*each.where, *own)) if each.name in fold.members else each for each in fold.measures
    )
    dimension = Dimension(name=_GROUP, label="Group", field=fold.field)
    left = tuple(each for each in more if each not in then)
    return replace(definition, measures=measures, ratios=(), shares=()), (dimension,), left
