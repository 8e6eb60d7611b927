// Dates and times as a verdict shows them (SPEC 1.4, 7.8).

const DAY_MS = 86_400_000n;
const CHINA_AHEAD_MS = 8n * 3_600_000n;
// 9999-12-31, the last date of four digits.
const LAST_DAY = 2_932_896n;

function dateText(days) {
  return new Date(Number(days * DAY_MS)).toISOString().slice(0, 10);
}

// A date in days since 1970-01-01: `2026-11-21`, or `day 2932897` after the year 9999.
export function issueDate(days) {
  return BigInt(days) > LAST_DAY ? `day ${days}` : dateText(BigInt(days));
}

// A moment in ms since 1970, RFC 3339 in UTC+8, a fraction only where there are milliseconds;
// empty after the year 9999.
export function rfc3339(ms) {
  const here = ms + CHINA_AHEAD_MS;
  if (here / DAY_MS > LAST_DAY) return "";
  const text = new Date(Number(here)).toISOString();
  const fraction = text.slice(19, 23).replace(/0+$/, "").replace(/\.$/, "");
  return `${text.slice(0, 19)}${fraction}+08:00`;
}

// Money in fen, as a decimal text: `100.00`, `-0.05`.
export function moneyText(fen) {
  const digits = String(fen < 0n ? -fen : fen).padStart(3, "0");
  return `${fen < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
