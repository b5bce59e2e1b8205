"""What a kind of file is, and the columns that several kinds share."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import pgettext_lazy
from django_stubs_ext import StrOrPromise

from perennial.connectors.fields import Field, Type

ID_ALIKE = ("id", "code", "编号", "编码")
RECORDED = Field(
    "recorded_at",
    pgettext_lazy("column", "Recorded at"),
    Type.MOMENT,
    alike=("记录时间", "登记时间", "录入时间"),
)
CUSTOMER = Field(
    "customer_id",
    pgettext_lazy("column", "Customer"),
    required=True,
    alike=(
        "account_id",
        "account",
        "company_id",
        "company",
        "customer",
        "client_id",
        "客户",
        "客户编号",
        "客户号",
        "公司",
    ),
)
CURRENCY = Field(
    "currency", pgettext_lazy("column", "Currency"), Type.CURRENCY, alike=("币种", "货币")
)


@dataclass(frozen=True, slots=True)
class Kind:
    """`key`: what tells two rows of a file apart; `effective`: the column whose time stands in
    for recorded_at; `whole`: rows are judged against each other, so all at once; `versions`:
    rows of one key too, by the slice that keeps them; `stored`: rows go to the analytical
    store, other columns of theirs become properties."""

    name: str
    label: StrOrPromise
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ("external_id",)
    effective: str = ""
    whole: bool = False
    versions: bool = False
    stored: bool = False

    def field(self, name: str) -> Field | None:
        return next((it for it in self.fields if it.name == name), None)

    @property
    def id_field(self) -> str:
        """Our column that `--id` fills: the external id."""
        return next((it for it in self.key if it in ("external_id", "order_id")), "message_id")

    @property
    def has_customer(self) -> bool:
        return self.field("customer_id") is not None


def external_id(*alike: str) -> Field:
    return Field(
        "external_id",
        pgettext_lazy("column", "External id"),
        required=True,
        alike=(*alike, *ID_ALIKE),
    )
