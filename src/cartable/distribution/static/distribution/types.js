/**
 * Shapes that the modules of the station share. No code: a page never loads this file.
 *
 * @typedef {"A" | "B"} Workshop
 * @typedef {"attente" | "encours" | "ok" | "att" | "err"} Ground  state of the screen, DESIGN section 6
 * @typedef {"lu" | "ok" | "att" | "err" | "annule"} Cue
 *
 * @typedef {object} Student  one line of the day's list
 * @property {string} c  label code
 * @property {string} n  full name
 * @property {string} d  division (class)
 * @property {string | null} t  passing time
 * @property {string} a  answer at workshop A
 * @property {string} b  answer at workshop B
 * @property {string | null} at  time of the arrival
 * @property {string | null} p  PC held
 * @property {"paper" | "online" | null} m  how the charter came
 * @property {"guardian" | "student"} g  who signs
 * @property {string[]} [l]  labels of records that were merged into theirs
 *
 * @typedef {object} Device  one PC of the day
 * @property {string} c  label code
 * @property {string} s  serial number
 * @property {string} v  answer
 * @property {string | null} e  student who holds it
 * @property {string[]} [l]  tags that it bore before a worn one was replaced
 *
 * @typedef {object} Passage  one line of "Derniers passages" as the server gives it
 * @property {string} n
 * @property {string} d
 * @property {string} c  the PC's label code
 * @property {"paper" | "online" | null} [m]  how the charter came
 * @property {string} at
 * @property {string} kind
 * @property {boolean} ok
 *
 * @typedef {object} Progress
 * @property {number} expected
 * @property {number} arrived
 * @property {number} equipped
 * @property {number} between
 * @property {number} remaining
 * @property {number} rate
 * @property {boolean} [apart]  a station of workshop A is out of reach: its arrivals are not known here
 * @property {number} station_count
 * @property {number[]} curve
 * @property {string | null} end_at
 * @property {Passage[]} last
 *
 * @typedef {object} Day  answer of GET day
 * @property {{id: string | number, school: string, town: string, date: string, practice: boolean, target_per_hour: number, closed?: boolean}} day
 * @property {{name: string, workshop: Workshop, semitones: number, next_sequence?: number}} station
 * @property {string} cursor
 * @property {Student[]} students
 * @property {Device[]} devices
 * @property {Progress} progress
 *
 * @typedef {object} Changes  answer of POST contact
 * @property {string} cursor
 * @property {Student[]} students
 * @property {Device[]} devices
 * @property {Progress | null} progress  null: as it was
 * @property {boolean} [closed]  the leader has closed the day
 * @property {boolean} [reload]  the cursor is of another database: load the day again
 * @property {[number, number][]} [missing]  sequences that the server has not
 *
 * @typedef {object} StationRecord  what this browser keeps of one station
 * @property {string} id
 * @property {string} token
 * @property {number} madeAt
 * @property {Day["day"] | null} day
 * @property {Day["station"] | null} station
 * @property {string} cursor
 * @property {Progress | null} progress
 * @property {number} askedAt  when these figures were asked for
 * @property {number} listAt  when the whole list was loaded; 0 = no list
 * @property {"" | "day_closed" | "station_revoked"} ended
 *
 * @typedef {"arrival" | "pair" | "undo" | "no_charter" | "device_faulty" | "call" | "operator" | "refused"} Kind
 * @typedef {object} Fact  what happened, before it has an id
 * @property {Kind} kind
 * @property {string} [student_code]
 * @property {string} [device_code]
 * @property {string} [code]  refusal code
 * @property {string} [raw]  what was read, at most 64 characters
 *
 * @typedef {Fact & {station: string, id: string, sequence: number, happened_at: string}} Scan  an event; `station` stays on the disk
 * @typedef {{id: string, result: "recorded" | "exists" | "conflict" | "refused" | "unreadable", code?: string}} Result
 *
 * @typedef {object} Journal  the events of one station, in order
 * @property {Scan[]} kept  those that were on the disk when it was opened
 * @property {{id: string, sequence: number, result: Result["result"], at: number}[]} receipts  what was acknowledged then
 * @property {number} last  the last sequence made
 * @property {number} count  how many wait for their acknowledgement
 * @property {(next: number) => void} countFrom  go on counting where the server stopped, if it knows more
 * @property {(facts: Fact[]) => Promise<Scan[]>} keep  make events and write them; fails where the disk takes none
 * @property {() => Scan[]} pending  what waits, oldest first
 * @property {(results: Result[], rows: {students: object[], devices: object[]}) => Promise<void>} settle
 * @property {(ranges: [number, number][]) => Promise<number[]>} reopen  the server misses these: they wait again; returns those that this disk has lost
 *
 * @typedef {object} Geste  one thing to hand over
 * @property {string} icon
 * @property {string} title
 * @property {string} text
 *
 * @typedef {object} Verdict  everything one screen says
 * @property {Ground} ground
 * @property {Cue | null} cue
 * @property {string} icon
 * @property {string} situation
 * @property {string} headline  the largest line
 * @property {string} [division]
 * @property {string} [name]  where the headline is not the name
 * @property {string} [detail]
 * @property {string} [label]  label code, written in groups
 * @property {Geste[]} [gestures]
 * @property {string} next  the next gesture
 * @property {boolean} [arrow]
 * @property {boolean} personal  gives way after 20 s
 * @property {string} [code]  refusal code
 *
 * @typedef {object} Config  what the page hands over (json_script "poste-config")
 * @property {string} api  address of the API, ends with /
 * @property {boolean} practice
 * @property {Workshop} workshop
 * @property {string} start_url
 * @property {boolean} [may_forget]  a demo: the browser need not promise to keep what the station writes
 * @property {{url: string, scope: string}} [worker]  the service worker that opens this page without network
 * @property {string} [camera]  address of the module that reads with the camera
 * @property {{decoder: string, wasm: string, style: string}} [camera_files]  what that module loads
 *
 * @typedef {{char: string, code: string, shift: boolean, at: number}} Key
 * @typedef {{text: string, raw: string, corrected: boolean, found: boolean, at: number, source: "scan" | "field" | "paste"}} Reading
 * @typedef {(key: string, values?: Record<string, string | number>) => string} Translate
 */
export {};
