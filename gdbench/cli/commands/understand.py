"""The verbs for understanding what was run: report, next, export, ui, show."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from gdbench.cli.commands.report import report_command
from gdbench.cli.options import (
    FOLDER,
    PATH,
    choices,
    configs,
    experiment_folders,
    experiments,
    json_option,
    no_plugins_option,
    plugin_option,
    results_option,
    runners,
    tracking_uri_option,
    workers_option,
)
from gdbench.cli.streams import put
from gdbench.descent.errors import GdbenchError

__all__ = [
    "export_command",
    "next_command",
    "predict_command",
    "report_command",
    "show_command",
    "ui_command",
]


@click.command("next", epilog="Example: gdbench next lr_sweep --run")
@click.argument("name", shell_complete=experiments)
@click.option(
    "-o", "--output", type=PATH, help="The file to write (with --run: NAME_next.yaml beside its config)."
)
@click.option("-f", "--force", is_flag=True, help="Write over a file that gdbench next did not write.")
@click.option("--run", "run_it", is_flag=True, help="Write it, and run it.")
@click.option("--runner", default="auto", show_default=True, shell_complete=runners, help="Where, with --run.")
@workers_option
@click.option("--no-tracking", is_flag=True, help="With --run: record only.")
@json_option("What is offered, with its gain, as JSON on stdout; with --run, the answer.")
@results_option
@tracking_uri_option
@no_plugins_option
def next_command(
    *,
    name: str,
    output: Path | None,
    force: bool,
    run_it: bool,
    runner: str,
    workers: int | None,
    no_tracking: bool,
    as_json: bool,
    results: Path,
    tracking_uri: str | None,
) -> int:
    """Print the next experiment that is worth running after NAME, as a config, with the gain it should bring.

    It has been loaded, planned and checked, for which the plug-ins of the config are executed. Where
    nothing would gain, it says so. At a terminal a few lines say what it is; a pipe or a file gets the config.
    """
    [folder] = experiment_folders(results, [name])

    from gdbench.cli.verbs.next import Place, follow  # noqa: PLC0415  not for --help

    place = Place(results, runner, workers, None if no_tracking else tracking_uri, tracking=not no_tracking)
    return follow(folder, output, place, force=force, run_it=run_it, as_json=as_json)


@click.command("export", epilog="Example: gdbench export lr_sweep --to csv --output data/")
@click.argument("name", shell_complete=experiments)
@click.option(
    "--to",
    type=click.Choice(["parquet", "csv"]),
    default="parquet",
    show_default=True,
    help="Parquet is a fraction of the size, and typed.",
)
@click.option("--output", type=FOLDER, help="Folder to write to.  [default: <results>/NAME/export]")
@results_option
def export_command(name: str, to: str, output: Path | None, results: Path) -> None:
    """Write all runs, curves and problems of NAME for other programs, and what each column means.

    The frames are whole: every recorded iteration of every run is in curves.
    """
    [folder] = experiment_folders(results, [name])

    from gdbench.report.page.export import export  # noqa: PLC0415  pandas and Arrow are slow to import

    for path in export(folder, to, output):
        put(str(path))


@click.command("ui", epilog="Example: gdbench ui --experiment lr_sweep --port 5000")
@click.option(
    "--experiment",
    metavar="NAME",
    shell_complete=experiments,
    help="Print the address of this experiment (default: the latest).",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port to listen on (default: a free one from 5000 on)."
)
@results_option
@tracking_uri_option
def ui_command(
    experiment: str | None, host: str, port: int | None, results: Path, tracking_uri: str | None
) -> int:
    """Browse all experiments in the MLflow UI; Ctrl-C ends it."""
    from gdbench.cli.verbs.ui import browse  # noqa: PLC0415  not for --help

    return browse(experiment, host, port, results, tracking_uri)


run_option = click.option(
    "--run", "key", metavar="KEY", help="One run, by the beginning of its key (default: the best)."
)


@click.command("predict", epilog="Example: gdbench predict houses new_houses.csv -o priced.csv")
@no_plugins_option
@click.argument("name", shell_complete=experiments)
@click.argument("rows", type=PATH)
@run_option
@click.option("-o", "--output", type=PATH, help="The CSV to write (default: to stdout).")
@results_option
def predict_command(name: str, rows: Path, key: str | None, output: Path | None, results: Path) -> None:
    """Predict for the rows of a file by what a run of NAME has learned; probabilities where it has them.

    The file ROWS is read like the one that was trained on, and prepared alike: gaps are filled, categories and
    units treated as the training rows had it. Its target, if any, is not looked at.
    """
    [folder] = experiment_folders(results, [name])
    _of_model(folder, key, rows, output)


def _of_model(
    folder: Path, key: str | None, rows: Path | None, output: Path | None = None, *, as_json: bool = False
) -> None:
    """rows: to predict for; None shows the model itself."""
    from gdbench.cli.verbs.model import show_models, write_predictions  # noqa: PLC0415  not for --help

    if rows is None:
        show_models(folder, key, as_json=as_json)
    else:
        write_predictions(folder, rows, key, output)


class _ShowGroup(click.Group):
    """What is no verb of its own is a choice's name: `show huber` is `show definition huber`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and name not in self.commands and not name.startswith("-"):
            return "definition", definition_command, args
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        return [*super().shell_complete(ctx, incomplete), *choices(ctx, ctx.command.params[0], incomplete)]


