from dataclasses import replace

from appliance.access.overview import changes, counted, differences, kinds, place, readable, readers
from appliance.access.policy_set import PolicySet
from appliance.access.ruleset import compiled
from appliance.records import Access, Document, Level, Principal
from tests.access.test_tables import SHIPPED
from tests.rules import ruleset

MARA = Principal("mara", "", "aldermoor", frozenset({"staff", "icu"}), Level.INTERNAL, "test")
HELEN = Principal("helen", "", "aldermoor", frozenset({"staff", "hr"}), Level.RESTRICTED, "test")
ACCESS = Access("aldermoor", Level.INTERNAL, frozenset({"staff"}), "nursing", frozenset(), ("nursing", "nursing/icu"))


def document(name: str, **changes: object) -> Document:
    access = replace(ACCESS, **changes)  # type: ignore[arg-type]
    return Document(name, f"{name}.md", "v", name, "text/markdown", "en", 1, access)


RULES = document("rules")
PAY = document("pay", readers=frozenset({"hr"}), level=Level.CONFIDENTIAL, ancestors=())


def test_who_reads_a_document_and_by_which_rule() -> None:
    (first, yes), (second, no) = readers(ruleset(), [MARA, HELEN], PAY)
    assert (first.id, yes.policies) == ("helen", ("read-as-reader",))
    assert (second.id, no.allowed, no.policies) == ("mara", False, ())


def test_what_a_person_reads_counted_by_place() -> None:
    assert readable(ruleset(), MARA, [RULES, PAY]) == [RULES]
    assert readable(ruleset(), HELEN, [RULES, PAY]) == [RULES, PAY]
    assert counted([RULES, RULES, PAY]) == {("", "confidential"): 1, ("nursing", "internal"): 2}
    assert place(PAY) == ("", "confidential")


def test_what_a_change_would_open_and_close() -> None:
    more = b'@id("no-pay") forbid (principal, action == Action::"read", resource) when { resource.level > 1 };'
    other = compiled(PolicySet({**SHIPPED.files, "more.cedar": more}))
    other = replace(other, clients=ruleset().clients)
    (only,) = differences(ruleset(), other, [MARA, HELEN], [RULES, PAY])
    assert (only.person, only.opened, only.closed) == ("helen", {}, {("", "confidential"): 1})
    (back,) = differences(other, ruleset(), [MARA, HELEN], [RULES, PAY])
    assert (back.opened, back.closed) == ({("", "confidential"): 1}, {})
    assert differences(ruleset(), ruleset(), [MARA, HELEN], [RULES, PAY]) == []


def test_documents_of_the_same_attributes_are_told_each_in_its_place() -> None:
    hr = frozenset({"hr"})
    many = [document(f"r{one}") if one % 2 else document(f"p{one}", readers=hr) for one in range(6)]
    assert readable(ruleset(), MARA, many) == many[1::2]
    assert readable(ruleset(), HELEN, many) == many
    closing = b'when { resource.readers.contains("staff") };'
    more = b'@id("no-staff") forbid (principal, action == Action::"read", resource) ' + closing
    other = compiled(PolicySet({**SHIPPED.files, "more.cedar": more}))
    (mara, helen) = changes(ruleset(), replace(other, clients=ruleset().clients), [MARA, HELEN], many)
    assert (list(mara.closed), list(helen.closed), mara.opened) == (many[1::2], many[1::2], ())
    assert kinds(many) == 2
