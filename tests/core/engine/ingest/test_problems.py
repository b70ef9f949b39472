import json


def test_rows_with_too_many_or_too_few_cells_are_kept_aside_with_line_text_and_reason(take):
    taken = take("a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n")
    assert taken.values("a") == [1, 10]
    assert [(p.line, p.text) for p in taken.problems] == [(3, "4,5"), (4, "6,7,8,9")]
    assert taken.problems[0].reason == "This row has 2 cells; the table has 3 columns."
    assert taken.ingested.problems == 2


def test_rows_and_problems_add_up(take):
    lines = [f"{n},{n},x" if n % 7 else f"{n},y" for n in range(1, 10_001)]
    taken = take("a,b,c\n" + "\n".join(lines) + "\n", short_rows="set_aside")
    assert taken.rows + len(taken.problems) == 10_000
    assert [p.text for p in taken.problems] == [line for line in lines if line.count(",") == 1]
    assert [p.line for p in taken.problems] == [n + 1 for n in range(1, 10_001) if n % 7 == 0]


def test_good_rows_behind_a_bad_one_are_all_there(take):
    lines = [f'{n},"v, {n}"' if n % 1_000 else f'{n},"x"y' for n in range(1, 200_001)]
    taken = take("a,b\n" + "\n".join(lines) + "\n")
    assert (taken.rows, len(taken.problems)) == (199_800, 200)


def test_lines_are_counted_through_quoted_line_breaks(take):
    taken = take('a,b\n"x\ny\nz",1\nbroken\n2,3\n')
    assert [(p.line, p.text) for p in taken.problems] == [(5, "broken")]


def test_broken_quotes_are_a_problem_with_the_text_as_it_stands(take):
    taken = take('a,b\n1,"x"y\n2,z\n')
    assert [(p.line, p.text) for p in taken.problems] == [(2, '1,"x"y')]
    assert "quote" in taken.problems[0].reason


def test_a_quote_never_closed_takes_what_follows_with_it_and_loses_nothing(take):
    taken = take('a,b\n1,x\n2,"y\n3,z\n4,w\n')
    kept = "\n".join(p.text for p in taken.problems)
    assert taken.values("a") == [1]
    assert all(part in kept for part in ('2,"y', "3,z", "4,w"))


def test_leaving_out_empty_cells_at_the_end_is_a_habit_when_many_rows_do(take):
    rows = "".join(f"{n},x\n" if n % 3 else f"{n},x,y\n" for n in range(300))
    taken = take(f"a,b,c\n{rows}")
    assert (taken.rows, taken.problems) == (300, [])
    assert taken.values("c")[:4] == ["y", None, None, "y"]
    assert any("filled up" in note for note in taken.notes)
    assert taken.understood.short_rows == "pad"


def test_the_person_decides_about_short_rows(take):
    assert take("a,b,c\n1,2\n", short_rows="pad").rows == 1
    assert len(take("a,b,c\n1,2\n3,4,5\n", short_rows="set_aside").problems) == 1


def test_problems_are_written_as_json_lines_beside_the_table(take):
    path = take("a,b\n1\n2,3\n").ingested.path.with_name("problems.jsonl")
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {"line": 2, "text": "1", "reason": "This row has 1 cell; the table has 2 columns."}
    ]


def test_a_file_without_problems_has_an_empty_list(take):
    assert take("a,b\n1,2\n").ingested.path.with_name("problems.jsonl").read_text() == ""


def test_the_first_problems_are_shown_at_the_first_look(look):
    (seen,) = look("a,b\n1\n2,3\n")
    assert [p.line for p in seen.problems] == [2]
    assert seen.rows == [["2", "3"]]


def test_a_quote_left_open_at_the_end_of_the_file_is_not_lost_with_its_row(take):
    taken = take('a,b\n"x\ny",1\n2,"never closed')
    assert taken.rows == 1
    assert [(p.line, p.text) for p in taken.problems] == [(4, '2,"never closed')]
