import type { Page } from "@playwright/test";
import { addToSlack, slackTest as test } from "../support/slack.ts";
import { expect, expectAccessible, expectNoSidewaysScroll, hydrated, picture } from "../support/test.ts";

test("Slack is added by a button, a rule tells a channel, and a test message arrives", async ({ slack, signedIn: page, hub, allowConsole }) => {
  await addToSlack(page);
  await expect(page.getByRole("heading", { name: "Acme", level: 1 })).toBeVisible();
  await expect(page.getByText(/\d+ channels, updated/)).toBeVisible({ timeout: 15_000 });
  await expectAccessible(page);

  await page.getByRole("link", { name: "Add rule" }).click();
  await hydrated(page);
  const picker = page.getByRole("combobox", { name: "Channel" });
  // Enter takes nothing from the list that was there before: it waits for the answer to what is typed.
  let answer!: () => void;
  const mayAnswer = new Promise<void>((resolve) => (answer = resolve));
  await page.route(/find_channels/, async (route) => {
    await mayAnswer;
    await route.continue();
  });
  await picker.focus();
  await expect(page.locator("#channel-list").getByRole("option").first()).toBeVisible();
  await picker.fill("gener");
  await picker.press("Enter");
  await expect(picker).toHaveValue("gener");
  await expect(picker).toHaveAttribute("aria-expanded", "true");
  answer();
  await expect(picker).toHaveValue(/^#.*gener/);
  await page.unroute(/find_channels/);
  // Where the answer is lost, Enter asks again.
  allowConsole(/Failed to load resource: net::ERR_FAILED/);
  await page.route(/find_channels/, (route) => route.abort(), { times: 1 });
  const lost = page.waitForEvent("requestfailed");
  await picker.fill("gener");
  await lost;
  await expect(async () => {
    await picker.press("Enter");
    await expect(picker).toHaveValue(/^#.*gener/, { timeout: 1_000 });
  }).toPass();

  await picker.fill("gener");
  await expect(page.getByRole("option", { name: /general/ }).first()).toBeVisible();
  await picker.press("ArrowDown");
  await picker.press("ArrowUp");
  await picker.press("Enter");
  await expect(picker).toHaveValue(/^#/);
  await page.getByLabel("Events").fill("invoice.*");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Save rule" }).click();
  await expect(page.getByText("The rule is saved.")).toBeVisible();

  await page.getByRole("button", { name: /^Send test to #/ }).click();
  await expect(page.getByText("The test message has arrived in the channel.")).toBeVisible();
  await hub.postEvent("invoice.paid", { invoice_id: "inv_8812", amount_paid: 12900, currency: "EUR" });
  await expect.poll(async () => (await slack.told()).includes("inv_8812")).toBe(true);
});

test("the channels of a source are chosen by the picker", async ({ slack: _, signedIn: page, hub }) => {
  await addToSlack(page);
  await expect(page.getByText(/\d+ channels, updated/)).toBeVisible({ timeout: 15_000 });
  const source = (await hub.api("POST", "/sources", { provider: "slack", name: "Signals", secret: "8f742231b10e8888abcd99yyyzzz85a5" })).body;
  await page.goto(`/sources/${source.id}`);
  await hydrated(page);
  const panel = page.getByRole("region", { name: "Channels" });
  const picker = panel.getByRole("combobox", { name: "Channel to choose" });
  await picker.fill("gener");
  await expect(panel.getByRole("option", { name: /general/ }).first()).toBeVisible();
  await expectAccessible(page);
  await picker.press("Enter");
  await expect(picker).toHaveValue(/^#/);
  await panel.getByRole("button", { name: "Choose" }).click();
  await expect(panel.getByRole("list", { name: "Chosen channels" }).getByText(/^#.*general/)).toBeVisible();
  expect((await hub.api("GET", `/sources/${source.id}`)).body.channels).toHaveLength(1);
  await panel.getByRole("button", { name: /^Remove #/ }).click();
  await expect(panel.getByText("None is chosen")).toBeVisible();
});

test("somebody in Slack whom no address gives away links themselves by the page that the bot names", async ({ slack, signedIn: page, hub }) => {
  await addToSlack(page);
  const shown = await slack.types(hub.url, "/patchbay status");
  const link = new RegExp(`${hub.url}(/integrations/slack/link/\\w+)`);
  await expect.poll(async () => link.test(await shown())).toBe(true);
  await page.goto(link.exec(await shown())![1]!);
  await hydrated(page);
  await expect(page.getByRole("main").getByText(hub.email)).toBeVisible();
  await expectAccessible(page);
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
      await expectNoSidewaysScroll(page);
      await picture(page, `integrations-slack-link-${theme}-${width}`);
    }
  }
  await page.getByRole("button", { name: "This is me: link my account" }).click();
  await expect(page.getByRole("heading", { name: "Linked people" })).toBeVisible();
});

test("who says no at Slack is told so, and nothing is connected", async ({ slack: _, signedIn: page }) => {
  await page.goto("/integrations/slack");
  await page.getByRole("button", { name: "Add to Slack" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("alert")).toContainText("Slack was not connected.");
  await page.goto("/oauth/slack/callback?code=1&state=made-up");
  await expect(page.getByRole("alert")).toContainText("another browser");
});

test("a connection is paused, resumed, checked and ended", async ({ slack: _, signedIn: page }) => {
  await addToSlack(page);
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByText("Paused. What would be sent is kept.")).toBeVisible();
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByText("Resumed.")).toBeVisible();
  await page.getByRole("button", { name: "Check now" }).click();
  await expect(page.getByText("It works.")).toBeVisible();
  await page.getByText("Disconnect…").click();
  await page.getByRole("button", { name: "Disconnect", exact: true }).click();
  await expect(page).toHaveURL(/\/integrations\/slack/);
  await expect(page.getByRole("button", { name: "Add to Slack" })).toBeVisible();
});

test("a whole Enterprise Grid organization is connected, and the channels of its workspaces are told apart", async ({ slack: _, signedIn: page }) => {
  test.setTimeout(120_000);
  await page.goto("/integrations/slack");
  await page.getByRole("button", { name: "Add to Slack" }).click();
  await page.getByLabel(/Initech Group/).check();
  await page.getByRole("button", { name: "Allow" }).click();
  await expect(page.getByText("It is connected.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Initech Group", level: 1 })).toBeVisible();
  await expect(page.getByText("Enterprise Grid")).toBeVisible();
  // Workspaces first, then the list of each; Slack wants some seconds between.
  await expect(page.getByText(/\d+ channels, updated/)).toBeVisible({ timeout: 60_000 });
  await expectAccessible(page);

  await page.getByRole("link", { name: "Add rule" }).click();
  await hydrated(page);
  const picker = page.getByRole("combobox", { name: "Channel" });
  await picker.fill("general");
  await expect(page.getByRole("option", { name: /general Initech Sales/ })).toBeVisible();
  await expect(page.getByRole("option", { name: /general Initech Engineering/ })).toBeVisible();
  await expectAccessible(page);
  await picture(page, "connections-slack-grid-light-1280");
  await page.getByRole("option", { name: /general Initech Engineering/ }).click();
  await expect(picker).toHaveValue("#general");
  await page.getByLabel("Events").fill("invoice.*");
  await page.getByRole("button", { name: "Save rule" }).click();
  await expect(page.getByText("The rule is saved.")).toBeVisible();
  await page.getByRole("button", { name: "Send test to #general" }).click();
  await expect(page.getByText("The test message has arrived in the channel.")).toBeVisible();
});

test.describe("where tokens rotate", () => {
  test.use({ slackArgs: ["--rotation"] });

  test("an expired token is renewed, a revoked one is told, and reconnecting keeps the rule", async ({ slack, signedIn: page, allowConsole }) => {
    test.setTimeout(120_000);
    allowConsole(/status of 409/);
    await addToSlack(page);
    const own = page.url();
    await expect(page.getByText(/\d+ channels, updated/)).toBeVisible({ timeout: 15_000 });
    await page.getByRole("link", { name: "Add rule" }).click();
    await hydrated(page);
    const picker = page.getByRole("combobox", { name: "Channel" });
    await picker.fill("general");
    await expect(page.getByRole("option", { name: /general/ }).first()).toBeVisible();
    await picker.press("Enter");
    await page.getByLabel("Events").fill("invoice.*");
    await page.getByRole("button", { name: "Save rule" }).click();
    await expect(page.getByText("The rule is saved.")).toBeVisible();

    // The next call is told that the token has expired; it is renewed, and the one after that goes through.
    await slack.tokens("expire");
    await expect(async () => {
      await page.goto(own);
      await hydrated(page);
      await page.getByRole("button", { name: "Check now" }).click();
      await expect(page.getByText("It works.")).toBeVisible({ timeout: 3_000 });
    }).toPass({ timeout: 40_000 });
    await expect(page.getByRole("region", { name: "Token" }).getByText(/Times renewed/)).toBeVisible();
    await expect(page.getByRole("button", { name: "Reconnect Slack" })).toHaveCount(0);

    await slack.tokens("revoke");
    await page.getByRole("button", { name: "Check now" }).click();
    await expect(page.getByRole("button", { name: "Reconnect Slack" })).toBeVisible();
    await expect(page.getByText("Needs reconnect").first()).toBeVisible();
    await expectAccessible(page);
    await page.goto("/integrations");
    await expect(page.getByText("1 needs attention").first()).toBeVisible();
    await page.goto(own);
    await page.getByRole("button", { name: "Reconnect Slack" }).click();
    await page.getByRole("button", { name: "Allow" }).click();
    await expect(page.getByText(/^It is connected again\./)).toBeVisible();
    expect(new URL(page.url()).pathname).toBe(new URL(own).pathname);
    await page.getByRole("button", { name: "Send test to #general" }).click();
    await expect(page.getByText("The test message has arrived in the channel.")).toBeVisible();
  });
});

test.describe("in a workspace of 50,000 channels", () => {
  test.use({ slackArgs: ["--channels", "50000"] });

  test("the picker opens at once and answers each key", async ({ slack: _, signedIn: page, hub }, info) => {
    // The list is read as Slack allows it: 1,000 channels every three seconds.
    test.setTimeout(360_000);
    await addToSlack(page);
    await expect(page.getByText(/\d{5} channels, updated/)).toBeVisible({ timeout: 260_000 });
    const connection = /\/connections\/con_\w+/.exec(page.url())![0];
    // Nothing is in memory after a start. (Nobody is at the page meanwhile, or it would complain.)
    await page.goto("about:blank");
    await hub.stop();
    await hub.serve();

    await page.goto(`${connection}/rules/new`);
    const first = await page.evaluate(() => {
      const [load] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
      return load!.responseEnd - load!.requestStart;
    });
    const picker = page.getByRole("combobox", { name: "Channel" });
    await hydrated(page);
    const opened = await picker.evaluate(async (input: HTMLInputElement) => {
      const from = performance.now();
      input.focus();
      while (document.querySelectorAll("#channel-list [role=option]").length === 0) await new Promise(requestAnimationFrame);
      return performance.now() - from;
    });
    const options = page.locator("#channel-list").getByRole("option");
    await expect(options).toHaveCount(50);
    await expect(page.getByText(/^50 of \d{5}, keep typing$/)).toBeVisible();

    const answers: number[] = [];
    const keys: number[] = [];
    let typed = "";
    for (const key of "checkout-prod") {
      typed += key;
      const answered = page.waitForResponse((response) => /find_channels/.test(response.url()));
      const from = performance.now();
      await picker.pressSequentially(key);
      const response = await answered;
      await response.finished();
      // The list follows what came: the best channel is the first one.
      await expect(options.first()).toContainText(typed);
      keys.push(performance.now() - from);
      answers.push(response.request().timing().responseEnd);
    }
    await picker.press("ArrowDown");
    await picker.press("Enter");
    await expect(picker).toHaveValue(/^#.*checkout-prod/);

    const worst = (times: number[]) => Math.max(...times);
    const mean = (times: number[]) => times.reduce((sum, time) => sum + time, 0) / times.length;
    const ms = (time: number) => `${time.toFixed(0)} ms`;
    const figures =
      `the form with the first 50 in ${ms(first)}; the picker opened in ${ms(opened)}; ${keys.length} keys: the server's answer ${ms(mean(answers))} on average, ` +
      `${ms(worst(answers))} at most; until the list shows it ${ms(mean(keys))}, ${ms(worst(keys))}`;
    console.log(`picker at 50,000 channels: ${figures}`);
    info.annotations.push({ type: "picker at 50,000 channels", description: figures });
    // How long it may take, `cargo xtask bench --picker` says: here other journeys run beside.
  });
});

/** Looks again, as one does without JavaScript, until the connection's channels are there. */
async function channelsAreRead(page: Page) {
  await expect
    .poll(async () => {
      await page.reload();
      return page.getByText(/\d+ channels, updated/).count();
    }, { timeout: 15_000 })
    .toBe(1);
}

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a channel of a source is found and chosen", async ({ slack: _, signedIn: page, hub, allowConsole }) => {
    allowConsole(/was preloaded using link preload but not used/);
    await addToSlack(page);
    await channelsAreRead(page);
    const source = (await hub.api("POST", "/sources", { provider: "slack", name: "Signals", secret: "8f742231b10e8888abcd99yyyzzz85a5" })).body;
    await page.goto(`/sources/${source.id}`);
    await page.getByLabel("Channel to choose").fill("general");
    await page.getByRole("button", { name: "Find" }).click();
    await page.getByRole("button", { name: /^Choose #.*general/ }).first().click();
    await expect(page.getByRole("button", { name: /^Remove #.*general/ })).toBeVisible();
  });

  test("Slack is connected and a rule is made", async ({ slack: _, signedIn: page, allowConsole }) => {
    allowConsole(/was preloaded using link preload but not used/);
    await addToSlack(page);
    await channelsAreRead(page);
    await page.getByRole("link", { name: "Add rule" }).click();
    await page.getByPlaceholder("Find a channel").fill("general");
    await page.getByRole("button", { name: "Find" }).click();
    await page.getByRole("radio", { name: /general/ }).first().check();
    await page.getByLabel("Events").fill("user.*");
    await page.getByRole("button", { name: "Save rule" }).click();
    await expect(page.getByText("The rule is saved.")).toBeVisible();
  });
});
