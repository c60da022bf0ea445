"""The figures as a page."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import mean

from bench.relevance.judging import Figures
from bench.relevance.queries import BESIDE, HARD, PLAIN, Query

_WIDTH = 20  # characters of a bar
SOSL = "Salesforce SOSL (local org)"
#: Classes that rest on what Salesforce does not publish have one of these words in their name.
_UNCLAIMED = ("typo", "joined", "nickname", "initial", "phone", "umlaut", "CJK", "katakana", "code", "acronym")


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
        f"{SOSL}: the same queries over the records that the user sees, as far as Salesforce's matching is public: "
        "whole words without case, all of them in one record; where nothing has them, each as a beginning (`word*`). "
        "Salesforce publishes neither its order of relevance nor how it mixes objects: here records with more of the "
        "words in their name come first, then those changed last, and the lists of the objects take turns. It is "
        "nothing measured in Salesforce.",
        "",
        "| class | nDCG@10 | | MRR | success@1 | without hits |" + "".join(f" {name} nDCG@10 |" for name in others),
        "| --- | ---: | --- | ---: | ---: | ---: |" + " ---: |" * len(others),
    ]
    ours = judged["ours"]
    for title, kinds in (("plain classes", PLAIN), ("hard classes", HARD), ("beside", BESIDE)):
        known = [each for each in kinds if each in ours]
        lines += [_row(kind, ours[kind], {name: judged[name][kind] for name in others}) for kind in known]
        if title != "beside":
            lines.append(_mean_row(title, known, judged, {name: name != SOSL for name in others}))
            lines.append(
                _mean_row(
                    f"{title} without ¹", [each for each in known if claimed(each)], judged, dict.fromkeys(others, True)
                )
            )
    lines += [
        "",
        "¹ No claim against Salesforce: the class rests on spell correction, "
        "nicknames and initials, spellings of numbers, splitting of codes, accents, or the splitting of Chinese and "
        "Japanese text, none of which is public (the local org has no spell correction and no nicknames).",
    ]
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


def _row(kind: str, ours: Figures, others: Mapping[str, Figures]) -> str:
    cells = (f"{each.ndcg:.3f}{'' if name != SOSL or claimed(kind) else '¹'}" for name, each in others.items())
    return _line(kind, ours, cells)


def _mean_row(
    title: str, kinds: Sequence[str], judged: Mapping[str, Mapping[str, Figures]], told: Mapping[str, bool]
) -> str:
    """`told`: the others, and whether these classes say anything of them."""
    cells = (f"{_mean(judged[name], kinds).ndcg:.3f}" if says else "–" for name, says in told.items())
    return _line(f"**mean of {len(kinds)} {title}**", _mean(judged["ours"], kinds), cells)


def _line(title: str, ours: Figures, cells: Iterable[str]) -> str:
    bar = "█" * round(ours.ndcg * _WIDTH)
    figures = f"{ours.ndcg:.3f} | {bar} | {ours.mrr:.3f} | {ours.success:.3f} | {ours.empty:.1%}"
    return f"| {title} | {figures} |" + "".join(f" {cell} |" for cell in cells)


def _mean(judged: Mapping[str, Figures], kinds: Sequence[str]) -> Figures:
    some = [judged[kind] for kind in kinds]
    return Figures(
        ndcg=mean(each.ndcg for each in some),
        mrr=mean(each.mrr for each in some),
        success=mean(each.success for each in some),
        empty=mean(each.empty for each in some),
    )
