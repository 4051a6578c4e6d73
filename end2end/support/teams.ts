/** A simulated Microsoft Teams: the program of the `simulators` crate on a free port, gone after the test. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "./test.ts";

const START_LIMIT_MS = 20_000;

export class TeamsSimulator {
  private constructor(
    readonly url: string,
    /** The address of the workflow that posts into the channel "Alerts". */
    readonly workflow: string,
    private readonly process: ChildProcess,
  ) {}

  static async start(): Promise<TeamsSimulator> {
    const program = process.env.SIMULATORS_BIN;
    if (!program) throw new Error("SIMULATORS_BIN names the program of the simulators crate");
    const child = spawn(program, ["teams", "--port", "0", "--no-rate-limits"], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout!.on("data", (chunk: Buffer) => (text += chunk));
    const limit = Date.now() + START_LIMIT_MS;
    while (Date.now() < limit) {
      const found = /Teams simulator:\s+(\S+)[\s\S]*Alerts: (\S+)\n/.exec(text);
      if (found) return new TeamsSimulator(found[1]!, found[2]!, child);
      await sleep(25);
    }
    child.kill("SIGKILL");
    throw new Error(`the simulator did not start:\n${text}`);
  }

  /** What the control panel shows of the channels, as HTML. */
  async told(): Promise<string> {
    return (await fetch(`${this.url}/_control`)).text();
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await ended;
  }
}

/** A test whose hub knows a simulated Teams. */
export const teamsTest = test.extend<{ teams: TeamsSimulator }>({
  teams: async ({ hub }, use) => {
    const teams = await TeamsSimulator.start();
    await hub.stop();
    hub.set({ PATCHBAY_TEAMS_URL: teams.url });
    await hub.serve();
    await use(teams);
    await teams.stop();
  },
});
