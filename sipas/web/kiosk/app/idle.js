// Sixty seconds without a touch, and the next person finds a clean screen. A question is asked fifteen seconds before.

const LIMIT = 60;
const WARN = 45;
let last = performance.now();
let timer = 0;

export const touched = () => (last = performance.now());

// `isBusy`: whether there is anything to forget. `warn(seconds)` while it runs out, `calm()` when somebody is there, `reset()` at the end.
export function watch({ isBusy, warn, calm, reset }) {
  let warned = false;
  const wake = () => {
    touched();
    if (warned) {
      warned = false;
      calm();
    }
  };
  // The question goes away at the end of a touch, not at its beginning: else the touch would fall through to what lies below.
  for (const event of ["click", "keydown", "input"]) window.addEventListener(event, wake, { passive: true });
  window.addEventListener("pointerdown", touched, { capture: true, passive: true });
  clearInterval(timer);
  timer = setInterval(() => {
    const still = (performance.now() - last) / 1000;
    if (!isBusy()) {
      if (warned) calm();
      warned = false;
    } else if (still >= LIMIT) {
      warned = false;
      reset();
      touched();
    } else if (still >= WARN) {
      warned = true;
      warn(Math.ceil(LIMIT - still));
    }
  }, 500);
}
