/** A simulated Microsoft Teams whose channels take messages by workflows. */

import { beside, launch, Simulator } from "./simulator.ts";
import { test } from "./test.ts";

export class TeamsSimulator extends Simulator {
  static async start(): Promise<TeamsSimulator> {
    return new TeamsSimulator(await launch(["teams"], "Alerts"));
  }

  /** The address of the workflow that posts into the channel "Alerts". */
  get workflow(): string {
    return this.word("Alerts");
  }

  settings(): Record<string, string> {
    return { PATCHBAY_TEAMS_URL: this.url };
  }

  /** What the control panel shows of the channels, as HTML. */
  async told(): Promise<string> {
    return (await fetch(`${this.url}/_control`)).text();
  }
}

/** A test whose hub knows a simulated Teams. */
export const teamsTest = test.extend<{ teams: TeamsSimulator }>({
  teams: async ({ hub }, use) => beside(hub, await TeamsSimulator.start(), use),
});
