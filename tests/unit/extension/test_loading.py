"""Finding plugins without importing them, loading those that are allowed, naming those that are wrong."""

from __future__ import annotations

import subprocess
import sys

import pytest

from passerelle.extension.loading import list_installed, load_plugins
from passerelle.vocabulary.errors import FatalError, SettingsError, UsageError

GOOD = """
    from passerelle import Connector, Csv, Supplier, hookimpl

    VISITS = Connector(id="acme{n}-visits", title="Visits", dialect=Csv(), tables=())
    SUPPLIER = Supplier(id="acme{n}", title="Acme", connectors=(VISITS,))

    @hookimpl
    def provide_suppliers():
        return [SUPPLIER]
"""


def good(number=""):
    return GOOD.replace("{n}", str(number))


def test_listing_plugins_reads_metadata_and_imports_none_of_them(install):
    module = install("one", "raise RuntimeError", version="2.3", summary="Reads Acme.")
    found = {info.name: info for info in list_installed()}
    assert (found["one"].version, found["one"].summary) == ("2.3", "Reads Acme.")
    assert found["one"].distribution == "passerelle-plugin-test-one"
    assert module not in sys.modules


def test_a_plugin_without_a_summary_is_listed_too(install):
    install("bare", "", summary="")
    assert {info.summary for info in list_installed() if info.name == "bare"} == {""}


def test_an_allowed_plugin_provides_its_suppliers_and_connectors(install):
    install("one", good())
    plugins = load_plugins(["one"])
    supplier, connector, info = plugins.find_connector("acme-visits")
    assert (supplier.id, connector.title, info.name, info.version) == ("acme", "Visits", "one", "1.0")
    assert [entry.id for entry in plugins.suppliers] == ["acme"]


@pytest.mark.parametrize("word", ["one", "passerelle-plugin-test-one", "Passerelle_Plugin_Test_One"])
def test_a_plugin_is_allowed_by_its_name_or_its_distribution(install, word):
    install("one", good())
    assert [info.name for info in load_plugins([word]).infos] == ["one"]


def test_a_plugin_that_is_not_allowed_is_not_imported(install):
    install("one", good())
    module = install("two", "raise RuntimeError")
    load_plugins(["one"])
    assert module not in sys.modules


def test_two_plugins_keep_what_is_their_own(install):
    install("one", good(1))
    install("two", good(2))
    plugins = load_plugins(["two", "one"])
    assert {key: info.name for key, (_s, _c, info) in plugins.connectors.items()} == {
        "acme1-visits": "one",
        "acme2-visits": "two",
    }


def test_an_allowed_plugin_that_is_not_installed_is_a_mistake_in_the_settings():
    with pytest.raises(SettingsError) as caught:
        load_plugins(["nowhere"])
    assert (caught.value.code, caught.value.details["plugin"]) == ("settings.plugin.absent", "nowhere")


def test_an_unknown_connector_is_told_with_the_nearest_one(install):
    install("one", good())
    with pytest.raises(UsageError) as caught:
        load_plugins(["one"]).find_connector("acme-visit")
    assert caught.value.details["nearest"] == "acme-visits"


HOOK = "from passerelle import hookimpl\n@hookimpl\n"
INVALID = {
    "a misspelt hook": f"{HOOK}def provide_supplier():\n    return []\n",
    "an argument too many": f"{HOOK}def provide_suppliers(more):\n    return []\n",
    "another type": f"{HOOK}def provide_suppliers():\n    return ['acme']\n",
    "an impossible id": good().replace('id="acme-visits"', 'id="Acme Visits"'),
}


@pytest.mark.parametrize("code", INVALID.values(), ids=INVALID)
def test_what_does_not_keep_the_contract_is_refused_with_the_plugins_name(install, code):
    install("odd", code, version="9.9")
    with pytest.raises(FatalError) as caught:
        load_plugins(["odd"])
    assert caught.value.code == "incident.plugin.invalid"
    assert (caught.value.details["plugin"], caught.value.details["version"]) == ("odd", "9.9")


def test_an_id_that_is_taken_is_refused(install):
    install("one", good())
    install("two", good())
    with pytest.raises(FatalError) as caught:
        load_plugins(["one", "two"])
    assert caught.value.details["plugin"] == "two"


FAILING = {
    "at import": "raise ValueError('Jean CANARY')",
    "when asked": f"{HOOK}def provide_suppliers():\n    raise KeyError('CANARY')\n",
    "by leaving": f"{HOOK}def provide_suppliers():\n    raise SystemExit('CANARY')\n",
    "while it is read": (f"{HOOK}def provide_suppliers():\n    yield 1 / 0\n"),
}


