import { teamsTest as test } from "../support/teams.ts";
import { expect, expectAccessible, expectNoSidewaysScroll, hydrated, picture } from "../support/test.ts";

test("a workflow is connected by its address, a rule posts cards, and a wrong address is explained", async ({ teams, signedIn: page, hub, allowConsole }) => {
  allowConsole(/status of 422/);
  await page.goto("/integrations");
  await page.getByRole("link", { name: "Connect Microsoft Teams" }).click();
  await hydrated(page);
  await expectAccessible(page);
  await page.getByLabel("Name").fill("Finance: Alerts");
  await page.getByLabel("Workflow address").fill("https://acme.webhook.office.com/webhookb2/1?sig=2");
  await page.getByRole("button", { name: "Connect workflow" }).click();
  await expect(page.getByRole("alert")).toContainText("which Microsoft has switched off");
  await page.getByLabel("Workflow address").fill(teams.workflow);
  await page.getByRole("button", { name: "Connect workflow" }).click();
  await expect(page.getByText("It is connected.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Finance: Alerts", level: 1 })).toBeVisible();
  expect(await page.content()).not.toContain("sig=");

  await page.getByRole("link", { name: "Add rule" }).click();
  await hydrated(page);
  await expect(page.getByText("Posts into Finance: Alerts, by its workflow.")).toBeVisible();
  await expect(page.getByLabel("Mention")).toHaveCount(0);
  await page.getByLabel("Events").fill("invoice.*");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Save rule" }).click();
  await expect(page.getByText("The rule is saved.")).toBeVisible();
  await page.getByRole("button", { name: "Send test to Finance: Alerts" }).click();
  await expect(page.getByText("The test message has arrived in the channel.")).toBeVisible();
  await hub.postEvent("invoice.paid", { invoice_id: "inv_8812", amount_paid: 12900, currency: "EUR" });
  await expect.poll(async () => (await teams.told()).includes("inv_8812")).toBe(true);

  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
      await picture(page, `connections-teams-${theme}-${width}`);
    }
  }
  await page.getByText("Disconnect…").click();
  await page.getByRole("button", { name: "Disconnect", exact: true }).click();
  await expect(page.getByText(/^Disconnected\./)).toBeVisible();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a workflow is connected, and a rule is made", async ({ teams, signedIn: page, allowConsole }) => {
    allowConsole(/was preloaded using link preload but not used/);
    await page.goto("/integrations/teams");
    await page.getByLabel("Name").fill("Ops");
    await page.getByLabel("Workflow address").fill(teams.workflow);
    await page.getByRole("button", { name: "Connect workflow" }).click();
    await expect(page.getByText("It is connected.")).toBeVisible();
    await page.getByRole("link", { name: "Add rule" }).click();
    await page.getByLabel("Events").fill("user.*");
    await page.getByRole("button", { name: "Save rule" }).click();
    await expect(page.getByText("The rule is saved.")).toBeVisible();
    await page.getByRole("button", { name: "Send test to Ops" }).click();
    await expect(page.getByText("The test message has arrived in the channel.")).toBeVisible();
  });
});
