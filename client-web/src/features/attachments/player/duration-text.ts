/** The length of a recording, which is never "0:00" if there is something to hear. */
export const lengthText = (seconds: number): string =>
  durationText(seconds > 0 ? Math.max(1, seconds) : 0);

/** A length of time as "0:07", "12:34" or "1:02:03". `seconds` may be fractional. */
export function durationText(seconds: number): string {
  const whole = Math.floor(Number.isFinite(seconds) ? Math.max(0, seconds) : 0);
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60];
  const rest = two(whole % 60);
  return hours > 0 ? `${String(hours)}:${two(minutes)}:${rest}` : `${String(minutes)}:${rest}`;
}
