"""Templates over the API: changed with versions, matched on other data before anything runs, taken along as files."""

import pytest

ORDERS = b"id,country,amount\n1,Laos,10\n2,Peru,20\n3,Laos,30\n"
OTHER = b"Nr,Country,Total\n7,Laos,70\n8,Peru,80\n"
SPEC = {
    "name": "Laos",
    "output": {"format": "csv"},
}


@pytest.fixture(scope="module")
def made(server):
    """A template of orders in Laos, and the slug of other data."""
    orders, other = server.dataset("Orders of templates", ORDERS), server.dataset("Other orders", OTHER)
    source = {
        "dataset": orders["slug"],
        "columns": ["id", "amount"],
        "filters": {"items": [{"column": "country", "operator": "is", "values": ["Laos"]}]},
    }
    body = {"name": "Laos", "spec": SPEC | {"sources": [source]}, "tags": ["Monthly"], "keep_days": 3}
    return server.http.post("/api/v1/templates", json=body).json(), other["slug"]


def test_a_template_is_changed_and_every_version_can_come_back(server, made):
    template, _ = made
    path = f"/api/v1/templates/{template['id']}"
    assert (template["version"], template["tags"], template["keep_days"]) == (1, ["Monthly"], 3)
    changed = server.http.patch(path, json={"name": "Laos only", "keep_days": None}).json()
    assert (changed["version"], changed["keep_days"], changed["tags"]) == (2, None, ["Monthly"])
    newest = server.get(f"{path}/versions").json()["versions"][0]
    assert newest["changed"] == ["It is called “Laos only” instead of “Laos”."]
    restored = server.http.post(f"{path}/versions/1/restore").json()
    assert (restored["name"], restored["version"]) == ("Laos", 3)
    assert server.http.post(f"{path}/versions/3/restore").status_code == 409
    copy = server.http.post(f"{path}/duplicate").json()
    assert copy["name"] == "Laos (copy)"
    found = server.http.get("/api/v1/templates", params={"search": "laos copy", "tag": "monthly"}).json()["templates"]
    assert [one["id"] for one in found] == [copy["id"]]


def test_a_template_says_how_it_fits_other_data_and_runs_on_it_once_it_is_told(server, made, error):
    template, other = made
    asked = server.http.post(f"/api/v1/templates/{template['id']}/match", json={"datasets": [other]}).json()
    assert (asked["ready"], asked["missing"], asked["spec"]) == (False, ["id", "amount"], None)
    assert {pair["wanted"]: pair["how"] for pair in asked["columns"]} == {
        "id": None,
        "amount": None,
        "country": "alike",
    }
    refused = error(server.http.post("/api/v1/jobs", json={"template": template["id"], "dataset": other}), 422)
    assert refused["details"]["missing"] == ["id", "amount"]
    columns = [{"wanted": "id", "column": "Nr"}, {"wanted": "amount", "column": "Total"}]
    body = {"template": template["id"], "datasets": [other], "columns": columns}
    job = server.until_ended(server.http.post("/api/v1/jobs", json=body).json()["id"])
    assert server.get(job["files"][0]["url"]).text.split() == ["\ufeffid,amount", "7,70"]
    remembered = server.http.post(f"/api/v1/templates/{template['id']}/match", json={"datasets": [other]}).json()
    assert (remembered["ready"], remembered["columns"][0]["how"]) == (True, "remembered")


def test_a_template_is_taken_along_as_a_file(server, made, error):
    template, other = made
    answer = server.get(f"/api/v1/templates/{template['id']}/file")
    assert "Laos" in answer.headers["content-disposition"]
    file = answer.json()
    assert template["id"] not in answer.text
    body = {"file": file | {"name": "Came back"}, "datasets": [other]}
    refused = error(server.http.post("/api/v1/templates/import", json=body), 422)
    assert refused["details"]["missing"] == ["id", "amount"]
    columns = [{"wanted": "id", "column": "Nr"}, {"wanted": "amount", "column": "Total"}]
    added = server.http.post("/api/v1/templates/import", json=body | {"columns": columns})
    assert (added.status_code, added.json()["name"]) == (201, "Came back")
    for hostile in ({"format": "x"}, file | {"version": 2}, file | {"more": 1}):
        told = error(server.http.post("/api/v1/templates/import", json=body | {"file": hostile}), 400)
        assert told["code"] == "BadFile"
        assert told["next_step"]


def test_filters_and_columns_are_kept_alone(server, error):
    peru = {"items": [{"column": "country", "operator": "is", "values": ["Peru"]}]}
    saved = server.http.post("/api/v1/sets", json={"name": "Peru", "filters": peru}).json()
    assert (saved["kind"], saved["sentence"]) == ("filters", "Country is Peru")
    two = server.http.post("/api/v1/sets", json={"name": "Two", "columns": {"columns": ["id", "amount"]}}).json()
    assert [one["name"] for one in server.get("/api/v1/sets?kind=columns").json()["sets"]] == ["Two"]
    renamed = server.http.patch(f"/api/v1/sets/{saved['id']}", json={"name": "Only Peru"}).json()
    assert (renamed["name"], renamed["content"]["items"][0]["values"]) == ("Only Peru", ["Peru"])
    for wrong in ({"name": "None"}, {"name": "Both", "filters": peru, "columns": two["content"]}):
        assert error(server.http.post("/api/v1/sets", json=wrong), 400)["next_step"]
    assert server.http.delete(f"/api/v1/sets/{two['id']}").status_code == 204
    assert server.get(f"/api/v1/sets/{two['id']}").status_code == 404
