"""The Data page says everything about every dataset."""

import re

from shockbook import catalog, datapage


def test_every_dataset_column_and_source_is_there():
    text = datapage.page()
    for name in catalog.names():
        resource = catalog.describe(name)
        section = text.partition(f"(data-{name})=")[2].partition("\n(data-")[0]
        assert resource["title"] in section and resource["licenceNote"] in section
        for field in resource["schema"]["fields"]:
            assert f"| `{field['name']}` | {field['type']} |" in section, (name, field["name"])
        for source in resource["sources"]:
            assert f"- `{source['id']}`: " in section, (name, source["id"])


def test_tables_are_rectangular():
    """A bar in a text would add a cell and shift the columns."""
    for line in datapage.page().splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) in (5, 6), line


def test_a_chapter_is_linked_where_it_exists():
    linked = datapage.page({"3-nvidia"})
    assert "{doc}`3-nvidia </chapters/3-nvidia>`" in linked
    assert "{doc}" not in datapage.page()


def test_constraints_are_said():
    text = datapage.page()
    assert "never empty; at least 0.0001" in text
    assert "one of: D, R, N" in text
