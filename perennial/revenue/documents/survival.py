"""The document of a survival curve (sBG or BdW) and what its customers are still worth."""

from __future__ import annotations

from collections.abc import Mapping

from perennial.revenue.documents.figures import Document, Figures, rate_number
from perennial.revenue.rules.lifetime import derl
from perennial.revenue.rules.survival import Curve, Model

ENDLESS = {Model.SBG: "infinite", Model.BDW: "only_sbg"}  # why a value cannot be told


def survival_document(
    curve: Curve,
    *,
    last: int,
    fit_periods: int,
    discount: float,
    files: Mapping[str, str],
) -> Document:
    """`survival[t]`, t = 0 … `last`, as shares; `derl[n−1]` before renewal n = 1 … N + 1."""
    figures = Figures()
    figures.text(
        "settings",
        {
            "model": curve.model.value,
            "fit_periods": fit_periods,
            "discount": discount,
            "files": dict(files),
        },
    )
    shape = {} if curve.model is Model.SBG else {"c": rate_number(curve.c)}
    parameters = {"alpha": rate_number(curve.alpha), "beta": rate_number(curve.beta)}
    figures.text("params", parameters | shape)
    figures.rate("ll", curve.ll)
    figures.text("survival", [rate_number(it) for it in curve.survivals(last)])
    values = [derl(curve, n, discount=discount) for n in range(1, fit_periods + 2)]
    known = [rate_number(it) for it in values if it is not None]
    figures.text("derl", known if len(known) == len(values) else None)
    if figures.values["derl"] is None:
        figures.reasons["derl"] = ENDLESS[curve.model]
    figures.rate("mean_lifetime", curve.mean_lifetime, ENDLESS[curve.model])
    return figures.document()
