"""The error table of SCANNING 2.5 and the cases that the station decides, in a real browser."""

import re

import pytest

from cartable.distribution.tests.station_harness import (
    ADULT,
    CALL,
    FAULTY,
    GONE,
    JULIETTE,
    LATER,
    LEA,
    LUCAS,
    NO_CHARTER,
    NOEMIE,
    PC,
    PC_2,
    PC_ELSEWHERE,
    PC_FAULTY,
    PC_HELD,
    PC_HOT,
    RAYAN,
    UNDO,
    ZOE,
    OpenStation,
    Station,
    device,
    student,
    usual_api,
)
from cartable.kernel.codes import label_code

pytest_plugins = ["cartable.distribution.tests.station_fixtures"]
pytestmark = pytest.mark.browser


def at_a(open_station: OpenStation) -> Station:
    """Open a station A: nobody has come yet."""
    api = usual_api()
    api.workshop = "A"
    for line in api.students:
        if line["a"] == "already_arrived":
            line.update(a="ok", at=None, m="online" if line["m"] == "online" else None)
    return open_station(api)


def test_two_scans_make_a_pair_without_click_or_focus_change(station: Station) -> None:
    station.page.evaluate("() => { window.moves = 0; addEventListener('focusin', () => window.moves++) }")
    station.scan(LEA)
    assert station.ground == "encours"
    assert "Charte et pochette à 10:31" in station.screen
    station.scan(PC)
    assert station.ground == "ok"
    assert "P 0042 1187 59" in station.screen
    pair = station.sent(1, "pair")[0]
    assert (pair["student_code"], pair["device_code"], pair["sequence"]) == (LEA, PC, 1)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0[12]:00", pair["happened_at"])
    assert station.page.evaluate("window.moves") == 0


def test_one_scan_at_A_takes_the_charter_and_gives_the_pouch(open_station: OpenStation) -> None:
    station = at_a(open_station)
    station.scan(NOEMIE)
    assert (station.ground, station.text("situation-texte")) == ("ok", "Enregistré")
    assert "Prenez-la signée par un parent" in station.screen
    assert station.sent(1, "arrival")[0]["student_code"] == NOEMIE
    station.scan(ZOE)
    assert "Déjà signée en ligne" in station.screen


def test_B17_another_student_replaces_the_first_visibly(station: Station) -> None:
    station.scan(LEA)
    station.scan(LUCAS)
    assert (station.ground, station.text("situation-texte")) == ("encours", "Élève remplacé")
    assert "À la place de Léa Marchand" in station.screen
    station.scan(PC)
    assert station.sent(1, "pair")[0]["student_code"] == LUCAS


def test_B19_a_pc_before_its_student_is_refused(station: Station) -> None:
    station.scan(PC)
    assert (station.ground, station.text("affiche")) == ("err", "Scannez d’abord l’élève")
    assert station.sent(1, "refused")[0]["code"] == "student_expected"


def test_a_forgotten_student_makes_one_red_screen_and_the_next_pair_is_right(station: Station) -> None:
    station.scan(LEA)
    station.scan(PC)
    station.scan(PC_2)  # Lucas's PC, his label forgotten
    assert station.ground == "err"
    station.scan(LUCAS)
    station.scan(PC_2)
    pairs = station.sent(2, "pair")
    assert [(p["student_code"], p["device_code"]) for p in pairs] == [(LEA, PC), (LUCAS, PC_2)]


@pytest.mark.parametrize(
    ("code", "words", "refusal"),
    [
        (RAYAN, ("Stop", "Charte manquante", "Rayan Husson", "Retour à l’atelier A."), "charter_missing"),
        (ADULT, ("Élève non prévu", "Maël Œuvrard"), "not_eligible"),
        (LATER, ("Autre journée", "Tom Weber", "10:20"), "other_day"),
        (GONE, ("Élève parti du lycée", "Inès Fabre", "Voyez le responsable."), "gone"),
    ],
    ids=["charter missing", "not eligible", "other day", "B25 student who left"],
)
def test_B25_a_student_who_may_not_have_a_pc_is_stopped_with_the_way_out(
    station: Station, code: str, words: tuple[str, ...], refusal: str
) -> None:
    station.scan(code)
    assert station.ground == "err"
    assert all(word in station.screen for word in words)
    assert station.sent(1, "refused")[0]["code"] == refusal
    station.scan(PC)
    assert station.text("affiche") == "Scannez d’abord l’élève"


def test_B25_B27_a_label_of_last_year_is_refused_and_sends_to_the_name_or_the_leader(station: Station) -> None:
    unknown = label_code("E", 11111111)
    station.scan(unknown)
    assert (station.ground, station.text("affiche")) == ("err", "Élève inconnu")
    assert "voyez le responsable" in station.screen
    refused = station.sent(1, "refused")[0]
    assert (refused["code"], refused["student_code"]) == ("student_unknown", unknown)


