/** A simulated Jira: the program of the `simulators` crate on a free port, gone after the test. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, type Page } from "@playwright/test";
import { test } from "./test.ts";

const START_LIMIT_MS = 20_000;

export class JiraSimulator {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
    private readonly printed: () => string,
  ) {}

  /** Starts one that lets people come back to a hub. */
  static async start(hubUrl: string): Promise<JiraSimulator> {
    const program = process.env.SIMULATORS_BIN;
    if (!program) throw new Error("SIMULATORS_BIN names the program of the simulators crate");
    const args = ["jira", "--port", "0", "--no-rate-limits", "--redirect-uri", `${hubUrl}/oauth/jira/callback`];
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout!.on("data", (chunk: Buffer) => (text += chunk));
    const limit = Date.now() + START_LIMIT_MS;
    while (Date.now() < limit) {
      const found = /Jira simulator:\s+(\S+)[\s\S]*client secret: \S+/.exec(text);
      if (found) return new JiraSimulator(found[1]!, child, () => text);
      await sleep(25);
    }
    child.kill("SIGKILL");
    throw new Error(`the simulator did not start:\n${text}`);
  }

  /** The hub's settings for its app here. */
  settings(): Record<string, string> {
    const word = (label: string) => new RegExp(`${label}:\\s+(\\S+)`).exec(this.printed())![1]!;
    return {
      PATCHBAY_JIRA_URL: this.url,
      PATCHBAY_JIRA_CLIENT_ID: word("client id"),
      PATCHBAY_JIRA_CLIENT_SECRET: word("client secret"),
    };
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await ended;
  }
}

/** A test whose hub has an app at a simulated Jira. */
export const jiraTest = test.extend<{ jira: JiraSimulator }>({
  jira: async ({ hub }, use) => {
    const jira = await JiraSimulator.start(hub.url);
    await hub.stop();
    hub.set(jira.settings());
    await hub.serve();
    await use(jira);
    await jira.stop();
  },
});

/** Connects a site as a person does; the page of the new connection is open then. */
export async function connectJira(page: Page, sites: string[]): Promise<void> {
  await page.goto("/integrations/jira");
  await page.getByRole("button", { name: /^Connect (Jira|another site)$/ }).click();
  for (const site of sites) await page.getByLabel(site).check();
  await page.getByRole("button", { name: "Accept" }).click();
  await expect(page).toHaveURL(/\/connections\/con_/);
}
