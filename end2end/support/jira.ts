/** A simulated Jira. */

import { expect, type Page } from "@playwright/test";
import { beside, launch, Simulator } from "./simulator.ts";
import { test } from "./test.ts";

export class JiraSimulator extends Simulator {
  /** Starts one that lets people come back to a hub. */
  static async start(hubUrl: string): Promise<JiraSimulator> {
    return new JiraSimulator(await launch(["jira", "--redirect-uri", `${hubUrl}/oauth/jira/callback`], "client secret"));
  }

  /** Does something on the first site as one of its people: what a form of the control panel sends. */
  async act(fields: Record<string, string>): Promise<void> {
    const control = await (await fetch(`${this.url}/_control`)).text();
    const site = /\/_control\/sites\/([\w-]+)/.exec(control)![1]!;
    const body = new URLSearchParams({ site, back: "/_control", ...fields });
    const answer = await fetch(`${this.url}/_control/act`, { method: "POST", body, redirect: "manual" });
    expect(answer.status).toBe(303);
  }

  settings(): Record<string, string> {
    return {
      PATCHBAY_JIRA_URL: this.url,
      PATCHBAY_JIRA_CLIENT_ID: this.word("client id"),
      PATCHBAY_JIRA_CLIENT_SECRET: this.word("client secret"),
    };
  }
}

/** A test whose hub has an app at a simulated Jira. */
export const jiraTest = test.extend<{ jira: JiraSimulator }>({
  jira: async ({ hub }, use) => beside(hub, await JiraSimulator.start(hub.url), use),
});

/** Connects a site as a person does; the page of the new connection is open then. */
export async function connectJira(page: Page, sites: string[]): Promise<void> {
  await page.goto("/integrations/jira");
  await page.getByRole("button", { name: /^Connect (Jira|another site)$/ }).click();
  for (const site of sites) await page.getByLabel(site).check();
  await page.getByRole("button", { name: "Accept" }).click();
  await expect(page).toHaveURL(/\/connections\/con_/);
}