@pytest.mark.parametrize(
    ("code", "headline", "refusal"),
    [
        (PC_HELD, "PC déjà pris", "already_held"),
        (PC_FAULTY, "PC en défaut", "faulty"),
        (PC_HOT, "PC déclaré volé ou perdu", "hot"),
        (PC_ELSEWHERE, "PC d’un autre lycée ou d’un autre jour", "other_school"),
        (label_code("P", 999), "PC inconnu", "device_unknown"),
    ],
)
def test_a_pc_that_may_not_go_is_stopped_and_the_student_keeps_waiting(
    station: Station, code: str, headline: str, refusal: str
) -> None:
    station.scan(LEA)
    station.scan(code)
    assert (station.ground, station.text("affiche")) == ("err", headline)
    assert station.sent(1, "refused")[0]["code"] == refusal
    station.scan(PC)
    assert station.ground == "ok"
    assert station.sent(1, "pair")[0]["student_code"] == LEA


def test_B27_an_unknown_label_without_network_is_kept_aside_for_a_human(station: Station) -> None:
    station.page.context.set_offline(True)
    station.page.wait_for_selector("[data-role=ligne-reseau]:not([hidden])")
    station.scan(label_code("E", 11111111))
    assert (station.ground, station.text("situation-texte")) == ("att", "À vérifier")
    station.scan(LEA)
    station.scan(label_code("P", 999))
    assert (station.ground, station.text("situation-texte")) == ("att", "À vérifier")
    station.page.context.set_offline(False)
    assert [scan["code"] for scan in station.sent(2, "refused")] == ["student_unknown", "device_unknown"]


def test_B29_the_same_pc_with_the_same_student_is_already_done(station: Station) -> None:
    station.scan(JULIETTE)
    assert (station.ground, station.text("situation-texte")) == ("att", "Déjà équipé")
    station.scan(PC_HELD)
    assert (station.ground, station.text("situation-texte")) == ("ok", "Déjà fait")
    station.rest(200)
    assert station.api.of_kind("pair") == []


def test_B31_a_student_who_holds_another_pc_is_sent_to_the_leader(station: Station) -> None:
    station.scan(JULIETTE)
    station.scan(PC)
    assert (station.ground, station.text("affiche")) == ("err", "A déjà un autre PC")
    assert "responsable" in station.screen
    refused = station.sent(2, "refused")[-1]
    assert (refused["code"], refused["student_code"], refused["device_code"]) == ("already_equipped", JULIETTE, PC)


def test_the_label_of_a_merged_record_is_whoever_stays_before_the_server_has_answered(
    open_station: OpenStation,
) -> None:
    api, old_label = usual_api(), label_code("E", 48203000)
    api.judge = lambda scan: None
    next(line for line in api.students if line["c"] == LEA)["l"] = [old_label]
    station = open_station(api)
    station.scan(old_label)
    assert "Léa Marchand" in station.screen
    station.scan(PC)
    assert station.ground == "ok"
    for label in (LEA, old_label):
        station.scan(label)
        assert station.text("situation-texte") == "Déjà équipé"


def test_not_twice_on_this_station_before_the_server_has_answered(open_station: OpenStation) -> None:
    api = usual_api()
    api.judge = lambda scan: None
    station = open_station(api)
    station.scan(LEA)
    station.scan(PC)
    station.scan(LUCAS)
    station.scan(PC)
    assert station.text("affiche") == "PC déjà pris"
    station.scan(LEA)
    assert station.text("situation-texte") == "Déjà équipé"


def test_a_label_read_twice_changes_nothing_and_confirms_nothing(station: Station) -> None:
    for _ in range(2):
        station.scan(LEA)
        assert (station.ground, station.text("situation-texte")) == ("encours", "Élève")
    for _ in range(2):
        station.scan(PC)
        assert (station.ground, station.text("situation-texte")) == ("ok", "Associé")
    station.scan(JULIETTE)
    station.scan(JULIETTE)
    assert (station.ground, station.text("situation-texte")) == ("att", "Déjà équipé")
    station.rest(200)
    assert len(station.api.of_kind("pair")) == 1
    assert len(station.api.of_kind("refused")) == 1


def test_the_same_label_again_at_A_shows_the_same_screen(open_station: OpenStation) -> None:
    station = at_a(open_station)
    for _ in range(2):
        station.scan(LEA)
        assert (station.ground, station.text("situation-texte")) == ("ok", "Enregistré")
    station.scan(LUCAS)
    station.scan(LEA)
    assert station.ground == "att"
    assert "atelier B" in station.screen
    assert [scan["student_code"] for scan in station.sent(2, "arrival")] == [LEA, LUCAS]


