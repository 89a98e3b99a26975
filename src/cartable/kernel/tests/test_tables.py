import pytest

from cartable.kernel.tables import MOST_ROWS, Table, UnreadableTable, inert, read_delimited


def _rows(content: bytes | str) -> list[list[str]]:
    table = read_delimited(content.encode() if isinstance(content, str) else content)
    return [list(row.cells) for row in table.rows]


def _refusal(content: bytes | str) -> UnreadableTable:
    with pytest.raises(UnreadableTable) as caught:
        _rows(content)
    return caught.value


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_T01_every_usual_separator_is_found_in_the_header(separator: str) -> None:
    header, line = separator.join(["Série", "Modèle", "Palette"]), separator.join(["5CG1", '"a;b,c|d"', "P1"])
    assert _rows(f"{header}\n{line}\n") == [["5CG1", "a;b,c|d", "P1"]]


def test_T03_mixed_line_ends_are_read_as_one_kind_and_lines_keep_their_numbers() -> None:
    table = read_delimited(b"a;b\r\n1;2\r3;4\n\n5;6")
    assert [(row.line, list(row.cells)) for row in table.rows] == [
        (2, ["1", "2"]),
        (3, ["3", "4"]),
        (5, ["5", "6"]),
    ]


def test_T05_an_unclosed_quote_is_refused_with_the_line_where_it_opens() -> None:
    lines = ["serie;modele"] + [f"5CG{n:07d};HP" for n in range(200_000)]
    lines[2] = '"5CG0000001;HP'
    refusal = _refusal("\n".join(lines))
    assert (refusal.code, refusal.line) == ("unclosed_quote", 3)


def test_T05_a_quote_that_the_next_quoted_line_closes_by_accident_is_refused_with_its_line() -> None:
    lines = ["serie;modele"] + [f'"5CG{n:07d}";"HP"' for n in range(50)]
    lines[2] = '"5CG0000001;"HP"'
    refusal = _refusal("\n".join(lines))
    assert (refusal.code, refusal.line) == ("unclosed_quote", 3)


def test_T07_a_header_that_stands_twice_is_refused_with_its_names() -> None:
    refusal = _refusal("N° de série;modele;n_de_serie\n1;2;3")
    assert (refusal.code, refusal.detail) == ("header_doubled", "N° de série, n_de_serie")


def test_T07_two_columns_that_could_be_the_same_field_are_refused() -> None:
    with pytest.raises(UnreadableTable) as caught:
        read_delimited("serial;numéro de série\n1;2".encode()).columns({"serial": ["serial", "numero de serie"]})
    assert caught.value.code == "header_ambiguous"


def test_headers_compare_without_case_accents_and_punctuation() -> None:
    table = read_delimited("identifiant_de_l_etablissement;N° de SÉRIE\n".encode() + b"1;2")
    found = table.columns({"uai": ["Identifiant_de_l_etablissement"], "serial": ["n de serie"]})
    assert found == {"uai": 0, "serial": 1}


@pytest.mark.parametrize("content", [b"", b"\n\n", b"   \r\n", "\ufeff".encode(), b";;;\n" * 10])
def test_T09_a_file_without_anything_in_it_is_refused(content: bytes) -> None:
    assert _refusal(content).code == "empty_file"


def test_T09_ten_thousand_lines_of_separators_hold_no_row() -> None:
    assert _rows("serie;modele\n" + ";\n" * 10_000) == []


def test_T11_ten_thousand_columns_are_refused() -> None:
    assert _refusal(";".join(map(str, range(10_000)))).code == "too_many_columns"


@pytest.mark.parametrize("cell", ["x" * 10_000_000, '"' + "x" * 10_000_000 + '"'])
def test_T11_a_cell_of_ten_megabytes_is_refused_with_its_line(cell: str) -> None:
    refusal = _refusal(f"serie;modele\n1;{cell}")
    assert (refusal.code, refusal.line) == ("cell_too_long", 2)


def test_more_rows_than_any_delivery_has_are_refused() -> None:
    assert _refusal("a\n" + "1\n" * (MOST_ROWS + 1)).code == "too_many_rows"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    assert _rows("nom;ville\nLycée de l’Œuvre;Épinal\n".encode(encoding)) == [["Lycée de l’Œuvre", "Épinal"]]


@pytest.mark.parametrize("content", [b"a;b\n\x81\x8d;2", b"a;b\n1;\x00", b"\x89PNG\r\n\x1a\n\x00\x00"])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    assert _refusal(content).code == "not_text"


def test_a_short_row_is_filled_and_a_long_one_is_said_so() -> None:
    rows = list(read_delimited(b"a;b\n1\n1;2;3\n1;2;;\n").rows)
    assert [(list(row.cells), row.has_surplus) for row in rows] == [
        (["1", ""], False),
        (["1", "2"], True),
        (["1", "2"], False),
    ]


def test_without_header_the_first_line_is_a_row() -> None:
    table: Table = read_delimited(b"5CG1;HP\n5CG2;HP", has_header=False)
    assert (table.header, [row.line for row in table.rows]) == (("1", "2"), [1, 2])


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-2", "@x", "＝1", "  =1", "\t=1", "\rx"])
def test_T29_what_a_spreadsheet_could_run_is_made_inert(cell: str) -> None:
    assert inert(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "5CG-12", "Lycée", "a=b"])
def test_plain_cells_stay_as_they_are(cell: str) -> None:
    assert inert(cell) == cell
