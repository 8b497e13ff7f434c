// What both scripts share: the gateway's address and keys, what the upstreams say, and
// results as TAP, which a Go test reads.
export const { BASE, KEY, MANAGEMENT, POOR_KEY } = process.env;
export const routes = ["e2e/openai", "e2e/anthropic", "e2e/gemini", "e2e/responses"];
export const hello = "Hello, wörld. 👋";
export const firstWords = "Hello, ";
export const pixel = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
export const imageSeen = "I see image/png of 70 bytes";

export const says = (model, content) => ({ model, messages: [{ role: "user", content }] });

let count = 0;
let failed = 0;

export async function check(name, f) {
  count++;
  try {
    await f();
    console.log(`ok ${count} - ${name}`);
  } catch (err) {
    failed++;
    console.log(`not ok ${count} - ${name}`);
    console.log(String(err?.stack ?? err).replace(/^/gm, "# "));
  }
}

// done prints the plan: a script that ends early has none.
export function done() {
  console.log(`1..${count}`);
  process.exitCode = failed ? 1 : 0;
}
