"""A program that knows nothing but the API, from a file to a file; and the documentation's own commands, run as they stand."""

import csv
import hashlib
import io
import json
import os
import re
import subprocess
from pathlib import Path

import httpx
import pytest
import pyzipper

DOCS = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
ORDERS = "id,country,amount,day\n" + "".join(
    f"{n:05d},{('Indonesia', 'Malaysia', 'Perú')[n % 3]},{n * 1.5:.2f},2026-{n % 12 + 1:02d}-10\n" for n in range(300)
)


def test_a_script_uploads_starts_polls_and_downloads(server):
    dataset = server.dataset("Script orders", ORDERS.encode())
    assert dataset["rows"] == 300
    assert [c["name"] for c in dataset["columns"]] == ["id", "country", "amount", "day"]
    assert dataset["slug"] == "script-orders"

    spec = {
        "name": "Pesanan – Indonésia",
        "sources": [
            {
                "dataset": dataset["id"],
                "filters": {"items": [{"column": "country", "operator": "is", "values": ["Indonesia"]}]},
                "columns": [{"column": "id"}, {"column": "amount", "label": "Amount"}],
                "sort": [{"column": "id", "descending": True}],
            }
        ],
        "output": {"format": "csv"},
    }
    started = server.http.post("/api/v1/jobs", json=spec)
    assert started.status_code == 202
    assert started.json()["state"] in ("queued", "running", "succeeded")
    job = server.until_ended(started.json()["id"])
    assert job["state"] == "succeeded", job["error"]
    assert job["rows"] == job["receipt"]["rows"] == 100
    assert job["receipt"]["source_rows"] == 300

    (file,) = job["files"]
    answer = server.get(file["url"])
    assert answer.status_code == 200
    assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
    assert answer.headers["x-checksum"] == f"sha256:{file['sha256']}"
    assert answer.headers["etag"] == f'"{file["sha256"]}"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "filename*=UTF-8''Pesanan%20%E2%80%93%20Indon%C3%A9sia" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["id", "Amount"]
    assert len(rows) == 101
    assert rows[1][0] == "00297"

    receipt = server.get(f"{job['url']}/receipt")
    assert receipt.json() == job["receipt"]
    assert any(j["id"] == job["id"] for j in server.get("/api/v1/jobs").json()["jobs"])

    assert server.http.delete(job["url"]).status_code == 204
    assert server.get(job["url"]).status_code == 404
    assert server.get(file["url"]).status_code == 404


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ('"name": "half a sign \\ud83d"', 400, "half a sign"),
        ('"packaging": {"password": "\\uDC00"}', 400, "“packaging.password” holds half a sign"),
        ('"name": "N\\u0000L"', 400, "“name” holds the character NUL"),
        ('"labels": {"a": ["b", "\\u0000"]}', 400, "“labels.a.1” holds the character NUL"),
        ('"\\u0000": 1', 400, "the character NUL"),
        ('"name": "\\ud83d\\ude00", "packaging": {"split": {"by": "size", "megabytes": 1e999}}', 422, "less than"),
        ('"packaging": {"split": {"by": "size", "megabytes": 1e308}}', 422, "less than"),
        ('"limits": {}, "limits": {"rows": "\\ud83d"', 422, "not valid JSON"),
    ],
)
def test_what_no_run_could_survive_is_refused_at_the_door(server, error, change, status, said):
    dataset = server.dataset("Doors", ORDERS.encode())["id"]
    body = f'{{"sources": [{{"dataset": "{dataset}"}}], "output": {{"format": "csv"}}, {change}}}'
    answer = server.http.post("/api/v1/jobs", content=body, headers={"Content-Type": "application/json"})
    assert said in error(answer, status)["message"]


def test_a_limit_no_table_reaches_is_refused_in_words(server, error):
    dataset = server.dataset("Limits", ORDERS.encode())["id"]
    answer = server.http.post("/api/v1/jobs", json={"sources": [{"dataset": dataset, "limit": 2**63}]})
    assert error(answer, 422)["field"] == "sources.0.limit"


