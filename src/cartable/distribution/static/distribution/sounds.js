/**
 * Five cues made by oscillators, told apart by rhythm first and pitch second (DESIGN section 7). Each station plays some semitones above
 * its neighbour. Every cue has its words on the screen: sound only helps.
 */

/**
 * @typedef {import("./types.js").Cue} Cue
 * @typedef {{from: number, at: number, for: number, wave?: OscillatorType, loud?: number}} Note  hertz, then seconds
 */

/** @type {Record<Cue, Note[]>} */
const NOTES = {
  lu: [{ from: 880, at: 0, for: 0.07 }],
  ok: [
    { from: 784, at: 0, for: 0.1 },
    { from: 1175, at: 0.1, for: 0.13 },
  ],
  att: [
    { from: 494, at: 0, for: 0.09 },
    { from: 494, at: 0.15, for: 0.09 },
    { from: 494, at: 0.3, for: 0.09 },
  ],
  err: [
    { from: 233, at: 0, for: 0.24, wave: "sawtooth" },
    { from: 156, at: 0.24, for: 0.26, wave: "sawtooth" },
  ],
  annule: [
    { from: 1175, at: 0, for: 0.1, loud: 0.5 },
    { from: 784, at: 0.1, for: 0.11, loud: 0.5 },
  ],
};
/** @type {Record<Cue, number[]>} */
const VIBRATIONS = { lu: [40], ok: [40], att: [80, 60, 80], err: [120, 60, 240], annule: [40] };
const KEPT = "cartable.station.sound";

export function createSounds() {
  let ratio = 1;
  /** @type {AudioContext | null} */
  let context = null;
  let isOn = sessionStorage.getItem(KEPT) !== "off";

  /** @param {AudioContext} audio @param {Note} note */
  function play(audio, note) {
    const oscillator = audio.createOscillator();
    const volume = audio.createGain();
    const start = audio.currentTime + 0.005 + note.at;
    const loud = 0.22 * (note.loud ?? 1);
    oscillator.type = note.wave ?? "triangle";
    oscillator.frequency.value = note.from * ratio;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(loud, start + 0.008);
    volume.gain.setValueAtTime(loud, start + note.for - 0.02);
    volume.gain.linearRampToValueAtTime(0, start + note.for);
    oscillator.connect(volume).connect(audio.destination);
    oscillator.start(start);
    oscillator.stop(start + note.for);
  }

  return {
    /** Each station has its own height. @param {number} semitones  above the first station */
    tune(semitones) {
      ratio = 2 ** (semitones / 12);
    },
    get isOn() {
      return isOn;
    },
    /** Returns whether cues are on now. */
    toggle() {
      isOn = !isOn;
      sessionStorage.setItem(KEPT, isOn ? "on" : "off");
      return isOn;
    },
    /** @param {Cue | null} cue */
    cue(cue) {
      if (!cue || !isOn) return;
      navigator.vibrate?.(VIBRATIONS[cue]);
      try {
        context ??= new AudioContext();
        if (context.state === "suspended") void context.resume();
        for (const note of NOTES[cue]) play(context, note);
      } catch {
        // No sound card: the screen says it all.
      }
    },
  };
}