@pytest.mark.parametrize("code", FAILING.values(), ids=FAILING)
def test_what_a_plugin_raises_gets_its_name_and_loses_its_words(install, code):
    install("bad", code, version="0.1")
    with pytest.raises(FatalError) as caught:
        load_plugins(["bad"])
    assert caught.value.code == "incident.plugin.failed"
    assert (caught.value.details["plugin"], caught.value.details["version"]) == ("bad", "0.1")
    assert "passerelle_plugin_test_bad.py:" in caught.value.details["place"]
    assert "CANARY" not in f"{caught.value} {caught.value.details} {caught.value.__cause__}"


def test_the_list_of_plugins_is_there_without_any_heavy_import():
    code = (
        "import sys; from passerelle.extension.loading import list_installed; list_installed();"
        "heavy = {'polars', 'pydantic', 'sqlalchemy', 'httpx', 'lxml', 'alembic'} & set(sys.modules);"
        "print(*sorted(heavy))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == []


def test_a_plugin_that_names_what_it_has_is_imported_when_it_is_asked_for(install):
    index = {"suppliers": ["acme1"], "connectors": ["acme1-visits"]}
    install("one", good(1), index=index)
    other = install("two", "raise RuntimeError", index={"suppliers": ["acme2"], "connectors": ["acme2-visits"]})
    plugins = load_plugins(["one", "two"])
    assert plugins.find_connector("acme1-visits")[0].id == "acme1"
    assert plugins.get_supplier("acme1")
    assert not plugins.get_supplier("acme3")
    assert other not in sys.modules
    with pytest.raises(FatalError):
        plugins.find_connector("acme2-visits")
    with pytest.raises(FatalError):
        _ = plugins.suppliers


def test_a_plugin_without_an_index_is_imported_at_once(install):
    install("one", "raise RuntimeError")
    with pytest.raises(FatalError) as caught:
        load_plugins(["one"])
    assert caught.value.code == "incident.plugin.failed"


def test_all_have_their_order_whichever_was_asked_for_first(install):
    for number in (1, 2, 3):
        index = {"suppliers": [f"acme{number}"], "connectors": [f"acme{number}-visits"]}
        install(f"p{number}", good(number), index=index)
    plugins = load_plugins(["p1", "p2", "p3"])
    plugins.find_connector("acme3-visits")
    assert [*plugins.connectors] == ["acme1-visits", "acme2-visits", "acme3-visits"]
    assert [one.id for one in plugins.suppliers] == ["acme1", "acme2", "acme3"]


def test_two_plugins_that_name_one_connector_are_refused_when_it_is_asked_for(install):
    index = {"suppliers": ["acme"], "connectors": ["acme-visits"]}
    install("one", good(), index=index)
    install("two", good(), index=index)
    with pytest.raises(FatalError) as caught:
        load_plugins(["one", "two"]).find_connector("acme-visits")
    assert caught.value.code == "incident.plugin.invalid"


@pytest.mark.parametrize(
    ("suppliers", "connectors", "wrong"),
    [
        (["acme"], ["acme-visits", "acme-invoices"], "acme-invoices"),
        (["acme"], ["acme-invoices"], "acme-invoices"),
        (["other"], ["acme-visits"], "other"),
        (["acme", "other"], ["acme-visits"], "other"),
    ],
)
def test_an_index_that_names_what_is_not_there_is_refused(install, suppliers, connectors, wrong):
    install("one", good(), index={"suppliers": suppliers, "connectors": connectors})
    with pytest.raises(FatalError) as caught:
        load_plugins(["one"]).find_connector(connectors[0])
    assert caught.value.code == "incident.plugin.invalid"
    assert wrong in caught.value.details["defect"]


def test_an_index_that_does_not_name_all_is_refused(install):
    two = (
        good()
        .replace("connectors=(VISITS,)", "connectors=(VISITS, INVOICES)")
        .replace(
            "SUPPLIER =",
            'INVOICES = Connector(id="acme-invoices", title="Invoices", dialect=Csv(), tables=())\n    SUPPLIER =',
        )
    )
    install("one", two, index={"suppliers": ["acme"], "connectors": ["acme-visits"]})
    with pytest.raises(FatalError) as caught:
        load_plugins(["one"]).find_connector("acme-visits")
    assert "acme-invoices" in caught.value.details["defect"]


def test_an_unknown_connector_is_looked_for_everywhere(install):
    install("one", good(1), index={"suppliers": ["acme1"], "connectors": ["acme1-visits"]})
    with pytest.raises(UsageError) as caught:
        load_plugins(["one"]).find_connector("acme1-visit")
    assert caught.value.details["nearest"] == "acme1-visits"
    assert load_plugins(["one"]).get_connector("acme1-visit") is None
