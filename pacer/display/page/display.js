// Shows the frames that the display program sends, each only while it is fresh. What may be shown is decided
// there (pacer/display/feed.py); here only the way from there to here is watched, by the same rule:
// a frame can only be late, never early, so the smallest (receipt - at) seen is the nearest to the clocks' difference.

const WINDOW_S = 60; // over which the smallest delay is sought, as in pacer/freshness.py
const SETTLE_S = 1; // of listening before a tone may sound: a burst of held-back frames is over by then
const LOOK_MS = 100; // between looks at the age of what is shown
const DEAD_S = 4; // without any frame: the connection is dead, whatever the browser thinks of it
const SLEPT_S = 2; // between two looks: the phone was asleep, and what it still holds is old
const WORDS = { ease: "EASE", hold: "HOLD", press: "PRESS" };

export class Offset {
  constructor() { this.least = []; this.since = null; }
  hear(at, now) {
    this.since ??= now;
    this.least = this.least.filter(([heard, d]) => heard >= now - WINDOW_S && d < now - at);
    this.least.push([now, now - at]);
  }
  age(at, now) { return this.least.length ? now - at - this.least[0][1] : null; }
  settled(now) { return this.since !== null && now >= this.since + SETTLE_S; }
}

// What stands on the screen at `now` (s), given the newest frame: the frame itself, or why there is none.
export function visible(frame, offset, now, silentS) {
  if (!frame) return { standing: "connecting", says: "connecting" };
  const late = offset.age(frame.at, now);
  if (late > silentS) return { standing: "lost", says: "display program lost: reconnecting" };
  if (frame.standing !== "live") return frame;
  if (frame.age_s + late > silentS) return { standing: "silent", says: "no fresh numbers" };
  const cued = frame.from_cue && frame.cue_left_s > late;
  return { ...frame, from_cue: cued, word: frame.from_cue && !cued ? null : frame.word };
}

export function sound(context, notes, start) {
  for (const note of notes) {
    const oscillator = new OscillatorNode(context, { frequency: note.hz });
    const gain = new GainNode(context, { gain: 0 });
    const from = start + note.at_s, to = from + note.s;
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(note.level * 0.8, from + 0.008);
    gain.gain.setValueAtTime(note.level * 0.8, Math.max(from + 0.008, to - 0.015));
    gain.gain.linearRampToValueAtTime(0, to);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(from);
    oscillator.stop(to);
  }
}

const $ = (id) => document.getElementById(id);
const now = () => performance.now() / 1000;
const put = (id, text) => { if ($(id).textContent !== text) $(id).textContent = text; };

let settings = { silent_s: 1.5, tones: {} };
let source = null, frame = null, offset = new Offset(), heard = now(), looked = Date.now();
let audio = null, lock = null, played = null;

function connect() {
  source?.close();
  source = new EventSource("/events");
  offset = new Offset();
  heard = now();
  source.onmessage = (event) => take(JSON.parse(event.data));
  source.addEventListener("settings", (event) => { settings = JSON.parse(event.data); });
}

function take(next) {
  heard = now();
  offset.hear(next.at, heard);
  frame = next;
  show();
}

function show() {
  const view = visible(frame, offset, now(), settings.silent_s);
  const live = view.standing === "live";
  const word = live ? view.word : "grey";
  const classes = [word, live && view.from_cue && "cued", live && view.bar !== null && "known"].filter(Boolean).join(" ");
  if (document.body.className !== classes) document.body.className = classes;
  document.body.dataset.standing = view.standing;
  put("word", live ? WORDS[view.word] ?? view.big : "NO SIGNAL");
  put("seconds", live ? view.gap : "—");
  put("side", live ? view.side : view.says);
  put("asked", live ? view.asked : "—");
  put("ridden", live ? view.ridden : "—");
  put("whose", live ? view.whose : "now");
  put("unit", live ? view.unit : "");
  put("lap", live ? view.lap : "");
  put("togo", live ? view.to_go : "—");
  if (live && view.bar !== null) $("mark").style.left = `${50 + 45 * view.bar}%`;
  if (live && view.from_cue) play(view.cue, view.word);
}

function play(cue, word) {
  if (played === cue || !offset.settled(now())) return;
  played = cue;
  document.body.dataset.played = word;
  if (audio?.state === "running") sound(audio, settings.tones[word], audio.currentTime + 0.02);
}

async function tapped() {
  audio ??= new AudioContext();
  await audio.resume();
  put("sound", "sound is on");
  sound(audio, settings.tones.beat, audio.currentTime + 0.02);
  await keepAwake();
}

async function keepAwake() {
  try {
    lock = await navigator.wakeLock.request("screen");
    put("awake", "screen stays on");
  } catch {
    put("awake", window.isSecureContext ? "screen may sleep" : "screen may sleep: use --https");
  }
}

function look() {
  const slept = (Date.now() - looked) / 1000;
  looked = Date.now();
  if (slept > SLEPT_S) frame = null;
  if (slept > SLEPT_S || now() - heard > DEAD_S || source.readyState === EventSource.CLOSED) connect();
  show();
}

document.body.addEventListener("click", tapped);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && (lock?.released ?? true)) keepAwake();
});
connect();
keepAwake();
setInterval(look, LOOK_MS);