@pytest.mark.parametrize("how", ["card", "F4", "button"])
def test_the_last_pair_is_undone_by_card_key_or_button(station: Station, how: str) -> None:
    station.scan(LEA)
    station.scan(PC)
    if how == "card":
        station.scan(UNDO, host="fr")
    else:
        with station.painted():
            station.page.keyboard.press("F4") if how == "F4" else station.page.click("[data-role=annuler]")
    assert station.ground == "attente"
    assert "Annulé" in station.screen
    undo = station.sent(1, "undo")[0]
    assert (undo["student_code"], undo["device_code"]) == (LEA, PC)
    station.scan(LEA)
    station.scan(PC_2)
    assert station.ground == "ok"


def test_undo_drops_a_waiting_student_first_and_reaches_one_pair_only(station: Station) -> None:
    station.scan(LEA)
    station.scan(PC)
    station.scan(LUCAS)
    station.scan(UNDO)
    assert station.text("situation-texte") == "Élève retiré de l’écran"
    assert station.text("affiche") == "Lucas Diallo"
    station.scan(UNDO)
    assert station.text("affiche") == "Léa Marchand"
    station.scan(UNDO)
    assert (station.ground, station.text("affiche")) == ("att", "Rien à annuler")
    assert len(station.sent(1, "undo")) == 1


def test_the_last_arrival_is_undone_at_A(open_station: OpenStation) -> None:
    station = at_a(open_station)
    station.scan(LEA)
    station.scan(UNDO)
    assert station.sent(1, "undo")[0] | {"device_code": None} == station.api.of_kind("undo")[0] | {"device_code": None}
    assert station.api.of_kind("undo")[0]["student_code"] == LEA
    station.scan(LEA)
    assert station.text("situation-texte") == "Enregistré"


def test_a_student_without_label_is_found_by_name(station: Station) -> None:
    station.page.keyboard.press("F3")
    station.page.keyboard.type("marchand", delay=20)
    station.page.wait_for_selector("[data-role=choix] li")
    station.page.keyboard.press("Enter")
    assert (station.ground, station.text("affiche")) == ("encours", "Léa Marchand")
    station.scan(PC)
    assert station.sent(1, "pair")[0]["student_code"] == LEA


def test_names_are_found_without_accents_in_any_order_and_chosen_with_the_arrows(station: Station) -> None:
    station.page.keyboard.press("F3")
    station.page.keyboard.type("oeuv mael", delay=20)
    station.page.wait_for_selector("[data-role=choix] li")
    assert station.page.inner_text("[data-role=choix]").startswith("Maël Œuvrard")
    station.page.keyboard.press("ControlOrMeta+a")
    station.page.keyboard.type("essai", delay=20)
    station.page.wait_for_function("() => document.querySelectorAll('[data-role=choix] li').length > 2")
    station.page.keyboard.press("ArrowDown")
    chosen = station.page.inner_text("[data-role=choix] li[aria-selected=true] b")
    station.page.keyboard.press("Enter")
    assert station.text("affiche") == chosen


def test_a_name_that_nobody_could_see_is_never_chosen(station: Station) -> None:
    station.page.keyboard.press("F3")
    # Name and Enter in one task of the page: the list cannot come between them, however slow the machine is.
    station.page.evaluate(
        """() => {
          const field = document.activeElement;
          field.value = "marchand";
          field.dispatchEvent(new InputEvent("input", { bubbles: true }));
          field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", code: "Enter", bubbles: true, cancelable: true }));
        }"""
    )
    assert station.ground == "attente"
    station.page.wait_for_selector("[data-role=choix] li")
    station.page.keyboard.press("Enter")
    assert station.text("affiche") == "Léa Marchand"


def test_a_dead_pc_on_the_table_is_set_aside_and_its_student_takes_another(station: Station) -> None:
    station.scan(LEA)
    station.scan(PC)
    station.scan(FAULTY, host="fr")
    assert (station.ground, station.text("affiche")) == ("att", "Mettez ce PC de côté")
    station.scan(PC_2)
    assert (station.ground, station.text("affiche")) == ("ok", "Léa Marchand")
    kinds = [scan["kind"] for scan in station.sent(4, "pair", "undo", "device_faulty")]
    assert kinds == ["pair", "undo", "device_faulty", "pair"]
    station.scan(LUCAS)
    station.scan(PC)
    assert station.text("affiche") == "PC en défaut"


