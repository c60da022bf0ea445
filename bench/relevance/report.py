"""The figures as a page."""

from collections.abc import Mapping, Sequence
from statistics import mean

from bench.relevance.judging import Figures
from bench.relevance.queries import BESIDE, HARD, PLAIN, Query

_WIDTH = 20  # characters of a bar
#: Not public: what Salesforce finds by spell correction, nicknames and numbers in another spelling.
_UNCLAIMED = ("typo", "nickname", "phone")


def page(
    judged: Mapping[str, Mapping[str, Figures]], made: Sequence[Query], *, records: int, seen: int, seed: int
) -> str:
    """Markdown: one row for each class, ours with a bar, then the others."""
    others = [name for name in judged if name != "ours"]
    lines = [
        "# Relevance",
        "",
        f"Made by `make relevance`: {records:,} generated records in an embedded Elasticsearch, asked by a user with "
        f"200 tokens who sees {seen:,} of them; {len(made):,} queries drawn with seed {seed} (tuning used seed 1). "
        "Every record that fits the query's intent and that the user may see is wanted, namesakes too.",
        "",
        "The generator, the classes and the search have one author: the figures say that the mechanisms work, not "
        "what people will see in their own org.",
        "",
        "SOSL: Salesforce's search as far as its matching is public, by the local org, over the records that the user "
        "sees: whole words without case, all of them in one record. Its order and its mixed list are not public: here "
        "the best names come first, and the lists of the objects take turns. ¹ Rests on spell correction, "
        "nicknames or spellings of numbers, which are not public either: no claim against Salesforce, and not in its "
        "means.",
        "",
        "| class | nDCG@10 | | MRR | success@1 | without hits |" + "".join(f" {name} nDCG@10 |" for name in others),
        "| --- | ---: | --- | ---: | ---: | ---: |" + " ---: |" * len(others),
    ]
    ours = judged["ours"]
    for title, kinds in (("plain classes", PLAIN), ("hard classes", HARD), ("beside", BESIDE)):
        known = [each for each in kinds if each in ours]
        lines += [_row(kind, ours[kind], [judged[name][kind] for name in others]) for kind in known]
        if title != "beside":
            compared = {name: [each for each in known if name != "SOSL" or claimed(each)] for name in others}
            means = [_mean(judged[name], kinds) for name, kinds in compared.items()]
            lines.append(_row(f"**mean of {len(known)} {title}**", _mean(ours, known), means))
    return "\n".join([*lines, ""])


def closing(ours: Mapping[str, Figures], plain: Sequence[str], hard: Sequence[str]) -> str:
    """The figures that count, in a line."""
    worst = min((*plain, *hard), key=lambda kind: ours[kind].ndcg)
    return (
        f"nDCG@10: plain {_mean(ours, plain).ndcg:.3f} (aim 0.97), hard {_mean(ours, hard).ndcg:.3f} (aim 0.93), "
        f"lowest {ours[worst].ndcg:.3f} in {worst} (aim 0.85); without hits "
        f"{_mean(ours, [*plain, *hard]).empty:.1%} (aim 1 %); acronyms {ours['acronym'].ndcg:.3f}"
    )


def claimed(kind: str) -> bool:
    """Whether a class of queries says anything against Salesforce."""
    return not any(word in kind for word in _UNCLAIMED)


def _row(kind: str, ours: Figures, others: Sequence[Figures]) -> str:
    bar = "█" * round(ours.ndcg * _WIDTH)
    figures = f"{ours.ndcg:.3f} | {bar} | {ours.mrr:.3f} | {ours.success:.3f} | {ours.empty:.1%}"
    mark = "" if claimed(kind) else "¹"
    return f"| {kind}{mark} | {figures} |" + "".join(f" {each.ndcg:.3f} |" for each in others)


def _mean(judged: Mapping[str, Figures], kinds: Sequence[str]) -> Figures:
    some = [judged[kind] for kind in kinds]
    return Figures(
        ndcg=mean(each.ndcg for each in some),
        mrr=mean(each.mrr for each in some),
        success=mean(each.success for each in some),
        empty=mean(each.empty for each in some),
    )
