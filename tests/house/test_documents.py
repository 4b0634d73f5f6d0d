"""The documents say what the code does: settings, commands, hooks, exit codes, errors, generated pages, links."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from pydantic_core import PydanticUndefined

from passerelle import contracts, convert
from passerelle.contracts.field_meta import DataSubject, Purpose, Sensitivity
from passerelle.engine import log
from passerelle.engine.settings import (
    fleet_settings,
    general_settings,
    installation_settings,
    mailbox_settings,
    oidc_settings,
    place_settings,
    processing_settings,
    remote_places,
    web_settings,
)
from passerelle.engine.settings import workspace_settings as settings
from passerelle.extension import hookspecs
from passerelle.faces import pages
from passerelle.faces.cli.app import program
from passerelle.faces.cli.exits import Exit, of_error
from passerelle.vocabulary import errors

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *ROOT.glob("plugins/*/README.md")])
MODELS = {
    "## `[passerelle]`": general_settings.GeneralSettings,
    "## `[flow.NOM]`": settings.Flow,
    "### Le traitement": processing_settings.ProcessingSettings,
    "#### `recipient`": processing_settings.RecipientSettings,
    "#### `retention`": processing_settings.RetentionSettings,
    "#### `processors`": processing_settings.ProcessorSettings,
    "## `[web]`": web_settings.WebSettings,
    "### `[web.oidc]`": oidc_settings.OidcSettings,
    "## `[fleet]`": fleet_settings.FleetSettings,
    "## `[controller]`": processing_settings.ControllerSettings,
    '### `kind = "folder"` : des fichiers déposés': place_settings.FolderSourceSettings,
    '### `kind = "sftp"` : des fichiers déposés': place_settings.SftpSourceSettings,
    '### `kind = "api"` : une API que': settings.ApiSourceSettings,
    '### `kind = "folder"` : des fichiers\n': place_settings.FolderDestinationSettings,
    '### `kind = "sftp"` : des fichiers sur': place_settings.SftpDestinationSettings,
    '### `kind = "api"` : une API qui': settings.ApiDestinationSettings,
    '### `kind = "webdav"` : des fichiers déposés sur un serveur WebDAV': remote_places.WebDavSourceSettings,
    '### `kind = "webdav"` : des fichiers sur un serveur WebDAV': remote_places.WebDavDestinationSettings,
    '### `kind = "s3"` : des fichiers déposés dans un seau S3': remote_places.S3SourceSettings,
    '### `kind = "s3"` : des fichiers dans un seau S3': remote_places.S3DestinationSettings,
    '### `kind = "ftps"` : des fichiers déposés sur un serveur FTPS': place_settings.FtpsSourceSettings,
    '### `kind = "ftps"` : des fichiers sur un serveur FTPS': place_settings.FtpsDestinationSettings,
    '### `kind = "mailbox"` : les': mailbox_settings.MailboxSourceSettings,
    '### `kind = "inbox"`': settings.InboxSourceSettings,
    '### `kind = "handed"`': settings.HandedSourceSettings,
    '### `kind = "sql"`': settings.SqlSourceSettings,
    '### `kind = "supplier"`': settings.SupplierDestinationSettings,
    '### `kind = "database"`': settings.DatabaseDestinationSettings,
    "## Plusieurs structures : `[passerelle]`": installation_settings.SharedSettings,
}
REQUIRED = "**obligatoire**"


def _text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def _section(text: str, heading: str) -> str:
    """Give what stands between a heading and the next one of any level."""
    start = text.index(heading)
    return re.split(r"\n#{2,4} ", text[start + len(heading) :], maxsplit=1)[0]


def _rows(text: str) -> dict[str, list[str]]:
    """Read the rows of a table whose first cell is in backticks."""
    rows = [re.split(r"(?<!\\) \| ", line.strip("| ")) for line in text.splitlines() if line.startswith("| `")]
    return {cells[0].strip("`"): cells for cells in rows}


@pytest.mark.parametrize("heading", MODELS)
def test_every_setting_is_on_its_page_with_its_default(heading):
    fields = {name: field for name, field in MODELS[heading].model_fields.items() if not field.exclude}
    rows = _rows(_section(_text("docs/reglages.md"), heading))
    assert set(rows) == set(fields)
    for name, field in fields.items():
        told, default = rows[name][1], field.default
        if field.is_required():
            assert told == REQUIRED, name
        elif default in (None, "", PydanticUndefined):
            assert told.startswith("*"), name
            assert told != REQUIRED, name
        elif isinstance(default, tuple) and default:
            assert told == f"`{json.dumps(default)}`", name
        else:
            assert told == f"`{str(default).lower() if isinstance(default, bool) else default}`", name


FAULTS = {
    "## Un serveur WebDAV": ("unit/edges/places/test_webdav_folder.py", "unit/edges/places/test_remote_places.py"),
    "## Un serveur FTPS": ("unit/edges/places/test_ftps_folder.py", "unit/edges/places/test_remote_places.py"),
    "## Un magasin S3": ("unit/edges/places/test_s3_folder.py", "unit/edges/places/test_remote_places.py"),
    "## Une boîte aux lettres": ("unit/edges/sources/test_mailbox.py",),
    "## Des zips à mot de passe": ("unit/edges/sources/test_locked_zip.py", "unit/engine/adapters/test_file_places.py"),
    "## Des fichiers OpenPGP": (
        "unit/edges/sources/test_pgp_file.py",
        "unit/engine/adapters/test_file_places.py",
        "journeys/test_flow_of_locked_zips.py",
    ),
}
ELSEWHERE = frozenset({"incident.folder.lost", "decode.parcel.encrypted"})
"""What is the same for every place, or every zip, and is provoked where that is tested."""


@pytest.mark.parametrize("heading", FAULTS)
def test_every_fault_that_a_table_tells_is_provoked_by_a_test_of_its_place(heading):
    told = set(
        re.findall(r"`((?:incident|settings|decode)\.[a-z_]+\.[a-z_]+)`", _section(_text("docs/exploiter.md"), heading))
    )
    assert told
    provoked = "".join(_text(f"tests/{name}") for name in FAULTS[heading])
    assert sorted(code for code in told - ELSEWHERE if f'"{code}"' not in provoked) == []


def test_every_purpose_is_on_the_page_of_settings():
    assert set(_rows(_section(_text("docs/reglages.md"), "### Les finalités"))) == set(Purpose)


def _commands(command: click.Command, path: str = "passerelle") -> list[str]:
    if not isinstance(command, click.Group):
        return [path]
    context = click.Context(command)
    found = [(name, command.get_command(context, name)) for name in command.list_commands(context)]
    return [one for name, child in found if child for one in _commands(child, f"{path} {name}")]


def test_every_command_is_on_the_operators_page():
    assert sorted(_rows(_section(_text("docs/exploiter.md"), "## Les commandes"))) == sorted(_commands(program))


def test_every_exit_code_is_on_the_operators_page_and_in_both_readmes():
    rows = _rows(_section(_text("docs/exploiter.md"), "## Les codes de sortie"))
    assert {(int(code), cells[1].strip("`")) for code, cells in rows.items()} == {(one.value, one.name) for one in Exit}
    for name, opening in (("README.md", "Exit codes:"), ("README.fr.md", "Codes de sortie :")):
        text = _text(name)
        sentence = text[text.index(opening) :].split("\n\n")[0]
        assert {int(code) for code in re.findall(r"\b\d+\b", sentence)} == {one.value for one in Exit}


def test_every_event_of_the_log_is_on_the_operators_page_with_its_level():
    section = _section(_text("docs/exploiter.md"), "## Le journal de fonctionnement")
    told = {}
    for line in section.splitlines():
        if line.startswith("| `"):
            events, level = line.strip("| ").split(" | ")[:2]
            told.update(dict.fromkeys(re.findall(r"`(\w+)`", events), level.strip("`")))
    assert told == dict(log.EVENTS)


def test_every_hook_is_on_the_connectors_page():
    hooks = {
        name
        for name, _ in inspect.getmembers(hookspecs, inspect.isfunction)
        if name.startswith(("provide_", "observe_"))
    }
    assert set(_rows(_section(_text("docs/ecrire-un-connecteur.md"), "## Le crochet"))) == hooks


def test_every_converter_is_on_the_connectors_page():
    text = _text("docs/ecrire-un-connecteur.md")
    machinery = {"NONE", "Converter", "Doubtful", "Fault", "Row", "OutOfScope", "Table", "Where"}
    assert [name for name in convert.__all__ if name not in machinery and f"`{name}" not in text] == []


def test_the_table_of_errors_says_what_the_code_does():
    rows = [
        line.strip("| ").split(" | ")
        for line in _text("CONTRIBUTING.md").splitlines()
        if re.search(r"\| `\w+Error` \|", line)
    ]
    told = {cells[1].strip("`"): int(cells[3]) for cells in rows}
    kinds = [
        kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.PasserelleError)
    ]
    known = {
        kind.__name__: of_error(kind("incident.disk.full")).value
        for kind in kinds
        if kind is not errors.PasserelleError
    }
    assert told == known


def test_the_page_on_people_lists_every_trace_of_work_in_a_visit_and_who_gets_it():
    text = _text("docs/personnes-et-professionnels.md")
    facts = contracts.get("visit/1").describe_fields()
    traces = {name: fact for name, fact in facts.items() if fact.sensitivity is Sensitivity.SURVEILLANCE}
    rows = _rows(_section(text, "## Les professionnels"))
    assert {name: set(re.findall(r"`(\w+)`", cells[2])) for name, cells in rows.items()} == {
        name: {purpose.value for purpose in fact.purposes} for name, fact in traces.items()
    }
    assert set(_rows(_section(text, "## Une finalité par flux"))) == set(Sensitivity)


def test_the_page_on_people_names_the_other_contracts_that_trace_work():
    found = {
        contract.about.family
        for contract in contracts.catalogue().values()
        if any(fact.sensitivity is Sensitivity.SURVEILLANCE for fact in contract.describe_fields().values())
    }
    section = _section(_text("docs/personnes-et-professionnels.md"), "## Les professionnels")
    sentence = section[section.index("Ailleurs") : section.index("Ce qui en découle")]
    assert {*re.findall(r"`(\w+)`", sentence), "visit"} == found


def test_no_flow_of_figures_gets_a_name_or_a_trace_of_a_professional():
    """As the page on people promises."""
    found = [
        (contract.about.id, name)
        for contract in contracts.catalogue().values()
        for name, fact in contract.describe_fields().items()
        if fact.subject is DataSubject.WORKER
        and fact.serves(Purpose.STEERING)
        and fact.sensitivity is not Sensitivity.ORDINARY
    ]
    assert found == []


@pytest.mark.parametrize("page", [name for name, _ in pages.iter_pages()])
def test_generated_pages_are_up_to_date(page):
    made = dict(pages.iter_pages())[page]
    assert (ROOT / "docs" / page).read_text("utf-8") == made, "run `make pages`"


def _anchors(text: str) -> set[str]:
    """Give the anchors of headings, as Markdown viewers make them."""
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_documents_lead_somewhere(document):
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8")):
        if re.match(r"https?://|mailto:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path) if path else document
        if not file.exists() or (anchor and anchor not in _anchors(file.read_text("utf-8"))):
            broken.append(target)
    assert broken == []


def test_every_guide_can_be_reached_from_the_index():
    text = _text("docs/index.md")
    assert [
        page.name for page in (ROOT / "docs").glob("*.md") if page.name != "index.md" and f"({page.name})" not in text
    ] == []


def test_every_plugin_is_in_both_readmes():
    folders = sorted(path.parent.name for path in (ROOT / "plugins").glob("*/pyproject.toml"))
    for name in ("README.md", "README.fr.md"):
        text = _text(name)
        assert [folder for folder in folders if f"plugins/{folder}/README.md" not in text] == []


def test_the_plain_commands_are_those_of_the_makefile():
    recipe = _text("Makefile").replace("--quiet ", "").replace("$(BIN)", ".venv/bin").replace("$(PYTHON)", "python3")
    block = re.search(r"```sh\n(.*?)```", _text("CONTRIBUTING.md"), re.DOTALL).group(1)
    assert len(block.splitlines()) >= 9
    assert [line for line in block.splitlines() if line not in recipe] == []


def _file_blocks(text: str, kind: str) -> dict[str, str]:
    return dict(re.findall(rf"<!-- {kind}: (\S+) -->\n```\w+\n(.*?)```", text, re.DOTALL))


def _python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": "src", "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_the_worked_example_keeps_what_every_connector_keeps(tmp_path):
    """Build the plugin of the guide, found as an installed one is, and run its own conformance suite."""
    page = _text("docs/ecrire-un-connecteur.md")
    for name, content in _file_blocks(page, "file").items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    about = tmp_path / "src" / "passerelle_plugin_agenda_clair-0.1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: passerelle-plugin-agenda-clair\nVersion: 0.1.0\n")
    (about / "entry_points.txt").write_text(_entry_points((tmp_path / "pyproject.toml").read_text("utf-8")))
    for name, told in {"samples/nominal.csv": None, **_file_blocks(page, "told")}.items():
        given = _python(tmp_path, "-m", "passerelle.testing.samples", "agenda-clair-rdv", name)
        assert given.returncode == 0, given.stderr
        (tmp_path / name).with_suffix(".expected.jsonl").write_text(given.stdout, encoding="utf-8")
        sayings = [line for line in given.stdout.splitlines(keepends=True) if line.startswith('{"fate"')]
        assert told is None or "".join(sayings) == told
    ran = _python(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    assert ran.returncode == 0, ran.stdout


def _entry_points(project: str) -> str:
    groups = tomllib.loads(project)["project"]["entry-points"]
    return "\n".join(
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in entries.items())
        for group, entries in groups.items()
    )
