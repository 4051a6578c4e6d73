import { addToSlack, slackTest as test } from "../support/slack.ts";
import { expect, expectAccessible, expectNoSidewaysScroll, hydrated, picture } from "../support/test.ts";

test("Slack is added by a button, a rule tells a channel, and a test message arrives", async ({ slack, signedIn: page, hub }) => {
  await addToSlack(page);
  await expect(page.getByRole("heading", { name: "Acme", level: 1 })).toBeVisible();
  await expect(page.getByText(/\d+ channels, updated/)).toBeVisible({ timeout: 15_000 });
  await expectAccessible(page);

  await page.getByRole("link", { name: "Add rule" }).click();
  await hydrated(page);
  const picker = page.getByRole("combobox", { name: "Channel" });
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

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("Slack is connected and a rule is made", async ({ slack: _, signedIn: page, allowConsole }) => {
    allowConsole(/was preloaded using link preload but not used/);
    await addToSlack(page);
    await expect
      .poll(async () => {
        await page.reload();
        return page.getByText(/\d+ channels, updated/).count();
      }, { timeout: 15_000 })
      .toBe(1);
    await page.getByRole("link", { name: "Add rule" }).click();
    await page.getByPlaceholder("Find a channel").fill("general");
    await page.getByRole("button", { name: "Find" }).click();
    await page.getByRole("radio", { name: /general/ }).first().check();
    await page.getByLabel("Events").fill("user.*");
    await page.getByRole("button", { name: "Save rule" }).click();
    await expect(page.getByText("The rule is saved.")).toBeVisible();
  });
});
