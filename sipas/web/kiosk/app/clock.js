// What day it is, as well as a tablet can know: its own clock, put right by the server's last signed word. The server believes neither.

const SEVEN_HOURS = 7 * 3600 * 1000; // Viet Nam has one time and no summer time
const NEAR = 5 * 60 * 1000;

// A clock behind what the server once said has been set back, or was never right.
export const isBehind = (said, moment = Date.now()) => moment + (Math.abs(said.offset) > NEAR ? said.offset : 0) + NEAR < said.now;

// `said` is the server's last word: { now, offset } in milliseconds, or nothing yet.
export function today(said, moment = Date.now()) {
  const right = moment + (said && Math.abs(said.offset) > NEAR ? said.offset : 0);
  const lost = !said || isBehind(said, moment);
  const best = said && lost ? said.now : right;
  const day = new Date(best + SEVEN_HOURS).toISOString().slice(0, 10);
  return { day, clk: lost ? "unknown" : right === moment ? "ok" : "adj" };
}

export function band(seconds) {
  if (seconds < 20) return "<20";
  if (seconds < 60) return "20-60";
  return seconds <= 300 ? "60-300" : ">300";
}