_SHOW = """\b
Example: gdbench show huber
         gdbench show model lr_sweep
         gdbench show kernel --model linear --cost huber --features 2"""


@click.group("show", cls=_ShowGroup, epilog=_SHOW)
def show_command() -> None:
    """Print the model that was learned, or source that teaches: a compiled kernel, a choice's definition.

    Every other NAME is a choice's: gdbench show NAME prints its formula and source, of whatever kind it is.
    """


@show_command.command("kernel", epilog="Example: gdbench show kernel configs/lr_sweep.yaml")
@click.argument("config", type=PATH, required=False, shell_complete=configs)
@click.option("--model", metavar="CHOICE", help="As linear, or '{mlp: {hidden: [3]}}'.")
@click.option("--cost", metavar="CHOICE", help="As huber, or '{huber: {delta: 2}}'.")
@click.option("--penalty", metavar="CHOICE", help="As '{l2: 0.1}'.")
@click.option("--surface", metavar="CHOICE", help="As rosenbrock; it needs no model or cost.")
@click.option("--features", type=click.IntRange(1, 200), default=2, show_default=True)
@click.option(
    "--classes", type=click.IntRange(2, 50), default=3, show_default=True, help="For costs over classes."
)
@plugin_option("A plug-in file.")
def kernel_command(
    config: Path | None, features: int, classes: int, plugins: tuple[Path, ...], **choices: str | None
) -> None:
    """Print the Python that minimises each problem of CONFIG, or the one that the options describe."""
    given = {axis: value for axis, value in choices.items() if value is not None}
    if config is not None and given:
        raise GdbenchError(
            f"a config says what is minimised: give {config}, or --{next(iter(given))}, not both."
        )
    _show(plugins, None, config, given, features, classes)


@show_command.command("definition", epilog="Example: gdbench show definition huber")
@click.argument("name", shell_complete=choices)
@plugin_option("A plug-in file.")
def definition_command(name: str, plugins: tuple[Path, ...]) -> None:
    """Print the definition of each choice called NAME, of whatever kind, as it was written."""
    _show(plugins, name)


def _show(
    plugins: tuple[Path, ...],
    name: str | None,
    config: Path | None = None,
    given: Mapping[str, str] | None = None,
    features: int = 2,
    classes: int = 3,
) -> None:
    from gdbench.cli.verbs.inspect import show_sources  # noqa: PLC0415  not for --help

    show_sources(plugins, name, config, given, features, classes)


@show_command.command("archive", epilog="Example: gdbench show archive glm-1 > base.yaml")
@click.argument("name")
def archive_config_command(name: str) -> None:
    """Print the config that the archive NAME comes from: what extends it has the same problems."""
    from gdbench.report.comparison.archive import archive_of  # noqa: PLC0415  not for --help

    put(archive_of(name).config, end="")


@show_command.command("model", epilog="Example: gdbench show model lr_sweep --run 3f2a")
@no_plugins_option
@click.argument("name", shell_complete=experiments)
@run_option
@json_option("The same with all digits, for a program to read.")
@results_option
def model_command(name: str, key: str | None, *, as_json: bool, results: Path) -> None:
    """Print what the best run of each problem of NAME has learned: its equation, and every parameter by name.

    Where features were standardized, each parameter stands there as it was fitted and in the data's own units.
    """
    [folder] = experiment_folders(results, [name])
    _of_model(folder, key, None, as_json=as_json)
