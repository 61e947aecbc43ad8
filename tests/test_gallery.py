"""The gallery: what its configs say is published comes out of their runs, and one altered digit does not."""

import re
import shutil
from pathlib import Path

import pytest

from tests.cli.shell import here
from tests.sampling import drawn

ROOT = Path(__file__).parents[1]
GALLERY = ROOT / "configs" / "literature"
CONFIGS = sorted(GALLERY.glob("*.yaml"))
QUIETLY = ("--runner", "serial", "--no-tracking", "--quiet")

#: A number's last digit, before what ends it in a mapping.
LAST_DIGIT = re.compile(r"(cost: [0-9.]*)([0-9])(?=[,}])")


def test_there_are_thirty():
    assert len(CONFIGS) >= 30


@pytest.mark.exhaustive
def test_all_published_numbers_agree(tmp_path):
    # those that say by label what they mean, beside a sample
    kept = ["adam_first_step", "adaptive_restart", "shewchuk_first_step", "two_houses"]
    chosen = drawn(CONFIGS, 9, kept, name=lambda path: path.stem)
    done = here("run", *chosen, *QUIETLY, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    *_, last = done.stderr.splitlines()
    [agree, numbers] = re.findall(r"(\d+) of (\d+) published numbers agree", last)[0]
    assert agree == numbers
    assert int(numbers) >= len(chosen)
    assert last.endswith("all as they should be")


def test_one_altered_digit_is_red(tmp_path):
    folder = shutil.copytree(GALLERY, tmp_path / "literature")
    config = folder / "boyd_exact_search.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text(LAST_DIGIT.sub(lambda found: f"{found[1]}{(int(found[2]) + 5) % 10}", text, count=1))
    done = here("run", config, *QUIETLY, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.count("✗ NO") == 1
    told = "boyd_exact_search.yaml:12: cost at 0 of η=exact is 55, and 55.000005 is expected"
    assert "".join(told.split()) in "".join(done.stdout.split())  # a long folder's name is broken anywhere


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_each_has_its_page_with_its_numbers_its_sources_and_a_picture(path):
    name = path.stem
    text = (ROOT / "docs" / "gallery" / f"{name}.md").read_text(encoding="utf-8")
    assert f'--8<-- "configs/literature/{name}.yaml"' in text
    assert (ROOT / "docs" / "pictures" / "literature" / f"{name}.svg").is_file()
    assert f"[`{name}`]({name}.md)" in (ROOT / "docs" / "gallery" / "index.md").read_text(encoding="utf-8")
    config = path.read_text(encoding="utf-8")
    assert "source: " in config
    assert text.count("| ✓ yes |") > 0
    assert text.count("| ✗ NO |") == 0
    expected = config.partition("expect:")[2]
    for number in re.findall(r"(?:cost|gap|iterations|w\d): (-?[0-9][-+0-9.e]*)", expected):
        assert f"| {number} |" in text
