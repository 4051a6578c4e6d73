/** A simulated Slack: the program of the `simulators` crate on a free port, gone after the test. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, type Page } from "@playwright/test";
import { test } from "./test.ts";

const START_LIMIT_MS = 20_000;

export class SlackSimulator {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
    private readonly printed: () => string,
  ) {}

  /** Starts one that lets people come back to a hub. */
  static async start(hubUrl: string): Promise<SlackSimulator> {
    const program = process.env.SIMULATORS_BIN;
    if (!program) throw new Error("SIMULATORS_BIN names the program of the simulators crate");
    const args = ["slack", "--port", "0", "--no-rate-limits", "--redirect-uri", `${hubUrl}/oauth/slack/callback`];
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout!.on("data", (chunk: Buffer) => (text += chunk));
    const limit = Date.now() + START_LIMIT_MS;
    while (Date.now() < limit) {
      const found = /Slack simulator:\s+(\S+)[\s\S]*signing secret: \S+/.exec(text);
      if (found) return new SlackSimulator(found[1]!, child, () => text);
      await sleep(25);
    }
    child.kill("SIGKILL");
    throw new Error(`the simulator did not start:\n${text}`);
  }

  /** The hub's settings for its app here. */
  settings(): Record<string, string> {
    const word = (label: string) => new RegExp(`${label}:\\s+(\\S+)`).exec(this.printed())![1]!;
    return {
      PATCHBAY_SLACK_URL: this.url,
      PATCHBAY_SLACK_CLIENT_ID: word("client id"),
      PATCHBAY_SLACK_CLIENT_SECRET: word("client secret"),
      PATCHBAY_SLACK_SIGNING_SECRET: word("signing secret"),
    };
  }

  /** What the control panel shows, as HTML. */
  async control(): Promise<string> {
    return (await fetch(`${this.url}/_control`)).text();
  }

  /** The channel with the most messages, as its page in the control panel shows it, as HTML. */
  async told(): Promise<string> {
    const follow = async (page: string, link: RegExp) => (await fetch(this.url + link.exec(page)![0])).text();
    const team = await follow(await this.control(), /\/_control\/teams\/\w+/);
    return follow(team, /\/_control\/channels\/\w+/);
  }

  /** What somebody does in the control panel. */
  private async act(fields: Record<string, string>): Promise<void> {
    await fetch(`${this.url}/_control/act`, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });
  }

  /** Somebody of the first workspace types a command in its first channel; answers that channel's page, as HTML. */
  async types(hubUrl: string, text: string): Promise<() => Promise<string>> {
    await this.act({ act: "settings", redirects: `${hubUrl}/oauth/slack/callback`, commands: `${hubUrl}/slack/commands`, back: "/_control" });
    const team = await (await fetch(this.url + /\/_control\/teams\/\w+/.exec(await this.control())![0])).text();
    const channel = /\/_control\/channels\/(\w+)/.exec(team)!;
    const shown = async () => (await fetch(this.url + channel[0])).text();
    const user = /<option value="(\w+)">/.exec(await shown())![1]!;
    await this.act({ act: "command", channel: channel[1]!, user, text, back: "/_control" });
    return shown;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await ended;
  }
}

/** A test whose hub has an app at a simulated Slack. */
export const slackTest = test.extend<{ slack: SlackSimulator }>({
  slack: async ({ hub }, use) => {
    const slack = await SlackSimulator.start(hub.url);
    await hub.stop();
    hub.set(slack.settings());
    await hub.serve();
    await use(slack);
    await slack.stop();
  },
});

/** Adds Slack as a person does; the page of the new connection is open then. */
export async function addToSlack(page: Page): Promise<void> {
  await page.goto("/integrations");
  await page.getByRole("link", { name: "Connect Slack" }).click();
  await page.getByRole("button", { name: "Add to Slack" }).click();
  await page.getByRole("button", { name: "Allow" }).click();
  await expect(page.getByText("It is connected.")).toBeVisible();
}