def test_a_dead_pc_that_was_not_scanned_yet_is_asked_for(station: Station) -> None:
    station.scan(LEA)
    station.scan(PC)
    station.scan(LUCAS)
    station.scan(FAULTY)
    assert station.text("affiche") == "Scannez le PC en défaut"
    station.scan(PC_2)
    assert (station.ground, station.text("affiche")) == ("att", "Mettez ce PC de côté")
    faulty = station.sent(1, "device_faulty")[0]
    assert (faulty["device_code"], faulty["student_code"]) == (PC_2, LUCAS)
    assert station.api.of_kind("undo") == []
    station.scan("5CG9000000")
    assert (station.ground, station.text("affiche")) == ("ok", "Lucas Diallo")


def test_the_card_without_charter_cancels_the_last_arrival_at_A(open_station: OpenStation) -> None:
    station = at_a(open_station)
    station.scan(LEA)
    station.scan(NO_CHARTER)
    assert (station.ground, station.text("situation-texte")) == ("att", "Sans charte")
    assert "Donnez un formulaire" in station.screen
    assert station.sent(1, "no_charter")[0]["student_code"] == LEA
    station.page.click("[data-role=atelier-b]")
    station.scan(LEA)
    assert station.text("affiche") == "Charte manquante"


def test_the_card_without_charter_at_B_says_where_it_belongs(station: Station) -> None:
    station.scan(NO_CHARTER)
    assert (station.ground, station.text("affiche")) == ("att", "Cette carte sert à l’atelier A")


def test_a_pc_scanned_at_A_is_refused(open_station: OpenStation) -> None:
    station = at_a(open_station)
    station.scan(PC)
    assert (station.ground, station.text("affiche")) == ("err", "C’est un PC")


def test_calling_the_leader_keeps_the_student_waiting(station: Station) -> None:
    station.scan(LEA)
    station.scan(CALL)
    assert station.sent(1, "call")[0]["student_code"] == LEA
    station.scan(PC)
    assert station.ground == "ok"


def test_a_change_from_the_server_is_the_answer_of_the_next_scan(station: Station) -> None:
    station.scan(RAYAN)
    assert station.ground == "err"
    station.api.changed = [student(RAYAN, "Rayan Husson", "2de 5"), device(PC_FAULTY, "5CG0000002", "ok")]
    station.page.wait_for_timeout(2300)
    station.scan(RAYAN)
    assert station.ground == "encours"
    station.scan(PC_FAULTY)
    assert station.ground == "ok"


def test_a_name_leaves_the_screen_after_twenty_seconds(open_station: OpenStation) -> None:
    """The timer of 20 s runs a hundred times faster here; everything else keeps its pace."""
    fast = "const slow = setTimeout; window.setTimeout = (f, ms, ...a) => slow(f, ms === 20000 ? 200 : ms, ...a);"
    station = open_station(init=fast, viewport={"width": 1366, "height": 768})
    station.scan(LEA)
    station.page.wait_for_function("() => !document.body.innerText.split('Derniers')[0].includes('Marchand')")
    assert (station.ground, station.text("affiche")) == ("encours", "Scannez le PC")
    station.scan(PC)
    assert station.text("affiche") == "Léa Marchand"
    station.page.wait_for_function("() => document.querySelector('[data-role=ecran]').dataset.etat === 'attente'")
    assert station.text("situation-texte") == "Prêt"
    assert len(station.sent(1, "pair")) == 1


def test_the_cover_says_when_the_window_no_longer_listens(station: Station) -> None:
    station.page.evaluate("() => window.dispatchEvent(new Event('blur'))")
    assert "La douchette n’écoute plus" in station.page.inner_text("[data-role=veille]")
    station.page.mouse.click(600, 400)
    assert not station.page.is_visible("[data-role=veille]")


def test_the_verdict_is_spoken_after_the_paint(station: Station) -> None:
    station.scan(LEA)
    station.page.wait_for_function("() => document.querySelector('[data-role=annonce]').textContent !== ''")
    assert station.page.inner_text("[data-role=annonce]").startswith("Élève. Léa Marchand")
    station.scan(PC_HELD)
    station.page.wait_for_function("() => document.querySelector('[data-role=alerte]').textContent !== ''")
    assert station.page.inner_text("[data-role=alerte]").startswith("Stop. PC déjà pris")
    assert station.page.inner_text("[data-role=annonce]") == ""


def test_where_a_is_out_of_reach_the_pouch_proves_the_charter(station: Station) -> None:
    station.api.apart = True
    station.page.wait_for_timeout(2600)
    station.scan(RAYAN)
    assert station.ground == "att"
    assert all(word in station.screen for word in ("Pochette ?", "Rayan Husson", "Sinon, retour à l’atelier A."))
    station.scan(PC)
    assert station.ground == "ok"
    (pair,) = station.sent(1, "pair")
    assert (pair["student_code"], pair["device_code"]) == (RAYAN, PC)
    assert station.api.of_kind("refused") == []
