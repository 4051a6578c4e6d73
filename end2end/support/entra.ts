/** A simulated Entra ID with Microsoft Graph: the program of the `simulators` crate on a free port, gone after the test. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, type Page } from "@playwright/test";
import { test } from "./test.ts";

const START_LIMIT_MS = 20_000;

export class EntraSimulator {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
    private readonly printed: () => string,
  ) {}

  /** Starts one that lets people come back to a hub. */
  static async start(hubUrl: string): Promise<EntraSimulator> {
    const program = process.env.SIMULATORS_BIN;
    if (!program) throw new Error("SIMULATORS_BIN names the program of the simulators crate");
    const args = ["entra", "--port", "0", "--no-rate-limits", "--teams", "3", "--channels", "6"];
    const child = spawn(program, [...args, "--redirect-uri", `${hubUrl}/oauth/teams/callback`], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout!.on("data", (chunk: Buffer) => (text += chunk));
    const limit = Date.now() + START_LIMIT_MS;
    while (Date.now() < limit) {
      const found = /Entra simulator:\s+(\S+)[\s\S]*client secret: \S+\n/.exec(text);
      if (found) return new EntraSimulator(found[1]!, child, () => text);
      await sleep(25);
    }
    child.kill("SIGKILL");
    throw new Error(`the simulator did not start:\n${text}`);
  }

  /** The hub's settings for its app here. */
  settings(): Record<string, string> {
    const word = (label: string) => new RegExp(`${label}:\\s+(\\S+)`).exec(this.printed())![1]!;
    return {
      PATCHBAY_ENTRA_URL: this.url,
      PATCHBAY_TEAMS_CLIENT_ID: word("client id"),
      PATCHBAY_TEAMS_CLIENT_SECRET: word("client secret"),
    };
  }

  /** What was posted into the channels of the first team, as HTML. */
  async told(): Promise<string> {
    const control = await (await fetch(`${this.url}/_control`)).text();
    return (await fetch(this.url + /\/_control\/teams\/[\w-]+/.exec(control)![0])).text();
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await ended;
  }
}

/** A test whose hub has an app at a simulated Entra ID. */
export const entraTest = test.extend<{ entra: EntraSimulator }>({
  entra: async ({ hub }, use) => {
    const entra = await EntraSimulator.start(hub.url);
    await hub.stop();
    hub.set(entra.settings());
    await hub.serve();
    await use(entra);
    await entra.stop();
  },
});

/** Connects Microsoft Teams as a person does; the page of the new connection is open then. */
export async function connectTeams(page: Page): Promise<void> {
  await page.goto("/integrations/teams");
  await page.getByRole("button", { name: "Connect Microsoft Teams" }).click();
  await page.getByRole("button", { name: "Accept" }).click();
  await expect(page.getByText("It is connected.")).toBeVisible();
}
