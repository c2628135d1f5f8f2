import pytest

from appliance.answering.wanted import gives


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("On which radio frequency do I reach the pilot?", "The landing pad's radio in hand."),
        ("What does a landing on the roof cost?", "The helicopter comes in there."),
        ("Wie viel Gramm bekommt ein Kind?", "Die Dosis richtet sich nach dem Gewicht."),
        ("What's the monthly fee?", "The fee is paid by the customer."),
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
