/** A real HTTP server that receives webhooks: it records every request and answers as it is told. */

import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export type Received = { method: string; path: string; headers: IncomingHttpHeaders; body: string; at: number };

/**
 * One answer: a status; a whole response; or a misbehaviour. `hang` never answers, `reset` cuts the
 * connection, `drip` sends a byte a second, `flood` sends without end, `garbage` is no HTTP at all.
 */
export type Reply =
  | number
  | { status: number; headers?: Record<string, string>; body?: string; delayMs?: number }
  | "hang"
  | "reset"
  | "drip"
  | "flood"
  | "garbage";

export class Receiver {
  readonly requests: Received[] = [];
  private script: Reply[] = [200];
  private readonly places = new Map<string, Reply>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on("request", async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      receiver.requests.push({
        method: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
        at: Date.now(),
      });
      await answer(response, receiver.places.get(request.url ?? "") ?? receiver.next());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  /** Answers the coming requests in this order; the last answer is repeated. */
  answers(...script: Reply[]): void {
    this.script = script;
  }

  /** Answers every request for this path so, whatever the script says. */
  answersAt(path: string, reply: Reply): void {
    this.places.set(path, reply);
  }

  /** Fails `times` times, then accepts. */
  failsThenAccepts(times: number, failure: Reply = 500): void {
    this.answers(...Array<Reply>(times).fill(failure), 200);
  }

  /** Waits until that many requests have arrived and returns them. */
  async waitFor(count: number, timeoutMs = 15_000): Promise<Received[]> {
    const limit = Date.now() + timeoutMs;
    while (this.requests.length < count) {
      if (Date.now() > limit) throw new Error(`${this.requests.length} of ${count} requests arrived in ${timeoutMs} ms`);
      await sleep(10);
    }
    return this.requests;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, "close");
  }

  private next(): Reply {
    return (this.script.length > 1 ? this.script.shift() : this.script[0]) ?? 200;
  }
}

/** Whether both signatures of a request were made with this secret (`whsec_…`) over this very body. */
export function isSigned(request: Received, secret: string): boolean {
  const header = (name: string) => String(request.headers[name] ?? "");
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text);
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const text = `${header("webhook-id")}.${header("webhook-timestamp")}.${request.body}`;
  const standard = `v1,${hmac(key, text).digest("base64")}`;
  const simple = `sha256=${hmac(secret, `${header("x-webhook-timestamp")}.${request.body}`).digest("hex")}`;
  return header("webhook-signature").split(" ").includes(standard) && header("x-webhook-signature").split(/[ ,]+/).includes(simple);
}

async function answer(response: ServerResponse, reply: Reply): Promise<void> {
  if (typeof reply === "number") {
    response.writeHead(reply, { "content-type": "text/plain" }).end(reply < 400 ? "thanks" : "no, thanks");
  } else if (typeof reply === "object") {
    if (reply.delayMs) await sleep(reply.delayMs);
    response.writeHead(reply.status, reply.headers).end(reply.body ?? "");
  } else {
    await misbehave(response, reply);
  }
}

async function misbehave(response: ServerResponse, how: string): Promise<void> {
  const socket = response.socket;
  if (how === "reset") socket?.resetAndDestroy();
  if (how === "garbage") socket?.end("\u0000\u0001 this is not HTTP\r\n\r\n");
  if (how === "drip" || how === "flood") {
    response.writeHead(200, { "content-type": "application/octet-stream" });
    const chunk = how === "drip" ? "." : "x".repeat(64 * 1024);
    while (!response.destroyed && !response.writableEnded) {
      if (!response.write(chunk)) await drained(response);
      if (how === "drip") await sleep(1_000, undefined, { ref: false });
    }
  }
}

/** Waits until more can be written or nobody reads any more. */
async function drained(response: ServerResponse): Promise<void> {
  const over = new AbortController();
  const either = [once(response, "drain", over), once(response, "close", over)];
  await Promise.race(either).catch(() => {});
  over.abort();
  await Promise.allSettled(either);
}