def test_the_commands_of_the_documentation_work_as_they_stand(server, tmp_path):
    (tmp_path / "orders.csv").write_text(ORDERS)
    commands = [
        c.strip() for c in re.findall(r"```sh\n(.*?)```", DOCS, re.DOTALL) if c.startswith(("curl", "PASSWORD"))
    ]
    env = os.environ | {"DESK": server.url, "TOKEN": server.token, "JOB": "", "TEMPLATE": ""}

    def run(command):
        done = subprocess.run(
            ["bash", "-c", command], env=env, cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout

    add, start, split_and_locked, from_template, wait, download, receipt, delete, bulk, on_other_data, schedule = (
        commands
    )

    dataset = json.loads(run(add))
    assert dataset["name"] == "Orders"
    job = json.loads(run(start.replace('"orders"', f'"{dataset["slug"]}"')))
    spec = json.loads(re.search(r"-d '(.*)'$", start, re.DOTALL)[1])
    saved = server.http.post("/api/v1/templates", json={"name": "Orders again", "spec": spec})
    assert saved.status_code == 201, saved.text
    env["TEMPLATE"] = saved.json()["id"]
    again = json.loads(run(from_template))
    assert again["template_id"] == saved.json()["id"]
    server.until_ended(again["id"])

    locked = server.until_ended(json.loads(run(split_and_locked))["id"])
    with pyzipper.AESZipFile(io.BytesIO(server.get(locked["files"][0]["url"]).content)) as archive:
        archive.setpassword(b"a long one, please")
        assert archive.namelist()[:3] == ["Orders Indonesia.xlsx", "Orders Malaysia.xlsx", "Orders Perú.xlsx"]
        assert json.loads(archive.read("manifest.json"))["rows"] == 300
    assert (locked["files"][0]["locked"], locked["files"][0]["member_count"]) == (True, 3)

    env["JOB"] = job["id"]
    assert server.until_ended(job["id"])["state"] == "succeeded"
    assert json.loads(run(wait))["state"] == "succeeded"
    run(download)
    (file,) = [p for p in tmp_path.iterdir() if p.name != "orders.csv"]
    assert file.name.startswith("Indonesian orders")
    assert file.read_text(encoding="utf-8-sig").startswith("id,Amount")
    assert json.loads(run(receipt))["rows"] == 100
    run(delete)
    assert server.get(f"/api/v1/jobs/{job['id']}").status_code == 404

    assert server.until_ended(json.loads(run(bulk))["id"])["files"][0]["name"].endswith(".zip")
    june = server.dataset("Orders June", ORDERS.replace("amount", "Total").encode())
    matched = json.loads(run(on_other_data.replace('"orders-june"', f'"{june["slug"]}"')))
    assert server.until_ended(matched["id"])["rows"] == 100
    scheduled = json.loads(run(schedule))
    assert (scheduled["template_id"], scheduled["zone"]) == (saved.json()["id"], "Asia/Jakarta")
    assert server.http.delete(f"/api/v1/schedules/{scheduled['id']}").status_code == 204


def test_a_template_runs_on_another_dataset_with_the_same_columns_and_names_those_it_lacks(server, error):
    first = server.dataset("Template one", ORDERS.encode())
    other = server.dataset("Template two", ORDERS.replace("Indonesia", "Laos").encode())
    lacking = server.dataset("Template three", b"id,land\n1,Laos\n")
    spec = {
        "sources": [
            {
                "dataset": first["slug"],
                "columns": [{"column": "amount"}, {"column": "country"}],
                "filters": {"items": [{"column": "country", "operator": "is", "values": ["Laos"]}]},
            }
        ],
        "output": {"format": "jsonl"},
    }
    template = server.http.post("/api/v1/templates", json={"name": "Laos", "spec": spec}).json()
    assert [t["name"] for t in server.get("/api/v1/templates").json()["templates"] if t["id"] == template["id"]] == [
        "Laos"
    ]
    started = server.http.post("/api/v1/jobs", json={"template": template["id"], "dataset": other["slug"]})
    assert server.until_ended(started.json()["id"])["rows"] == 100
    refused = error(server.http.post("/api/v1/jobs", json={"template": template["id"], "dataset": lacking["id"]}), 422)
    assert refused["details"]["missing"] == ["country", "amount"] or refused["details"]["missing"] == [
        "amount",
        "country",
    ]
    assert server.http.delete(f"/api/v1/templates/{template['id']}").status_code == 204
    error(server.http.post("/api/v1/jobs", json={"template": template["id"]}), 404)


def test_a_workbook_with_two_sheets_becomes_two_datasets(server, tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "People"
    book.active.append(["name", "age"])
    book.active.append(["Zoë", 41])
    more = book.create_sheet("Places")
    more.append(["place"])
    more.append(["Yogyakarta"])
    book.save(tmp_path / "two.xlsx")
    added = server.dataset("Two sheets", (tmp_path / "two.xlsx").read_bytes(), "two.xlsx")
    assert [d["rows"] for d in added["datasets"]] == [1, 1]
    assert added["datasets"][0]["id"] == added["id"]
    assert len({d["slug"] for d in added["datasets"]}) == 2


@pytest.mark.parametrize(
    ("contents", "file"),
    [(b"", "empty.csv"), (b"PK\x03\x04 not really a workbook", "broken.xlsx"), (b"{", "broken.json")],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(server, error, contents, file):
    answer = server.http.post("/api/v1/datasets", files={"file": (file, contents)}, timeout=90)
    refused = error(answer, 400)
    assert refused["code"] == "BadFile"


def test_a_spec_that_cannot_run_is_refused_at_once(server, error):
    dataset = server.dataset("Refusals", ORDERS.encode())
    source = {"dataset": dataset["slug"]}
    unknown = {"sources": [source | {"columns": [{"column": "countri"}]}]}
    refused = error(server.http.post("/api/v1/jobs", json=unknown), 422)
    assert refused["code"] == "BadSpec"
    assert "countri" in refused["message"]
    assert "country" in refused["next_step"]
    misspelt = error(server.http.post("/api/v1/jobs", json={"sources": [source | {"filtres": {}}]}), 422)
    assert misspelt["field"] == "sources.0.filtres"
    format = error(server.http.post("/api/v1/jobs", json={"sources": [source], "output": {"format": "xslx"}}), 422)
    assert "xlsx" in format["message"] + format["next_step"]
    error(server.http.post("/api/v1/jobs", json={"sources": [{"dataset": "nowhere"}]}), 404)
    error(server.http.post("/api/v1/jobs", json={"sources": []}), 422)
    error(server.http.post("/api/v1/jobs", content=b"not json", headers={"Content-Type": "application/json"}), 422)
    error(server.http.post("/api/v1/jobs", content=b"[" * 3_000_000), 413)


def test_lists_are_paged_and_filtered(server):
    dataset = server.dataset("Paged", ORDERS.encode())
    for n in range(3):
        name = f"Paged export {n}"
        server.export({"name": name, "sources": [{"dataset": dataset["id"], "limit": 5}], "output": {"format": "tsv"}})
    page = server.get("/api/v1/jobs", params={"search": "paged export", "size": 2}).json()
    assert (page["total"], len(page["jobs"]), page["page"]) == (3, 2, 1)
    assert page["jobs"][0]["name"] == "Paged export 2"
    last = server.get("/api/v1/jobs", params={"search": "paged export", "size": 2, "page": 2}).json()
    assert [j["name"] for j in last["jobs"]] == ["Paged export 0"]
    none = server.get("/api/v1/jobs", params={"search": "paged export", "state": ["failed", "cancelled"]}).json()
    assert none["total"] == 0
    assert server.get("/api/v1/jobs", params={"search": "paged export", "format": "tsv"}).json()["total"] == 3
    assert server.get("/api/v1/jobs", params={"size": 1000}).status_code == 422
    found = server.get("/api/v1/datasets", params={"search": "paged"}).json()
    assert [d["slug"] for d in found["datasets"]] == ["paged"]
    assert server.http.delete(f"/api/v1/datasets/{dataset['id']}").status_code == 204
    assert server.get("/api/v1/datasets/paged").status_code == 404


def test_an_active_job_is_cancelled_by_delete(server):
    dataset = server.dataset("Cancelled", ORDERS.encode())
    answers = [server.http.post("/api/v1/jobs", json={"sources": [{"dataset": dataset["id"]}]}) for _ in range(12)]
    last = answers[-1].json()["id"]
    deleted = server.http.delete(f"/api/v1/jobs/{last}")
    assert deleted.status_code in (202, 204)
    if deleted.status_code == 202:
        assert server.until_ended(last)["state"] in ("cancelled", "succeeded")
    for answer in answers[:-1]:
        assert server.until_ended(answer.json()["id"])["state"] == "succeeded"


def test_a_client_that_sends_a_token_as_a_key_is_heard_too(server):
    answer = httpx.get(f"{server.url}/api/v1/jobs", headers={"X-API-Key": server.token})
    assert answer.status_code == 200


def test_a_generated_password_is_said_once_and_never_given_out_again(server):
    answer = server.http.post("/api/v1/passwords", json={})
    assert answer.status_code == 201
    made = answer.json()
    assert len(made["password"]) == 24
    given = server.http.post("/api/v1/passwords", json={"password": made["password"]}).json()
    assert given["password"] is None
    assert server.get(f"/api/v1/passwords/{given['id']}").status_code == 404


@pytest.mark.parametrize("path", ["/api/v1/jobs/%00", "/api/v1/jobs?search=a%00b", "/api/v1/templates/a%00"])
def test_no_address_asks_the_store_for_what_it_cannot_hold(server, error, path):
    assert "NUL" in error(server.http.get(path), 400)["message"]
