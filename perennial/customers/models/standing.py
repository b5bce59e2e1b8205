"""A key to a customer that leads to the one under which that customer stands now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor


class _WhereItStands(ForwardManyToOneDescriptor):  # type: ignore[type-arg]
    """`row.customer` is the survivor of a merge; `row.customer_id` stays what was recorded, so
    that saving the row rewrites nothing."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        found: Any = super().__get__(instance, cls)
        if instance is None or found is None or found.merged_into_id is None:
            return found
        return found.merged_into


__all__ = ["CustomerKey"]

if TYPE_CHECKING:
    from django.db.models import ForeignKey as CustomerKey
else:
    from django.db.models import ForeignKey

    class CustomerKey(ForeignKey):
        """What happened at a customer is told of the one that it was merged into. Lists that
        follow it select `customer__merged_into`, too."""

        forward_related_accessor_class = _WhereItStands

        def deconstruct(self) -> tuple[Any, ...]:
            name, _path, args, kwargs = super().deconstruct()
            return name, "django.db.models.ForeignKey", args, kwargs  # the same column
