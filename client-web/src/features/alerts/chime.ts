/** Plays a short, soft sound of two notes. It is synthesized, so that no file has to be loaded. */
export function chime(): void {
  if (typeof AudioContext === 'undefined') return;
  const audio = new AudioContext();
  const gain = audio.createGain();
  gain.connect(audio.destination);
  const start = audio.currentTime;
  gain.gain.setValueAtTime(0.0001, start);
  gain.gain.exponentialRampToValueAtTime(0.12, start + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.35);
  for (const [frequency, after] of [
    [660, 0],
    [880, 0.09],
  ] as const) {
    const note = audio.createOscillator();
    note.frequency.value = frequency;
    note.connect(gain);
    note.start(start + after);
    note.stop(start + 0.4);
  }
  setTimeout(() => void audio.close(), 600);
}
