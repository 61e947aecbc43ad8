"""Plain values as YAML that reads back as the same values, in the order in which they are given."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from gdbench.config.yaml.document import read_scalar


def yaml_of(config: Mapping[str, object]) -> str:
    """A config as a person would write it: without anchors, short lists on one line."""
    return yaml.dump(
        config, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None
    )


class _Plain(yaml.SafeDumper):
    """Without anchors: what is equal is written twice."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  PyYAML's signature
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    """In quotes where YAML 1.2 reads something else: 1e-3 is text to PyYAML, and a number to a config."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if _stays_text(text) else "'")


def _stays_text(text: str) -> bool:
    try:
        return isinstance(read_scalar(text), str)
    except ValueError:  # a number too long to be one
        return False


_Plain.add_representer(str, _text)
