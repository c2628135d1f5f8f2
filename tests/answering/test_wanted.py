import pytest

from appliance.answering.wanted import gives


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("On which radio frequency do I reach the pilot?", "The landing pad's radio in hand."),
        ("What does a landing on the roof cost?", "The helicopter comes in there."),
        ("Wie viel Gramm bekommt ein Kind?", "Die Dosis richtet sich nach dem Gewicht."),
        ("What's the monthly fee?", "The fee is paid by the customer."),
        ("Up to what sum may I sign?", "The head of the department signs."),
        ("How hot may the oven be?", "The oven is hot."),
        ("Wie hoch ist der Rabatt?", "Der Rabatt wird gewährt."),
    ],
)
def test_who_asks_for_a_number_is_not_given_a_sentence_without_one(question: str, text: str) -> None:
    assert not gives(text, question)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How much does the card cost?", "The card is free of charge."),
        ("How many visitors may stay?", "At most two visitors may stay."),
        ("Was kostet die Karte?", "Die Karte kostet 25 Euro."),
        ("Where is the assembly point?", "The assembly point is the car park."),
        ("Who sets the price?", "The purchasing board sets it."),
    ],
)
def test_numbers_none_and_other_questions_pass(question: str, text: str) -> None:
    assert gives(text, question)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Until when can the family come?", "The wards asked for fewer chairs."),
        ("How long do I hold the finger under the tap?", "Tell the person in charge."),
        ("Bis wann muss ich den Urlaub nehmen?", "Der Urlaub wird von der Leitung genehmigt."),
        ("How often is the filter changed?", "The filter is changed by the porter."),
    ],
)
def test_who_asks_for_a_time_is_not_given_a_sentence_without_one(question: str, text: str) -> None:
    assert not gives(text, question)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Until when can the family come?", "Until the evening meal has been cleared away, every day."),
        ("Until when is a permission good?", "A permission is good until the end of the following trading day."),
        ("How long do I hold the finger under the tap?", "Wash the skin for five minutes."),
        ("Bis wann muss ich den Urlaub nehmen?", "Er verfällt am 31. März."),
        ("Wie oft wird das Becken geprüft?", "Es wird wöchentlich geprüft."),
        ("How soon must I tell them?", "Tell them immediately."),
        ("When does the family come?", "After the round."),
    ],
)
def test_times_of_any_kind_and_an_open_when_pass(question: str, text: str) -> None:
    assert gives(text, question)
