"""Nodes -> what a build is held to: the judge of its takes, the caps on its spending, the store it shares. Pure."""

from __future__ import annotations

from fractions import Fraction

from vidbuild.spec.inherit import amount, mapping, names, texts
from vidbuild.spec.model import Budget, Judge, RemoteStore
from vidbuild.spec.resolve import Resolution
from vidbuild.spec.tree import Node


def judge_of(root: Node, resolution: Resolution) -> Judge | None:
    """Give the vision model among the checks, if there is one."""
    node = root.get("judge")
    if node is None:
        return None
    model, asked, threshold = node.get("model"), node.get("questions"), amount(node.get("threshold"))
    questions = tuple(dict.fromkeys(texts(asked)))
    if asked is not None and not questions:
        resolution.tell(asked.mark, "the judge is asked nothing", "write a question")
    return Judge(
        models=names(model) if model else (),
        questions=questions,
        threshold=Fraction(1, 2) if threshold is None else threshold,
        options=mapping(node.get("options")),
        marks={"": node.mark, **{key: child.mark for key, child in node.entries().items()}},
    )


def budget_of(root: Node) -> Budget:
    """Give the caps on spending, in USD."""
    node = root.get("budget")
    if node is None:
        return Budget()
    return Budget(amount(node.get("max_usd")), amount(node.get("total_usd")), amount(node.get("per_shot_usd")))


def remote_of(root: Node) -> RemoteStore | None:
    """Give the store that is shared, if there is one."""
    node = root.get("remote")
    url = node if node is None or type(node.value) is str else node.get("url")
    if node is None or url is None:
        return None
    only = None if url is node else node.get("read_only")
    return RemoteStore(str(url.value), only is not None and only.value is True)
