/** A simulated Entra ID with Microsoft Graph. */

import { expect, type Page } from "@playwright/test";
import { beside, launch, Simulator } from "./simulator.ts";
import { test } from "./test.ts";

export class EntraSimulator extends Simulator {
  /** Starts one that lets people come back to a hub. */
  static async start(hubUrl: string): Promise<EntraSimulator> {
    const args = ["entra", "--teams", "3", "--channels", "6", "--redirect-uri", `${hubUrl}/oauth/teams/callback`];
    return new EntraSimulator(await launch(args, "client secret"));
  }

  settings(): Record<string, string> {
    return {
      PATCHBAY_ENTRA_URL: this.url,
      PATCHBAY_TEAMS_CLIENT_ID: this.word("client id"),
      PATCHBAY_TEAMS_CLIENT_SECRET: this.word("client secret"),
    };
  }

  /** What was posted into the channels of the first team, as HTML. */
  async told(): Promise<string> {
    const control = await (await fetch(`${this.url}/_control`)).text();
    return (await fetch(this.url + /\/_control\/teams\/[\w-]+/.exec(control)![0])).text();
  }
}

/** A test whose hub has an app at a simulated Entra ID. */
export const entraTest = test.extend<{ entra: EntraSimulator }>({
  entra: async ({ hub }, use) => beside(hub, await EntraSimulator.start(hub.url), use),
});

/** Connects Microsoft Teams as a person does; the page of the new connection is open then. */
export async function connectTeams(page: Page): Promise<void> {
  await page.goto("/integrations/teams");
  await page.getByRole("button", { name: "Connect Microsoft Teams" }).click();
  await page.getByRole("button", { name: "Accept" }).click();
  await expect(page.getByText("It is connected.")).toBeVisible();
}
