"""A report to the parents' committee in sentences, the same on the page, in JSON and on paper."""

from src.platform.forms import registry as forms
from src.platform.insight.committee_numbers import Content
from src.platform.insight.schemas import Said
from src.platform.kit import i18n
from src.platform.kit.i18n import gettext as _
from src.platform.kit.i18n import ngettext


def sections(content: Content) -> list[Said]:
    """Everything that the report says, in the language in use."""
    return [
        Said(title=_("What happened at school"), lines=_happened(content)),
        Said(title=_("What the school did"), lines=_done(content)),
        Said(
            title=_("What parents can do"),
            lines=[
                _("Ask your child every day how the day was, and listen without blame."),
                _("Tell the security team what you hear: it listens, answers, and does not say who told it."),
                _("Do not settle a quarrel with another child or its parents by yourselves."),
                _("Agree at home on rules for the phone and the internet, and keep to them as well."),
                _("Offer the school help: order on the way to school, in the yard, at events."),
            ],
        ),
        Said(
            title=_("How this report is made"),
            lines=[
                _("Fewer than eight incidents, or incidents with fewer than eight children, are “few”."),
                _("Larger numbers are said as a span, so that nobody can be counted out of them."),
                _("A place, a time or a kind is named only where eight incidents and eight children are behind it."),
                _("They stand in the order of the form, not by number. Homes are never named."),
                _("Nothing is said about a single child, a class, a day or a decision."),
                _("What not everybody in the team may read is not counted."),
            ],
        ),
    ]


def _happened(content: Content) -> list[str]:
    least, _dash, most = content.incidents.partition("_")
    if not most:
        lines = [_("Few incidents were reported.")]
    elif most == "more":
        lines = [_("%(least)s incidents or more were reported.", least=least)]
    else:
        lines = [_("Between %(least)s and %(most)s incidents were reported.", least=least, most=most)]
    lines.append(_("Many reports are not a sign of a bad school: children and adults speak up."))
    for said, keys, options in (
        (_("Places that need more eyes: %(names)s."), content.places, "place"),
        (_("What children need to learn to do otherwise: %(names)s."), content.behaviours, "problem_behaviour"),
    ):
        if keys:
            names = [forms.options(options).label(key, i18n.language()) for key in keys]
            lines.append(said % {"names": "; ".join(names)})
    if content.daytimes:
        lines.append(
            _("Times of day that need more eyes: %(names)s.", names="; ".join(map(_daytime, content.daytimes)))
        )
    return lines


def _daytime(key: str) -> str:
    ends = {"from_8": "10:00", "from_10": "12:00", "from_12": "14:00", "from_14": "16:00", "from_16": "18:00"}
    if key == "before_8":
        return _("Before 8:00")
    if key not in ends:
        return _("After 18:00")
    return f"{key.removeprefix('from_')}:00–{ends[key]}"


def _done(content: Content) -> list[str]:
    if content.team:
        lines = [
            ngettext("The security team has %(num)s member.", "The security team has %(num)s members.", content.members)
        ]
        lines.append(
            _("Trained in the programme: %(trained)s of %(members)s.", trained=content.trained, members=content.members)
        )
    else:
        lines = [_("There is no security team in force at the moment.")]
    if content.meetings_due:
        lines.append(
            _("Weekly meetings of the team: %(held)s of %(due)s.", held=content.meetings, due=content.meetings_due)
        )
    lines.append(_("First look at a report in time: %(share)s.", share=_share(content.screened)))
    lines.append(_("Decision of the team in time: %(share)s.", share=_share(content.decided)))
    return lines


def _share(key: str) -> str:
    return {
        "few": _("too few to say"),
        "all": _("always"),
        "nearly_all": _("nearly always"),
        "most": _("mostly"),
        "half_or_fewer": _("in half of the cases or fewer"),
    }[key]
