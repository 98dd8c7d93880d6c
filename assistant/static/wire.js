// The server: JSON, and answers as they stream in.

/** What went wrong, in a sentence for the reader; `status` is 0 when the server could not be reached. */
export class Problem extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

const LOST = "The connection was lost before the answer was there.";

async function reach(path, options = {}) {
  const token = sessionStorage.getItem("token");
  const headers = { ...options.headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  let response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("The server cannot be reached.");
  }
  if (!response.ok) {
    const body = await response.json().catch(() => null);
    const sentence = body?.error?.message ?? `The server answered with ${response.status}.`;
    throw new Problem(sentence[0].toUpperCase() + sentence.slice(1) + (/[.!?]$/.test(sentence) ? "" : "."), response.status);
  }
  return response;
}

/** The JSON at a path. Throws Problem. */
export const getJson = async (path) => (await reach(path)).json();

/** Ask, and call `on.status(doing)` and `on.delta(text)` as they come; gives the Reply. Throws Problem, or AbortError. */
export async function ask(question, history, signal, on) {
  const response = await reach("/api/chat", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ question, history, stream: true }),
    signal,
  });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      pending += value;
      const blocks = pending.split("\n\n");
      pending = blocks.pop();
      for (const block of blocks) {
        const { event, data } = parsed(block);
        if (event === "reply") return data;
        if (event === "error") throw new Problem(data.error.message, 500);
        if (event === "status") on.status(data.doing);
        if (event === "delta") on.delta(data.text);
      }
    }
  } catch (error) {
    if (error instanceof Problem || error.name === "AbortError") throw error;
    throw new Problem(LOST);
  } finally {
    reader.cancel().catch(() => {});
  }
  throw new Problem(LOST);
}

function parsed(block) {
  let event = "message";
  const data = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
  }
  return { event, data: data.length ? JSON.parse(data.join("\n")) : null };
}
