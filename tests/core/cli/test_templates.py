"""`python -m core templates`: a template written to a file, and added from it."""

from core.templating import templates
from tests.core.templating.test_templates import PEOPLE, spec


def test_a_template_is_listed_saved_and_added_with_other_columns(desk, dataset_factory, done, refusal, tmp_path):
    people = dataset_factory(PEOPLE, "People")
    kept = templates.save(desk, "Names", "", spec(people.slug, columns=[{"column": "name"}]), tags=["Bank"])
    assert done("templates", "list") == [f"{kept.id}  Names  version 1, not run yet  [Bank]"]
    file = tmp_path / "names.json"
    assert done("templates", "save", kept.id, "--to", file) == [f"Saved “Names” as {file}."]
    assert "cannot be written" in refusal("templates", "save", kept.id, "--to", file)

    dataset_factory("person,n\nAyu,1\n", "Persons")
    assert "“Persons” has no column “name”." in refusal("templates", "add", file, "--data", "persons")
    told = done("templates", "add", file, "--data", "persons", "--column", "name=person")
    assert told[0] == "Added “Names”."
    assert templates.get(desk, told[-1]).spec["sources"][0]["columns"][0]["label"] == "name"
    assert done("templates", "add", file)[0] == "Added “Names”."  # on the data of that name


def test_what_is_no_template_is_refused_with_a_sentence(desk, refusal, tmp_path):
    (tmp_path / "x.json").write_text("{}")
    assert "no template of Export Desk" in refusal("templates", "add", tmp_path / "x.json")
    assert "cannot be read" in refusal("templates", "add", tmp_path / "nowhere.json")
