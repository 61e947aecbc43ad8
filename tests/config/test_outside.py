"""Words from outside, by destination: what each function lets through."""

import json
import os
import re
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdbench.config import outside
from gdbench.config.outside import (
    argument,
    as_json,
    command,
    html,
    latex,
    markdown,
    sheet,
    visible,
    visible_line,
)
from tests.sampling import most

#: Signs that act, in any company.
ACTING = "\x00\x07\x08\x1b\x7f\x85\x9b\u200f\u202e\u2066\u2028\ufeff\ud800\udcff\U000e0041"
WORDS = st.text(st.one_of(st.sampled_from(f"{ACTING}\t\n =+-@*_`[]<>|#~&\\'\"$%^{{}}()!1."), st.characters()))


@pytest.mark.exhaustive
@given(WORDS)
@settings(max_examples=most(100, 2000))
def test_nothing_that_acts_is_left_for_a_terminal(text):
    assert not set(visible(text)) & set(ACTING)
    assert visible(visible(text)) == visible(text)
    assert len(visible_line(text).splitlines()) <= 1


def test_what_people_write_is_left_alone():
    for text in ("η ≥ 0.25 · Größe 中文 العربية \N{FAMILY}", "two\nlines\tand a tab", "no\u00a0break"):
        assert visible(text) == text
    assert visible("\x1b[31m") == "␛[31m"


@pytest.mark.exhaustive
@given(WORDS)
@settings(max_examples=most(100, 2000))
def test_json_for_a_terminal_reads_as_the_same_text(text):
    for ascii_only in (False, True):
        written = as_json({"text": text}, ascii_only=ascii_only)
        assert json.loads(written) == {"text": text}
        assert not set(written) & set(ACTING)


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+1-1", "-cmd|' /C calc'!A0", "\t=1", "\n=1", "-", "- a"])
def test_what_a_spreadsheet_would_work_out_is_marked_as_text(text):
    assert sheet(text) == f"'{text}"


def test_a_carriage_return_begins_no_cell():
    assert sheet("a\r=1") == "a\n=1"
    assert sheet("\r=1") == "'\n=1"


@pytest.mark.parametrize("text", ["-1", "-1.5e-3", "+2", "-inf", "-.5", "> 5000", "a=b", "η=0.1", "", "–"])
def test_numbers_and_words_are_left_to_spreadsheets_as_they_are(text):
    assert sheet(text) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("learning_rate of 0.1", "learning_rate of 0.1"),
        ("0.1 and -0.5 < 2", "0.1 and -0.5 < 2"),
        ("1. one", "1\\. one"),
        ("- one", "\\- one"),
        ("===", "\\==="),
        ("~~~", "\\~\\~\\~"),
        ("_so_ *so* `so`", "\\_so\\_ \\*so\\* \\`so\\`"),
        ("[x](javascript:1)", "\\[x\\](javascript:1)"),
        ("<img src=x> &lt; </b>", "&lt;img src=x\\> &amp;lt; &lt;/b\\>"),
        ("a\n# b", "a \\# b"),
    ],
)
def test_words_are_no_markdown(text, written):
    assert markdown(text) == written


def test_words_are_no_html_and_no_latex():
    assert html("<b a='\"'>\x1b") == "&lt;b a=&#x27;&quot;&#x27;&gt;␛"
    assert latex("100% of $x_1 & \\evil{~^#}\nmore") == (
        r"100\% of \$x\_1 \& \textbackslash evil\{\textasciitilde \textasciicircum \#\} more"
    )


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash to read the command")
def test_a_command_that_is_copied_from_a_terminal_gives_the_same_words():
    words = [
        "a b",
        "c[bold]x.yaml",
        "$(touch x)",
        "it's",
        "\x1b[31m",
        "new\nline\x01",
        "täst\x1b",
        "\udcff\x1b",
        "!x",
    ]
    shown = command(words)
    assert visible(shown) == shown
    script = f"printf '%s\\0' {shown}"
    got = subprocess.run(["bash", "-c", script.encode()], capture_output=True, check=True).stdout
    assert [os.fsdecode(word) for word in got.split(b"\0")[:-1]] == words


def test_a_path_that_begins_with_a_dash_is_no_option():
    assert argument("-x.yaml") == "./-x.yaml"
    assert argument("x.yaml") == "x.yaml"


def test_windows_has_its_own_quotes(monkeypatch):
    monkeypatch.setattr(outside.os, "name", "nt")
    assert command(["gdbench", "run", "my config.yaml"]) == 'gdbench run "my config.yaml"'


def test_the_formulas_of_arrow_and_of_python_are_the_same():
    assert re.match(outside.FORMULA, "=1")
