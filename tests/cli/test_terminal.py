from recommender.cli.terminal import titles_table


def cells(table):
    return {column.header: list(column.cells) for column in table.columns}


def test_titles_are_shown_with_the_columns_they_have_and_without_ids():
    items = [
        {"rank": 1, "item_id": "50", "title": "Alien (1979)", "score": 2.345, "stars": 4.118, "seen": True},
        {"rank": 2, "item_id": "71", "title": "Babe (1995)", "score": 1.0, "stars": None, "seen": None},
    ]
    assert cells(titles_table(items, [*items[0]], "a visitor")) == {
        "#": ["1", "2"],
        "title": ["Alien (1979)", "Babe (1995)"],
        "stars": ["4.12", ""],
        "score": ["2.35", "1.00"],
        "seen": ["yes", "?"],
    }
    assert [*cells(titles_table(items, ["title", "stars"], "a visitor"))] == ["title", "stars"]
