/**
 * The day's answers, as the server prepared them, and what this station has done since. It looks answers up; the only rule it holds is
 * "not twice on this station" (SCANNING 2.6). The disk holds the same lines (`store.js`).
 */

/**
 * @typedef {import("./types.js").Student} Student @typedef {import("./types.js").Device} Device
 * @typedef {import("./types.js").Changes} Changes @typedef {import("./types.js").Scan} Scan
 */

export function createAnswers() {
  /** @type {Map<string, Student>} */
  const students = new Map();
  /** @type {Map<string, Device>} */
  const devices = new Map();
  /** @type {Map<string, string>} */
  const codesBySerial = new Map();
  /** Labels of merged records, with the code of whoever stays. @type {Map<string, string>} */
  const codesByAlias = new Map();
  /** What this station did and the server has not answered yet, oldest first. @type {Scan[]} */
  let unanswered = [];
  /** @type {{students: Map<string, Student>, devices: Map<string, Device>}} */
  let ahead = { students: new Map(), devices: new Map() };

  function project() {
    ahead = { students: new Map(), devices: new Map() };
    for (const scan of unanswered) apply(scan, ahead.students, ahead.devices);
  }

  /** @param {Scan} scan @param {Map<string, Student>} toStudents @param {Map<string, Device>} toDevices */
  function apply(scan, toStudents, toDevices) {
    const code = codesByAlias.get(scan.student_code ?? "") ?? scan.student_code;
    const student = code ? (toStudents.get(code) ?? students.get(code)) : undefined;
    const device = scan.device_code ? (toDevices.get(scan.device_code) ?? devices.get(scan.device_code)) : undefined;
    if (student) toStudents.set(student.c, changedStudent(student, scan));
    if (device) toDevices.set(device.c, changedDevice(device, scan));
  }

  /** @param {{students: Student[], devices: Device[]}} lines */
  function merge(lines) {
    for (const student of lines.students) {
      students.set(student.c, student);
      codesByAlias.delete(student.c); // A merge that was taken back: the label is its own again.
      for (const alias of student.l ?? []) {
        codesByAlias.set(alias, student.c);
        students.delete(alias);
      }
    }
    for (const device of lines.devices) {
      devices.set(device.c, device);
      if (device.s) codesBySerial.set(device.s.toUpperCase(), device.c);
      for (const old of device.l ?? []) codesBySerial.set(old, device.c);
    }
    project();
  }

  return {
    /** Take the whole list of the day. @param {{students: Student[], devices: Device[]}} day */
    load(day) {
      students.clear();
      devices.clear();
      codesBySerial.clear();
      codesByAlias.clear();
      merge(day);
    },
    /** Take the lines that changed since the cursor. @param {Changes} changes */
    update(changes) {
      merge(changes);
    },
    /** A student by any of their labels. @param {string} label */
    student(label) {
      const code = codesByAlias.get(label) ?? label;
      return ahead.students.get(code) ?? students.get(code);
    },
    /** A PC by its label, by one that it bore before, or by its maker's serial number. @param {string} text */
    device(text) {
      const code = codesBySerial.get(text) ?? text;
      return ahead.devices.get(code) ?? devices.get(code);
    },
    /** Tell whether this is a PC of the day: its serial number, or a label that a supplier made. @param {string} text */
    isDevice(text) {
      return codesBySerial.has(text) || devices.has(text);
    },
    /** Forget everybody: the day is closed. */
    wipe() {
      for (const lines of [students, devices, codesBySerial, codesByAlias]) lines.clear();
      unanswered = [];
      project();
    },
    /** @returns {Iterable<Student>} */
    everyStudent() {
      return students.values();
    },
    /** @returns {Iterable<Device>} */
    everyDevice() {
      return devices.values();
    },
    /** Show at once what this station did. @param {Scan} scan */
    expect(scan) {
      unanswered.push(scan);
      apply(scan, ahead.students, ahead.devices);
    },
    /** The two lines of an event, without what the server has not answered yet. @param {Scan} scan */
    linesOf(scan) {
      const student = students.get(codesByAlias.get(scan.student_code ?? "") ?? scan.student_code ?? "");
      const device = devices.get(scan.device_code ?? "");
      return { students: student ? [student] : [], devices: device ? [device] : [] };
    },
    /** The server has answered: keep what it recorded, forget what it refused; returns the event. @param {string} id @param {boolean} isRecorded */
    settle(id, isRecorded) {
      const scan = unanswered.find((each) => each.id === id);
      if (!scan) return undefined;
      unanswered = unanswered.filter((each) => each !== scan);
      if (isRecorded) apply(scan, students, devices);
      project();
      return scan;
    },
  };
}

/** @param {Student} student @param {Scan} scan @returns {Student} */
function changedStudent(student, scan) {
  const at = scan.happened_at.slice(11, 16);
  if (scan.kind === "arrival") {
    const answer = student.b === "charter_missing" ? "ok" : student.b;
    return { ...student, a: "already_arrived", b: answer, at, m: student.m ?? "paper" };
  }
  if (scan.kind === "pair")
    return { ...student, a: "already_equipped", b: "already_equipped", p: scan.device_code ?? null };
  if (scan.kind === "no_charter") return { ...student, a: "ok", b: "charter_missing", at: null, m: null };
  if (scan.kind === "undo" && scan.device_code)
    return { ...student, a: student.at ? "already_arrived" : "ok", b: "ok", p: null };
  if (scan.kind === "undo")
    return { ...student, a: "ok", b: student.m === "online" ? student.b : "charter_missing", at: null };
  return student;
}

/** @param {Device} device @param {Scan} scan @returns {Device} */
function changedDevice(device, scan) {
  if (scan.kind === "pair") return { ...device, v: "already_held", e: scan.student_code ?? null };
  if (scan.kind === "undo") return { ...device, v: "ok", e: null };
  if (scan.kind === "device_faulty") return { ...device, v: "faulty", e: null };
  return device;
}
