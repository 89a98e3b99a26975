/**
 * The words of each verdict: situation first, the name in the largest type, then class and code, then the next gesture.
 * Pure: values in, one Verdict out; every word comes from the page's dictionary (station_texts.py).
 */

/**
 * @typedef {import("./types.js").Student} Student @typedef {import("./types.js").Device} Device
 * @typedef {import("./types.js").Verdict} Verdict @typedef {import("./types.js").Translate} Translate
 */

/** @param {Student} student */
const firstName = (student) => student.n.split(" ")[0] ?? student.n;

/** @param {Translate} t @param {"A" | "B"} workshop @returns {Verdict} */
export function ready(t, workshop) {
  return {
    ground: "attente",
    cue: null,
    icon: "etiquette",
    situation: t("ready"),
    headline: t("scan_student_label"),
    next: "",
    detail: t(workshop === "A" ? "ready_hint_a" : "ready_hint_b"),
    personal: false,
  };
}

/** @param {Translate} t @param {Student} student @param {Student | undefined} replaced @returns {Verdict} */
export function student(t, student, replaced) {
  const seen = student.at ? t("charter_and_pouch_at", { at: student.at }) : t("charter_received");
  return {
    ground: "encours",
    cue: "lu",
    icon: "pc",
    situation: t(replaced ? "student_replaced" : "student"),
    headline: student.n,
    division: student.d,
    detail: replaced ? t("instead_of", { name: replaced.n }) : seen,
    next: t("scan_device"),
    arrow: true,
    personal: true,
  };
}

/** A cannot tell B who came: the pouch in the student's hand is the proof; the server judges when A's news is there. @param {Translate} t @param {Student} student @returns {Verdict} */
export function pouch(t, student) {
  return {
    ground: "att",
    cue: "att",
    icon: "attention",
    situation: t("pouch_asked"),
    headline: student.n,
    division: student.d,
    detail: t("pouch_why"),
    next: t("pouch_next"),
    personal: true,
    code: "charter_missing",
  };
}

/** The student still waits for a PC, the name is hidden from the queue. @param {Translate} t @param {Student} student @returns {Verdict} */
export function studentHidden(t, student) {
  return {
    ground: "encours",
    cue: null,
    icon: "pc",
    situation: t("student"),
    headline: t("scan_device"),
    division: student.d,
    detail: t("name_hidden"),
    next: "",
    personal: false,
  };
}

/** @param {Translate} t @param {Student} student @param {Device} device @returns {Verdict} */
export function paired(t, student, device) {
  return {
    ground: "ok",
    cue: "ok",
    icon: "coche",
    situation: t("paired"),
    headline: student.n,
    division: student.d,
    label: device.c,
    next: t("next_student"),
    personal: true,
  };
}

/** @param {Translate} t @param {Student} student @param {Device} device @returns {Verdict} */
export function alreadyDone(t, student, device) {
  return { ...paired(t, student, device), cue: "lu", situation: t("already_done") };
}

/** @param {Translate} t @param {Student} student @returns {Verdict} */
export function arrived(t, student) {
  const charter =
    student.m === "online"
      ? "charter_online"
      : student.g === "student"
        ? "charter_take_student"
        : "charter_take_guardian";
  return {
    ground: "ok",
    cue: "ok",
    icon: "coche",
    situation: t("arrived"),
    headline: student.n,
    division: student.d,
    label: student.c,
    next: "",
    gestures: [
      { icon: "charte", title: t("charter"), text: t(charter) },
      { icon: "pochette", title: t("pouch"), text: t("pouch_give") },
    ],
    personal: true,
  };
}

/** @param {Translate} t @param {Student} student @returns {Verdict} */
export function alreadyArrived(t, student) {
  return {
    ground: "att",
    cue: "att",
    icon: "attention",
    situation: student.at ? t("already_arrived_at", { at: student.at }) : t("already_arrived"),
    headline: student.n,
    division: student.d,
    label: student.c,
    next: t("already_arrived_next"),
    personal: true,
    code: "already_arrived",
  };
}

/** @param {Translate} t @param {Student} student @returns {Verdict} */
export function alreadyEquipped(t, student) {
  return {
    ground: "att",
    cue: "att",
    icon: "attention",
    situation: t("already_equipped"),
    headline: student.n,
    division: student.d,
    ...(student.p ? { label: student.p } : {}),
    next: t("already_equipped_next"),
    personal: true,
    code: "already_equipped",
  };
}

