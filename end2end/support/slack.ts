/** A simulated Slack. */

import { expect, type Page } from "@playwright/test";
import { beside, launch, Simulator } from "./simulator.ts";
import { test } from "./test.ts";

export class SlackSimulator extends Simulator {
  /** Starts one that lets people come back to a hub. */
  static async start(hubUrl: string, more: string[]): Promise<SlackSimulator> {
    const args = ["slack", "--redirect-uri", `${hubUrl}/oauth/slack/callback`, ...more];
    return new SlackSimulator(await launch(args, "signing secret"));
  }

  settings(): Record<string, string> {
    return {
      PATCHBAY_SLACK_URL: this.url,
      PATCHBAY_SLACK_CLIENT_ID: this.word("client id"),
      PATCHBAY_SLACK_CLIENT_SECRET: this.word("client secret"),
      PATCHBAY_SLACK_SIGNING_SECRET: this.word("signing secret"),
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

  /** What becomes of the tokens of the first workspace: `expire` or `revoke`. */
  async tokens(act: "expire" | "revoke"): Promise<void> {
    const account = /\/_control\/teams\/(\w+)/.exec(await this.control())![1]!;
    await this.act({ act, account, back: "/_control" });
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
}

/** A test whose hub has an app at a simulated Slack, which may be started otherwise: `test.use({ slackArgs: ["--rotation"] })`. */
export const slackTest = test.extend<{ slack: SlackSimulator; slackArgs: string[] }>({
  slackArgs: [[], { option: true }],
  slack: async ({ hub, slackArgs }, use) => beside(hub, await SlackSimulator.start(hub.url, slackArgs), use),
});

/** Adds Slack as a person does; the page of the new connection is open then. */
export async function addToSlack(page: Page): Promise<void> {
  await page.goto("/integrations");
  await page.getByRole("link", { name: "Connect Slack" }).click();
  await page.getByRole("button", { name: "Add to Slack" }).click();
  await page.getByRole("button", { name: "Allow" }).click();
  await expect(page.getByText("It is connected.")).toBeVisible();
}
