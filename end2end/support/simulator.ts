/** A third party on loopback: the program of the `simulators` crate on a free port, gone after the test. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Hub } from "./hub.ts";

const START_LIMIT_MS = 20_000;

/** A program that runs, and what it has printed about itself. */
export type Started = { process: ChildProcess; printed: string };

/** Starts the program with these arguments; it is ready once it has printed a line that begins so. */
export async function launch(args: string[], last: string): Promise<Started> {
  const program = process.env.SIMULATORS_BIN;
  if (!program) throw new Error("SIMULATORS_BIN names the program of the simulators crate");
  const child = spawn(program, [...args, "--port", "0", "--no-rate-limits"], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout!.on("data", (chunk: Buffer) => (printed += chunk));
  const ready = new RegExp(`^\\s*${last}:.*\n`, "m");
  const limit = Date.now() + START_LIMIT_MS;
  while (Date.now() < limit) {
    if (ready.test(printed)) return { process: child, printed };
    await sleep(25);
  }
  child.kill("SIGKILL");
  throw new Error(`the simulator did not start:\n${printed}`);
}

export abstract class Simulator {
  readonly url: string;

  constructor(private readonly started: Started) {
    this.url = this.word("simulator");
  }

  /** The hub's settings for its app here. */
  abstract settings(): Record<string, string>;

  /** What the program printed behind a label. */
  protected word(label: string): string {
    const found = new RegExp(`${label}:\\s+(\\S+)`).exec(this.started.printed);
    if (!found) throw new Error(`the simulator has not printed its ${label}:\n${this.started.printed}`);
    return found[1]!;
  }

  async stop(): Promise<void> {
    const { process } = this.started;
    if (process.exitCode !== null || process.signalCode !== null) return;
    const ended = once(process, "exit");
    process.kill("SIGKILL");
    await ended;
  }
}

/** Gives a test a third party that its hub knows, and ends it afterwards. */
export async function beside<S extends Simulator>(hub: Hub, simulator: S, use: (simulator: S) => Promise<void>): Promise<void> {
  try {
    await hub.stop();
    hub.set(simulator.settings());
    await hub.serve();
    await use(simulator);
  } finally {
    await simulator.stop();
  }
}
