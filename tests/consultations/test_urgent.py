"""Tests that notes that read like a crisis are recognized, and that ordinary notes are not."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consultations.urgent import reads_like_crisis

NOTES = json.loads(Path(__file__, "../crisis_notes.json").resolve().read_text())


@pytest.mark.parametrize("language", ["english", "spanish"])
def test_at_most_one_crisis_note_in_thirty_is_missed(language):
    missed = [note for note in NOTES[language] if not reads_like_crisis(note)]
    assert len(NOTES[language]) >= 30
    assert len(missed) <= len(NOTES[language]) // 30, missed


def test_at_most_one_ordinary_note_in_fifty_is_marked():
    marked = [note for note in NOTES["ordinary"] if reads_like_crisis(note)]
    assert len(NOTES["ordinary"]) >= 200
    assert len(marked) <= len(NOTES["ordinary"]) // 50, marked


@pytest.mark.parametrize(
    "note",
    [
        "I am thinking about ending it",
        "i dont wanna be here anymore",
        "my son says he wants to die",
        "everyone would be better off without me",
        "suicdal thoughts every day",
        "im going to kill myslef",
        "k m s",
        "wanna d1e",
        "I am unaliving myself",
        "please call, I am in danger",
        "quiero descansar para siempre",
        "хочу умереть",
        "我想死",
        "I just want to go to sleep and not wake up",
        "I took all my pills an hour ago",
        "no quiero vivir",
        "kiero morirme",
        "ya no aguanto más",
        "mi esposo habla de matarse",
        "estarían mejor sin mí",
        "me quiero quitar la vida",
    ],
)
@pytest.mark.parametrize(
    "typed",
    [str, str.upper, lambda note: note.replace(" ", "\n"), lambda note: f"Hi. Call after 5.  {note}!!! Thanks"],
    ids=["as written", "in capitals", "on many lines", "inside a note"],
)
def test_a_crisis_is_recognized_however_it_is_typed(note, typed):
    assert reads_like_crisis(typed(note))


@pytest.mark.parametrize(
    "note",
    [
        "kill the pain",
        "This pain is killing me, I am dying to sleep",
        "my brother died last year",
        "I would kill for a good night's sleep",
        "Please call before the deadline, my phone battery dies fast",
        "I hurt myself at work in 2019",
        "I am tired of living with this pain",
        "I lost my mom to suicide in 2010",
        "este dolor me está matando",
        "me muero de ganas de dormir",
        "se corta la llamada en mi casa",
        "",
    ],
)
def test_a_figure_of_speech_is_not_marked(note):
    assert not reads_like_crisis(note)


@given(st.text() | st.text(alphabet="iwantodethrskl \ud800\x00\u200b'2", max_size=3000))
def test_any_text_is_judged(note):
    assert reads_like_crisis(note) in (True, False)


@given(st.sampled_from(NOTES["english"] + NOTES["spanish"]), st.sampled_from([" ", ".", "\n", "\u200b", "  ", " - "]))
def test_surrounding_and_invisible_characters_change_no_verdict(note, noise):
    assert reads_like_crisis(noise + note + noise) is reads_like_crisis(note)
