/** The real `patchbay` program: one process, one free port, one data folder, gone after the test. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export type Options = {
  /** Create the first organization and its owner before the start. */
  bootstrap?: boolean;
  /** Further settings of the program. */
  env?: Record<string, string>;
};

export type Answer<T = any> = { status: number; headers: Headers; body: T };

const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 25_000;

export class Hub {
  readonly email = "ada@example.com";
  readonly password = "correct horse battery staple";
  readonly org = "Lovelace Ltd";
  /** Of the bootstrapped organization. */
  orgId = "";
  userId = "";
  apiKey = "";
  /** Everything the program has printed. */
  log = "";
  private process: ChildProcess | undefined;

  private constructor(
    readonly url: string,
    readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async start(options: Options = {}): Promise<Hub> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const folder = await mkdtemp(join(tmpdir(), "patchbay-end2end-"));
    const env = {
      PATH: process.env.PATH,
      PATCHBAY_SITE_DIR: process.env.PATCHBAY_SITE_DIR,
      PATCHBAY_ADDR: `127.0.0.1:${port}`,
      PATCHBAY_BASE_URL: url,
      PATCHBAY_DATA_DIR: folder,
      PATCHBAY_ALLOW_TARGETS: "127.0.0.0/8",
      ...options.env,
    };
    const hub = new Hub(url, folder, env);
    try {
      if (options.bootstrap ?? true) await hub.bootstrap();
      await hub.serve();
    } catch (error) {
      await hub.remove();
      throw error;
    }
    return hub;
  }

  /** Starts the server again on the same address and data, after `stop` or `kill`. */
  async serve(): Promise<void> {
    const child = spawn(binary(), ["serve"], { env: this.env, cwd: this.folder, stdio: ["ignore", "pipe", "pipe"] });
    this.process = child;
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (this.log += chunk));
    const limit = Date.now() + START_LIMIT_MS;
    while (child.exitCode === null && child.signalCode === null && Date.now() < limit) {
      const ready = await fetch(`${this.url}/readyz`).catch(() => undefined);
      if (ready?.ok) return;
      await sleep(25);
    }
    throw new Error(`patchbay did not become ready:\n${this.log}`);
  }

  /** Changes settings of the program, for its next start. */
  set(env: Record<string, string>): void {
    Object.assign(this.env, env);
  }

  /** Asks the program to stop and waits until it has, which must take no more than 20 seconds. */
  async stop(): Promise<void> {
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    const code = await Promise.race([ended.then(([code]) => code), sleep(STOP_LIMIT_MS, "late", { ref: false })]);
    if (code !== 0) {
      child.kill("SIGKILL");
      throw new Error(`patchbay did not stop cleanly (${code}):\n${this.log}`);
    }
  }

  /** Takes the program away as a crash would. */
  async kill(): Promise<void> {
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  /** Stops the program and removes its data. */
  async remove(): Promise<void> {
    try {
      await this.stop();
    } finally {
      await rm(this.folder, { recursive: true, force: true });
    }
  }

  /** The one-time token that the first start prints. */
  async setupToken(): Promise<string> {
    const limit = Date.now() + START_LIMIT_MS;
    while (Date.now() < limit) {
      const found = /set-?up[^\n]*?(?:token[=: ]+|\/)([A-Za-z0-9_-]{16,})/i.exec(this.log);
      if (found) return found[1]!;
      await sleep(25);
    }
    throw new Error(`no set-up token was printed:\n${this.log}`);
  }

  /** A call to the REST API with the organization's key. */
  async api<T = any>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.apiKey}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") ?? false;
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as T };
  }

  /** Posts an event and insists that it is accepted; returns its id. */
  async postEvent(event_type: string, data: unknown, headers: Record<string, string> = {}): Promise<string> {
    const answer = await this.api("POST", "/events", { event_type, data }, headers);
    if (answer.status !== 202) throw new Error(`event refused: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.id;
  }

  /** Adds an endpoint and insists that it is accepted; returns it with its secret. */
  async addEndpoint(url: string, more: Record<string, unknown> = {}): Promise<{ id: string; secret: string }> {
    const answer = await this.api("POST", "/endpoints", { name: "Receiver", url, event_types: ["*"], ...more });
    if (answer.status !== 201) throw new Error(`endpoint refused: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Runs a command of the program on this hub's data and returns what it printed. */
  async run(args: string[], input = ""): Promise<string> {
    const child = spawn(binary(), args, { env: this.env, cwd: this.folder });
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => (printed += chunk));
    child.stderr.on("data", (chunk: Buffer) => (this.log += chunk));
    child.stdin.end(input);
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`patchbay ${args[0]} failed (${code}):\n${this.log}${printed}`);
    return printed;
  }

  private async bootstrap(): Promise<void> {
    const args = ["bootstrap", "--org", this.org, "--email", this.email, "--password-stdin", "--json"];
    const created = JSON.parse(await this.run(args, this.password));
    [this.orgId, this.userId, this.apiKey] = [created.org_id, created.user_id, created.api_key];
  }
}

function binary(): string {
  const binary = process.env.PATCHBAY_BIN;
  if (!binary) throw new Error("PATCHBAY_BIN is not set: run `cargo xtask test --browser`");
  return binary;
}

/** The last port that this worker has tried, counted from its first. */
let tried = 0;

/**
 * A port that nobody listens on. It is below those that the system hands out, and each worker has a range of its own: until the hub
 * binds it, and while it is stopped, nobody else gets it.
 */
async function freePort(): Promise<number> {
  const first = 10_000 + Number(process.env.TEST_PARALLEL_INDEX ?? 0) * 5_000;
  while (tried < 5_000) {
    const port = first + tried++;
    const server = createServer().listen(port, "127.0.0.1");
    const isFree = await once(server, "listening").then(() => true, () => false);
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return port;
  }
  throw new Error("no port");
}
