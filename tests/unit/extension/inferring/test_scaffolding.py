"""The plugin made from a sample: two forms of the same objects, invented samples, nothing of the file in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.extension.inferring.exports import export, proposed

from passerelle.documents.workbook_reader import open_rows
from passerelle.extension.inferring.plugin_names import make_names
from passerelle.extension.inferring.proposal import MARK
from passerelle.extension.inferring.python_writing import write_python
from passerelle.extension.inferring.sample_writing import write_sample
from passerelle.extension.inferring.scaffolding import write_description
from passerelle.extension.inferring.toml_writing import write_value
from passerelle.extension.toml_suppliers import read_supplier
from passerelle.faces.cli.plugins.new import make_plugin
from passerelle.stages.decode.decoding import decode
from passerelle.stages.decode.dialects import Csv, Json, Xlsx, Xml
from passerelle.vocabulary.errors import UsageError


def laid_out(folder, files):
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def objects(supplier):
    """Give what a supplier is made of; a field with one converter is the same as a field with a list of one."""
    (connector,) = supplier.connectors
    (table,) = connector.tables
    fields = {name: one if isinstance(one, tuple) else (one,) for name, one in table.fields.items()}
    return replace(supplier, connectors=(replace(connector, tables=(replace(table, fields=fields),)),))


@pytest.mark.parametrize("name", ["agenda", "beneficiaires", "factures", "orientation_rsa", "telegestion_repetee"])
def test_both_forms_give_the_same_objects(name, tmp_path):
    proposal = proposed(export(name))
    names = make_names("Essai", proposal)
    laid_out(tmp_path, write_description(proposal, names))
    described = read_supplier(tmp_path / "supplier.toml", tmp_path)
    space: dict[str, object] = {}
    exec(compile(write_python(proposal, names), "plugin", "exec"), space)  # noqa: S102  the module that we have just written
    (coded,) = space["provide_suppliers"]()
    assert objects(coded) == objects(described)


HEADER = "N° dossier;Nom;Prénom;Né(e) le;NIR;Téléphone;Email;Adresse;Code postal;Ville;Statut;Commentaire;Solde;Visite"
CANARIES = """\
ZQ-7731;ZORGLUBE;Philomène-Zoé;17/11/1931;131114299911142;0477123987;zorglube@zq.example;77 quai Zorglube;42987;\
Zorgville;Actif;Vit avec Zorglubin;7391,17;29/02/2024 23:47
ZQ-7732;ZIGOMARRE;Anastasie-Zoé;18/10/1932;232104299922275;0477123988;zigomar@zq.example;78 quai Zigomar;42986;\
Zigoville;Actif;Chez Zigomarin;8391,18;28/02/2024 22:46
"""


@pytest.mark.parametrize("style", ["toml", "python"])
def test_no_cell_of_the_file_is_in_the_plugin(tmp_path, style):
    (tmp_path / "x.csv").write_text(f"{HEADER}\n{CANARIES}", encoding="utf-8")
    proposal = proposed(tmp_path / "x.csv", contract="person/1")
    assert len(proposal.choices) >= 9
    files = make_plugin(proposal, make_names("Essai", proposal), style)
    text = "\n".join(content.decode() for content in files.values())
    cells = {cell for line in CANARIES.splitlines() for cell in line.split(";")} - {"Actif"}
    assert [cell for cell in cells if cell in text] == []
    assert not [cell for cell in cells if cell in repr(proposal)]


def test_it_passes_its_own_tests_when_it_is_installed(tmp_path):
    proposal = proposed(export("agenda"))
    names = make_names("Agenda Clair", proposal)
    folder = laid_out(tmp_path, make_plugin(proposal, names, "python"))
    about = folder / "src" / f"{names.module}-0.1.0.dist-info"
    entry = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    laid_out(
        about,
        {
            "METADATA": f"Metadata-Version: 2.1\nName: {entry['name']}\nVersion: {entry['version']}\n",
            "entry_points.txt": "\n".join(
                f"[{group}]\n" + "".join(f"{one} = {two}\n" for one, two in points.items())
                for group, points in entry["entry-points"].items()
            ),
        },
    )
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": "src", "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    assert "passed" in ran.stdout


def test_every_question_is_marked_in_the_description_and_on_the_page():
    proposal = proposed(export("telegestion_abrege"))
    files = make_plugin(proposal, make_names("Essai", proposal), "toml")
    toml = next(content.decode() for name, content in files.items() if name.endswith("supplier.toml"))
    page = files["README.md"].decode()
    asked = [question for choice in proposal.choices for question in choice.questions]
    assert asked
    assert all(any(MARK in line and question in line for line in toml.splitlines()) for question in asked)
    assert all(re.search(rf"«\s*{re.escape(column)}\s*»", page) for column in proposal.carried)


def test_words_without_a_code_wait_in_a_file_that_no_reader_looks_at(tmp_path):
    text = "N° intervention;Code usager;Statut\n" + "1;U1;Réalisée\n2;U2;Bizarre\n" * 3
    (tmp_path / "x.csv").write_text(text, encoding="utf-8")
    proposal = proposed(tmp_path / "x.csv", contract="visit/1")
    files = write_description(proposal, make_names("Essai", proposal))
    assert files["codes/status.csv"].splitlines() == ["mot;code", "Réalisée;done"]
    assert files["codes/status.a-decider.csv"].splitlines() == ["mot;code", "Bizarre;"]


@pytest.mark.parametrize("name", ["", "42", "«»"])
def test_a_plugin_needs_a_name_that_begins_with_a_letter(name):
    with pytest.raises(UsageError) as caught:
        make_names(name, proposed(export("agenda")))
    assert caught.value.code == "usage.plugin.unnameable"


def test_names_of_all_parts_come_from_one():
    names = make_names("Télé-Gestion Plus !", proposed(export("agenda")))
    assert (names.id, names.module) == ("tele-gestion-plus", "passerelle_plugin_tele_gestion_plus")
    assert names.connector == "tele-gestion-plus-appointment"


def test_header_names_cannot_leave_their_quotes(tmp_path):
    odd = 'N° facture;"a"" = 1 } # ""\'\'\'\\";Total TTC\n' + "F1;x;12,50\nF2;y;13,50\n"
    (tmp_path / "x.csv").write_text(odd, encoding="utf-8")
    proposal = proposed(tmp_path / "x.csv", contract="invoice/1")
    names = make_names('Essai "quotes" \\', proposal)
    laid_out(tmp_path, write_description(proposal, names))
    described = read_supplier(tmp_path / "supplier.toml", tmp_path)
    assert described.connectors[0].tables[0].carried == ("a\" = 1 } # \"'''\\",)
    compile(write_python(proposal, names), "plugin", "exec")


plain = st.text(st.characters(exclude_categories=("Cs",)), max_size=12) | st.integers(-9, 9) | st.booleans()


@given(
    st.dictionaries(st.text(st.characters(exclude_categories=("Cs",)), max_size=8), plain | st.lists(plain), max_size=4)
)
def test_what_is_written_as_toml_is_read_back(given_value):
    assert tomllib.loads(f"x = {write_value(given_value)}")["x"] == given_value


@pytest.mark.parametrize(
    "dialect",
    [
        Csv(delimiter=",", skip_lines=2),
        Csv(delimiter="\t", header=("a", "b")),
        Json(lists={"data.rows": ""}),
        Json(lists={"": ""}, lines=True),
        Xml(rows={"/export/ligne": ""}),
        Xlsx(header_row=3),
    ],
    ids=lambda dialect: type(dialect).__name__,
)
def test_an_invented_sample_is_read_back_by_its_dialect(dialect):
    rows = [{"a": "1", "b": "é; ,"}, {"a": "2", "b": "x"}]
    (decoded,) = decode(
        BytesIO(write_sample(dialect, rows)), dialect, block_bytes=1 << 20, block_rows=100, open_workbook=open_rows
    )
    assert decoded.table.frame.to_dicts() == rows


def test_cells_of_nested_elements_and_objects_go_back_to_their_places():
    row = {"@id": "7", "who/name": "A", "who#2/name": "B", ".": "text"}
    xml = write_sample(Xml(rows={"/all/one": ""}), [row]).decode()
    assert '<one id="7">text<who>' in xml.replace("\n", "").replace("  ", "")
    assert xml.count("<who>") == 2
    assert b'"a": {"b": "1"}' in write_sample(Json(lists={"": ""}, lines=True), [{"a.b": "1", "a.b.c": "2"}])
