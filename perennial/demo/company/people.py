"""Who the customer is and who works there: names, industry, size, owner, graded contacts."""

from collections.abc import Sequence
from datetime import date, timedelta
from math import exp
from random import Random

from perennial.demo.cast import CAST, CSMS, CastCustomer
from perennial.demo.company.model import Customer, Person, priced
from perennial.demo.parameters import CompanyParameters
from perennial.demo.words import Industry, Pair, companies, people
from perennial.units.period import add_months

TIER_FLOORS = (("S", 400_000), ("A", 120_000), ("B", 40_000), ("C", 0))  # CNY a year


def tier_of(arr: int) -> str:
    return next(tier for tier, floor in TIER_FLOORS if arr >= floor)


def draw_customer(
    index: int, *, rng: Random, parameters: CompanyParameters, end_on: date, taken: set[str]
) -> Customer:
    """A customer before its first order. `index` counts from 0; the cast comes first."""
    if index < len(CAST):
        taken.add(CAST[index].name.zh)
        return _cast_customer(index, member=CAST[index], rng=rng, end_on=end_on)
    words = companies()
    industry = rng.choices(words.industries, [each.share for each in words.industries])[0]
    city, region = words.cities[int(len(words.cities) * rng.random() ** 1.4)]
    name, short = _company_name(rng, city=city, industry=industry, taken=taken)
    log_arr = rng.gauss(0, parameters.arr_log_sd)
    wanted = min(
        max(parameters.arr_median * exp(log_arr), parameters.arr_minimum * rng.uniform(1, 1.6)),
        parameters.arr_maximum,
    )
    arr = priced(wanted, step=1_000 if wanted > 20_000 else 100)
    discount = 1 + 0.18 * max(log_arr, 0)
    return Customer(
        index=index,
        external_id=f"C{index + 1:04d}",
        name=name,
        short=short,
        industry=industry,
        city=city,
        region=region,
        owner=_owner(rng, region=region, arr=arr),
        quality=rng.gauss(0, 1),
        arr=arr,
        seats=max(3, round(arr * discount / parameters.seat_price)),
        products=_products(rng, arr=arr),
        first_on=_first_day(rng, parameters=parameters, end_on=end_on),
        website=_website(short),
        tags=tuple(tag for tag in words.tags if rng.random() < 0.07),
    )


def _cast_customer(index: int, *, member: CastCustomer, rng: Random, end_on: date) -> Customer:
    words = companies()
    city, region = next(row for row in words.cities if row[0].zh == member.city)
    ends_on = end_on + timedelta(days=member.due_in_days + 1)
    rate = (1 + member.grows_rate) ** (member.terms - 1)
    return Customer(
        index=index,
        external_id=member.external_id,
        name=member.name,
        short=Pair(member.name.zh[2:], member.name.en.split()[0]),
        industry=next(each for each in words.industries if each.name.zh == member.industry),
        city=city,
        region=region,
        owner=member.owner,
        quality=member.quality,
        arr=priced(member.arr / rate, step=1_000),
        seats=round(member.seats / rate),
        products=member.products,
        first_on=add_months(ends_on, -12 * member.terms),
        website=_website(Pair("", member.name.en.split()[0])),
        tags=words.tags[:1] if rng.random() < 0.5 else (),
        cast=member,
    )


def _company_name(
    rng: Random, *, city: Pair, industry: Industry, taken: set[str]
) -> tuple[Pair, Pair]:
    words = companies()
    while True:
        first, second = rng.choice(words.firsts), rng.choice(words.seconds)
        ending = rng.choice(words.endings)
        short = Pair(first.zh + second.zh, first.en + second.en)
        zh = f"{city.zh}{short.zh}{industry.word.zh}{ending.zh}"
        if zh not in taken and short.zh not in words.famous:
            taken.add(zh)
            return Pair(zh, f"{city.en} {short.en} {industry.word.en} {ending.en}".strip()), short


def _website(short: Pair) -> str:
    return f"https://www.{short.en.lower().replace(' ', '')}.example"


def _owner(rng: Random, *, region: Pair, arr: int) -> str:
    """East looks after 华东, 华北 and 东北; south after the rest. Books differ in size."""
    east = region.zh in ("华东", "华北", "东北")
    team = "华东团队" if east else "华南团队"
    csms = [csm for csm in CSMS if csm.team and csm.team.zh == team]
    weights = [csm.share * (2 if arr > 150_000 and csm.share >= 20 else 1) for csm in csms]
    return rng.choices(csms, weights)[0].email


def _products(rng: Random, *, arr: int) -> tuple[str, ...]:
    main = "CRM" if rng.random() < 0.72 else "OA"
    products = [main]
    if rng.random() < (0.2 if arr < 60_000 else 0.55):
        products.append("OA" if main == "CRM" else "CRM")
    if arr > 80_000 and rng.random() < 0.45:
        products.append("BI")
    return tuple(products)


def _first_day(rng: Random, *, parameters: CompanyParameters, end_on: date) -> date:
    """Signings grow year by year; few start on a weekend."""
    years = parameters.ledger_months / 12
    growth = 1 + parameters.growth_yearly_rate
    share = rng.random()
    ago = years * (1 - share) ** growth
    day = end_on - timedelta(days=int(ago * 365.25) + 3)
    return day - timedelta(days=max(day.weekday() - 4, 0)) if rng.random() < 0.9 else day


def draw_people(
    customer: Customer, *, rng: Random, parameters: CompanyParameters, end_on: date
) -> list[Person]:
    """Three to nine graded contacts; some leave, and a successor comes."""
    grades = ["S", "A", "B", "B"]
    grades += ["S"] if customer.arr > 150_000 else []
    grades += ["A", "B"] if customer.arr > 60_000 else []
    grades += ["A", "B"] if customer.arr > 400_000 else []
    if customer.arr < 15_000:
        grades = ["S", "B", "B"]
    grades.sort(key="SAB".index)
    drawn: list[Person] = []
    for grade in grades:
        came = customer.first_on - timedelta(days=rng.randrange(3, 40))
        while came <= end_on:
            stay = rng.expovariate(parameters.person_leaves_yearly_rate / 365)
            left = _leaving(customer, grade=grade, drawn=drawn, end_on=end_on, stay=stay, came=came)
            drawn.append(
                _person(customer, rng=rng, grade=grade, number=len(drawn) + 1, came=came, left=left)
            )
            if left is None or customer.cast:
                break
            came = left + timedelta(days=rng.randrange(2, 30))
    return drawn


def _leaving(
    customer: Customer,
    *,
    grade: str,
    drawn: Sequence[Person],
    end_on: date,
    stay: float,
    came: date,
) -> date | None:
    cast = customer.cast
    if cast:
        ago = cast.sponsor_left_days_ago
        return end_on - timedelta(days=ago) if ago and grade == "S" and not drawn else None
    left = came + timedelta(days=max(int(stay), 45)) if stay < 4_000 else None
    return left if left and left <= end_on else None


def _person(
    customer: Customer, *, rng: Random, grade: str, number: int, came: date, left: date | None
) -> Person:
    words = people()
    surname, given = rng.choice(words.surnames), rng.choice(words.given)
    name = Pair(surname.zh + given.zh, f"{given.en} {surname.en}")
    mailbox = f"{given.en}.{surname.en}".lower()
    return Person(
        external_id=f"{customer.external_id}-U{number:03d}",
        name=name,
        title=rng.choice(words.titles[grade]),
        email=f"{mailbox}@{customer.website.removeprefix('https://www.')}",
        grade=grade,
        from_on=came,
        to_on=left,
    )
