"""Vega's JavaScript and the page's templates are made once for each version, and kept where caches are."""

from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from gdbench.record.locate import cache_folder
from gdbench.report.charts import drawing
from gdbench.report.kept import Templates


@pytest.fixture
def made(monkeypatch, tmp_path):
    """How often the bundle is asked for; each is a new one."""
    asked = []
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(drawing.sys, "platform", "linux")
    monkeypatch.setattr(drawing, "memory_limit", lambda: 0)

    def bundle(exported):
        asked.append(exported)
        return f"{len(asked)}: {exported}"

    monkeypatch.setattr(drawing.vl_convert, "javascript_bundle", bundle)
    return asked


def vega():
    """As a process that has just begun."""
    drawing.vega.cache_clear()
    return drawing.vega()


@pytest.fixture(autouse=True)
def forgotten():
    yield
    drawing.vega.cache_clear()


def test_the_bundle_is_made_once_and_no_writer_leaves_half_of_it(made):
    assert vega() == vega()
    assert len(made) == 1
    [kept] = cache_folder().iterdir()
    assert kept.name.startswith("vega-embed-")


@pytest.mark.parametrize("damage", [lambda text: text[:-1], lambda text: f"{text}alert()", lambda _: "\udcff"])
def test_what_is_not_what_was_kept_is_made_anew(made, damage):
    first = vega()
    [kept] = cache_folder().iterdir()
    kept.write_text(damage(kept.read_text()), errors="surrogateescape")
    assert vega() != first
    assert vega() == vega()
    assert len(made) == 2


def test_another_version_has_a_bundle_of_its_own(made, monkeypatch):
    vega()
    monkeypatch.setattr(drawing, "version", lambda _: "99.0")
    vega()
    assert len(made) == len(list(cache_folder().iterdir())) == 2


def test_templates_are_compiled_once_and_again_where_they_or_their_code_have_changed(made, monkeypatch):
    compiled = []

    class Counted(Environment):
        def compile(self, source, *args, **options):
            compiled.append(source)
            return super().compile(source, *args, **options)

    def shown(text, **options):
        of = Counted(loader=DictLoader({"page": text}), bytecode_cache=Templates(), **options)
        return of.get_template("page").render(a="<")

    assert [shown("{{ a }}"), shown("{{ a }}"), shown("{{ a }}", autoescape=True)] == ["<", "<", "&lt;"]
    assert [shown("{{ a }}!"), shown("{{ a }}!")] == ["<!", "<!"]
    assert len(compiled) == 3
    for file in cache_folder().iterdir():
        file.write_bytes(file.read_bytes()[:-1])
    assert shown("{{ a }}!") == "<!"
    assert len(compiled) == 4


def test_a_folder_that_cannot_be_written_costs_a_second_and_nothing_else(made, tmp_path):
    (tmp_path / "cache").write_text("a file")
    assert vega().startswith("1: ")
    assert vega().startswith("2: ")


def _homeless(path: Path) -> Path:
    raise RuntimeError(path)


def test_a_user_without_a_home_keeps_nothing_and_a_relative_folder_of_caches_is_not_heeded(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "somewhere")
    monkeypatch.setattr(drawing.sys, "platform", "linux")
    monkeypatch.setenv("HOME", "/home/me")
    assert cache_folder() == Path("/home/me/.cache/gdbench")
    monkeypatch.setattr(Path, "expanduser", _homeless)
    with pytest.raises(NotADirectoryError):
        cache_folder().mkdir(parents=True)
