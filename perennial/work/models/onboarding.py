"""From signature to use: handovers (交接), delivery projects (交付项目), onboarding (导入期)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.models import Customer, CustomerKey
from perennial.team.models import Team, User


class OwnerKind(models.TextChoices):
    """Who brings a new customer in, by the size of the deal."""

    SALES = "sales", _("Sales")
    CSM = "csm", _("CSM")
    IMPLEMENTATION = "implementation", _("Implementation team")


class WorkDefinition(models.Model):
    """What the company says about a kind of work: deal sizes, the 30-day plan, touchpoints.

    Each change is a new version; the newest holds. `definition`: see the rules of its kind.
    """

    class Kind(models.TextChoices):
        ONBOARDING = "onboarding", _("Onboarding plan")
        TOUCHPOINTS = "touchpoints", _("Touchpoints")
        DELIVERY = "delivery", _("Delivery phases")
        SUCCESS_PLAN = "success_plan", _("Plan template")
        ASSUMPTIONS = "assumptions", _("Assumptions of the ranking")

    kind = models.CharField(max_length=15, choices=Kind.choices)
    name = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    definition = models.JSONField()
    made_at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("kind", "name", "version", name="a_work_definition_stands_once")
        ]


class Onboarding(models.Model):
    """A customer being brought in: who does it, and by which plan."""

    class State(models.TextChoices):
        RUNNING = "running", pgettext_lazy("onboarding", "running")
        DONE = "done", pgettext_lazy("onboarding", "done")
        STOPPED = "stopped", pgettext_lazy("onboarding", "stopped")

    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="onboardings")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    owner_kind = models.CharField(max_length=15, choices=OwnerKind.choices)
    owner_why = models.JSONField(default=dict)  # the sentence's numbers: amount, limits, work
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    plan = models.ForeignKey(WorkDefinition, on_delete=models.PROTECT)
    started_on = models.DateField()
    first_value_on = models.DateField(null=True, blank=True)  # time to first value ends here
    in_use_on = models.DateField(null=True, blank=True)  # 上线并正常使用
    ended_on = models.DateField(null=True, blank=True)
    stopped_reason = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "customer", condition=Q(state="running"), name="a_customer_is_brought_in_once"
            )
        ]
        indexes = [models.Index(fields=["state", "started_on"], name="onboardings_by_state")]


class Milestone(models.Model):
    """A milestone of an onboarding; completed by data where its rule says so."""

    onboarding = models.ForeignKey(Onboarding, on_delete=models.CASCADE, related_name="milestones")
    step = models.CharField(max_length=40)  # its id in the plan
    due_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    by_data = models.BooleanField(default=False)
    evidence = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint("onboarding", "step", name="a_milestone_stands_once")
        ]
        indexes = [  # the day, Today and the list look for late ones
            models.Index("due_on", condition=Q(done_on=None), name="milestones_not_reached")
        ]


class Handover(models.Model):
    """One side gives a customer to another, which accepts or returns it."""

    class Kind(models.TextChoices):
        SALES_CSM = "sales_csm", _("Sales → CSM")
        SALES_IMPLEMENTATION = "sales_implementation", _("Sales → implementation")
        IMPLEMENTATION_CSM = "implementation_csm", _("Implementation → CSM")
        CSM_CSM = "csm_csm", _("CSM → CSM")

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("handover", "draft")
        OFFERED = "offered", pgettext_lazy("handover", "offered")
        ACCEPTED = "accepted", pgettext_lazy("handover", "accepted")
        RETURNED = "returned", pgettext_lazy("handover", "returned")

    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="handovers")
    kind = models.CharField(max_length=25, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    from_user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="handovers_given"
    )
    from_name = models.CharField(max_length=100, blank=True)  # a salesperson without an account
    to_user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="handovers_got"
    )
    to_team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL)
    goals = models.TextField(blank=True)
    expectation = models.TextField(blank=True)  # what success is for the customer
    notes = models.TextField(blank=True)
    people = models.JSONField(default=list)  # primary keys of Person
    returned_reason = models.TextField(blank=True)
    made_at = models.DateTimeField()
    offered_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["state", "to_user"], name="handovers_to_decide")]


class Promise(models.Model):
    """What sales promised (售前承诺), and what became of it."""

    class Verdict(models.TextChoices):
        UNKNOWN = "unknown", pgettext_lazy("promise", "not known yet")
        KEPT = "kept", pgettext_lazy("promise", "kept")
        ROADMAP = "roadmap", pgettext_lazy("promise", "on the roadmap")
        IMPOSSIBLE = "impossible", pgettext_lazy("promise", "impossible")

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="promises")
    text = models.CharField(max_length=500)
    promised_by = models.CharField(max_length=100, blank=True)
    verdict = models.CharField(max_length=12, choices=Verdict.choices, default=Verdict.UNKNOWN)
    note = models.CharField(max_length=500, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)
    judged_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    version = models.PositiveIntegerField(default=1)


class Project(models.Model):
    """A delivery project: 启动 → 调研 → 实施 → 试运行 → 上线 → 验收, and is it really used?"""

    class State(models.TextChoices):
        RUNNING = "running", pgettext_lazy("project", "running")
        DONE = "done", pgettext_lazy("project", "done")
        STOPPED = "stopped", pgettext_lazy("project", "stopped")

    customer = CustomerKey(Customer, on_delete=models.CASCADE, related_name="projects")
    title = models.CharField(max_length=200)
    order_id = models.CharField(max_length=200, blank=True)  # external id of the order
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    standard_rate = models.FloatField(null=True, blank=True)  # 0–1: standard of all the work
    started_on = models.DateField()
    golive_planned_on = models.DateField(null=True, blank=True)
    golive_on = models.DateField(null=True, blank=True)
    in_use_on = models.DateField(null=True, blank=True)  # usage says so, not we
    stopped_reason = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(standard_rate__isnull=True)
                | Q(standard_rate__gte=0, standard_rate__lte=1),
                name="a_share_of_standard_is_a_rate",
            )
        ]
        indexes = [models.Index(fields=["state", "started_on"], name="projects_by_state")]


class Phase(models.Model):
    """A phase of a project: planned and done."""

    class Name(models.TextChoices):
        KICKOFF = "kickoff", _("Kick-off")
        DISCOVERY = "discovery", _("Discovery")
        IMPLEMENTATION = "implementation", _("Implementation")
        TRIAL = "trial", _("Trial run")
        GOLIVE = "golive", _("Go-live")
        ACCEPTANCE = "acceptance", _("Acceptance")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="phases")
    name = models.CharField(max_length=15, choices=Name.choices)
    planned_on = models.DateField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint("project", "name", name="a_phase_stands_once")]