/** A stop that the server prepared for this student. @param {Translate} t @param {Student} student @param {string} code @returns {Verdict} */
export function stopped(t, student, code) {
  if (code === "already_equipped") return alreadyEquipped(t, student);
  const other = code === "other_day" && student.t ? t("other_day_at", { at: student.t }) : "";
  return stop(t, code, { name: student.n, division: student.d, detail: other });
}

/** @param {Translate} t @param {Student} student @param {Device} device @returns {Verdict} */
export function deviceStopped(t, student, device) {
  const code = device.v === "not_this_day" ? "other_school" : device.v;
  return {
    ...stop(t, code),
    label: device.c,
    next: t(`${code}_next`, { first_name: firstName(student) }),
    personal: true,
  };
}

/** @param {Translate} t @param {Student} student @returns {Verdict} */
export function holdsAnother(t, student) {
  const held = student.p ? { label: student.p } : {};
  return { ...stop(t, "holds_another", { name: student.n, division: student.d }), ...held, code: "already_equipped" };
}

/** @param {Translate} t @returns {Verdict} */
export function studentExpected(t) {
  return stop(t, "student_expected");
}

/** @param {Translate} t @returns {Verdict} */
export function deviceAtA(t) {
  return { ...stop(t, "device_at_a"), code: "student_expected" };
}

/** Without network a label that is well formed may be new: it is kept aside for a human, not refused. @param {Translate} t @param {boolean} online @returns {Verdict} */
export function unknownStudent(t, online) {
  return online ? stop(t, "student_unknown") : aside(t, "student_unknown");
}

/** @param {Translate} t @param {boolean} online @returns {Verdict} */
export function unknownDevice(t, online) {
  return online ? stop(t, "device_unknown") : aside(t, "device_unknown");
}

/** @param {Translate} t @param {Student | undefined} student @returns {Verdict} */
export function heldByAnother(t, student) {
  return {
    ...stop(t, "already_held"),
    next: student ? t("already_held_next", { first_name: firstName(student) }) : t("see_leader"),
  };
}

/** @param {Translate} t @param {ReturnType<typeof import("./codes.js").looksLike>} look @param {boolean} hasStudent @returns {Verdict} */
export function misread(t, look, hasStudent) {
  const next =
    look === "cut" || look === "other" ? (hasStudent ? "misread_device_next" : "misread_next") : `misread_${look}_next`;
  return {
    ...stop(t, "misread"),
    headline: t(look === "other" || look === "cut" ? "misread" : `misread_${look}`),
    next: t(next),
    situation: t("stop"),
  };
}

/** More than ten codes in one second. @param {Translate} t @returns {Verdict} */
export function flooded(t) {
  return {
    ground: "att",
    cue: "att",
    icon: "attention",
    situation: t("paused"),
    headline: t("flood"),
    detail: t("flood_why"),
    next: t("flood_next"),
    personal: false,
  };
}

/** @param {Translate} t @param {Device | undefined} device @param {Student | undefined} student @returns {Verdict} */
export function setAside(t, device, student) {
  return {
    ground: "att",
    cue: "att",
    icon: "attention",
    situation: t("faulty_set_aside"),
    headline: t("put_device_aside"),
    ...(device ? { label: device.c } : {}),
    ...(student ? { name: student.n, division: student.d } : {}),
    next: t(student ? "scan_other_device" : "scan_student"),
    arrow: !!student,
    personal: true,
    code: "faulty",
  };
}

/** @param {Translate} t @returns {Verdict} */
export function whichFaulty(t) {
  return {
    ground: "att",
    cue: "lu",
    icon: "attention",
    situation: t("faulty_device"),
    headline: t("scan_faulty"),
    detail: t("scan_faulty_why"),
    next: "",
    personal: false,
  };
}

/** @param {Translate} t @param {boolean} hasStudent @param {boolean} online @returns {Verdict} */
export function called(t, hasStudent, online) {
  return {
    ground: "att",
    cue: "lu",
    icon: "appel",
    situation: t(online ? "called" : "called_offline"),
    headline: t(online ? "leader_comes" : "raise_hand"),
    detail: t(online ? "called_why" : "called_offline_why"),
    next: hasStudent ? t("then_scan_device") : t("next_student"),
    personal: false,
  };
}

/** @param {Translate} t @param {number} number @param {boolean} hasStudent @returns {Verdict} */
export function operator(t, number, hasStudent) {
  return {
    ground: "ok",
    cue: "ok",
    icon: "coche",
    situation: t("operator_changed"),
    headline: t("operator", { number }),
    next: hasStudent ? t("then_scan_device") : t("next_student"),
    personal: false,
  };
}

/** @param {Translate} t @param {Student | undefined} student @param {string} device @returns {Verdict} */
export function undone(t, student, device) {
  return {
    ground: "attente",
    cue: "annule",
    icon: "annuler",
    situation: t(device ? "pair_undone" : "arrival_undone"),
    headline: student?.n ?? t("undone"),
    ...(student ? { division: student.d } : {}),
    ...(device ? { label: device } : {}),
    next: t(device ? "undone_next_b" : "undone_next_a"),
    personal: true,
  };
}

/** @param {Translate} t @param {Student | undefined} student @param {boolean} stays  the student still waits for a PC @returns {Verdict} */
export function dropped(t, student, stays) {
  if (stays && student) return { ...studentScreen(t, student), cue: "annule" };
  return {
    ground: "attente",
    cue: "annule",
    icon: "annuler",
    situation: t("student_dropped"),
    headline: student?.n ?? t("undone"),
    ...(student ? { division: student.d } : {}),
    next: t("scan_student"),
    personal: true,
  };
}

/** @param {Translate} t @param {Student} waiting */
function studentScreen(t, waiting) {
  return student(t, waiting, undefined);
}

/** @param {Translate} t @returns {Verdict} */
export function nothingToUndo(t) {
  return {
    ground: "att",
    cue: "att",
    icon: "attention",
    situation: t("undo"),
    headline: t("nothing_to_undo"),
    next: t("nothing_to_undo_next"),
    personal: false,
    code: "nothing_to_undo",
  };
}

/** @param {Translate} t @param {Student} student @returns {Verdict} */
export function noCharter(t, student) {
  return {
    ground: "att",
    cue: "att",
    icon: "attention",
    situation: t("no_charter"),
    headline: student.n,
    division: student.d,
    label: student.c,
    next: t("no_charter_next"),
    personal: true,
  };
}

/** @param {Translate} t @param {boolean} hasStudent @returns {Verdict} */
export function charterAtA(t, hasStudent) {
  return {
    ground: "att",
    cue: "att",
    icon: "attention",
    situation: t("no_charter"),
    headline: t("charter_at_a"),
    next: hasStudent ? t("then_scan_device") : t("charter_missing_next"),
    personal: false,
  };
}

/** The server refused what this screen had accepted. @param {Translate} t @param {string} code @param {Student | undefined} student @param {string} device @returns {Verdict} */
export function refusedLater(t, code, student, device) {
  const about = student ? { name: student.n, division: student.d } : {};
  return {
    ...stop(t, t(code) === code ? "conflict" : code, about),
    situation: t("refused_later"),
    next: t("refused_later_next"),
    ...(device ? { label: device } : {}),
  };
}

/** The leader stopped this station, or closed the day. @param {Translate} t @param {"station_revoked" | "day_closed"} code @param {number} count  events that wait @returns {Verdict} */
export function ended(t, code, count) {
  return { ...stop(t, code), situation: t("ended"), detail: count ? t("still_waiting", { count }) : "" };
}

/** The disk took nothing: what was read did not happen (F22). @param {Translate} t @param {boolean} isFull @returns {Verdict} */
export function notWritten(t, isFull) {
  return { ...stop(t, "not_written"), detail: t(isFull ? "disk_full" : "disk_lost") };
}

/** The station does not open, with its reason and its remedy. @param {Translate} t @param {"no_disk" | "not_durable" | "not_secure" | "already_open" | "not_opened"} why @returns {Verdict} */
export function closed(t, why) {
  return {
    ground: "att",
    cue: null,
    icon: "attention",
    situation: t("not_started"),
    headline: t(why),
    next: t(`${why}_next`),
    personal: false,
  };
}

/** @param {Translate} t @param {string} code @param {{name?: string, division?: string, detail?: string}} about @returns {Verdict} */
function stop(t, code, about = {}) {
  return {
    ground: "err",
    cue: "err",
    icon: "croix",
    situation: t("stop"),
    headline: t(code),
    next: t(`${code}_next`),
    personal: !!about.name,
    code,
    ...about,
  };
}

/** @param {Translate} t @param {string} code @returns {Verdict} */
function aside(t, code) {
  return {
    ground: "att",
    cue: "att",
    icon: "attention",
    situation: t("to_check"),
    headline: t(`${code}_offline`),
    next: t(`${code}_offline_next`),
    personal: false,
    code,
  };
}
