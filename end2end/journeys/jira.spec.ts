import { connectJira, jiraTest as test } from "../support/jira.ts";
import { expect, expectAccessible, expectNoSidewaysScroll, hydrated, picture } from "../support/test.ts";

test("Jira is connected, a rule makes issues, and both sides are kept in step", async ({ jira, signedIn: page, hub }) => {
  test.setTimeout(240_000);
  await page.goto("/integrations/jira");
  await hydrated(page);
  await expectAccessible(page);
  // The consent is good for two sites: one has to be chosen.
  await connectJira(page, ["Globex"]);
  await expect(page.getByRole("heading", { name: "Which site?" })).toBeVisible();
  await expectAccessible(page);
  await picture(page, "jira-sites-light-1440");
  await page.getByLabel(/^Acme/).check();
  await page.getByRole("button", { name: "Use this site" }).click();
  await expect(page.getByRole("heading", { name: "Acme", level: 1 })).toBeVisible();
  await expect(page.getByText(/\d+ projects, updated/)).toBeVisible({ timeout: 20_000 });

  await page.getByRole("link", { name: "Add rule" }).click();
  await expect(page.getByRole("heading", { name: "Which project gets the issues?" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("searchbox", { name: "Search projects" }).fill("Example");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/q=Example/);
  await page.getByRole("link", { name: "Example ED" }).click();
  await page.getByRole("link", { name: "Task", exact: true }).click();
  await expect(page.getByText("Step 3 of 3")).toBeVisible();
  await hydrated(page);
  await page.getByLabel("Events").fill("invoice.*");
  await page.getByLabel("One issue for each").fill("data.invoice_id");
  await page.getByLabel("Summary").fill("Invoice {{data.number}}: {{data.amount_due}}");
  await page.getByLabel("Event type").first().fill("invoice.paid");
  await page.getByLabel("Status", { exact: true }).first().selectOption("In Review");
  await expectAccessible(page);
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
      await expectNoSidewaysScroll(page);
      await picture(page, `jira-rule-${theme}-${width}`);
    }
  }
  await page.getByRole("button", { name: "Save rule" }).click();
  await expect(page.getByText("The rule is saved.")).toBeVisible();

  await hub.postEvent("invoice.failed", { invoice_id: "inv_1", number: "2026-1", amount_due: 100, currency: "EUR" });
  await expect.poll(async () => (await hub.api("GET", "/linked-issues")).body.data[0]?.summary).toBe("Invoice 2026-1: 100");
  await page.getByRole("link", { name: "Linked issues" }).click();
  await expect(page.getByRole("link", { name: "ED-1" })).toBeVisible();
  await expect(page.getByText("Invoice 2026-1: 100")).toBeVisible();
  await hub.postEvent("invoice.failed", { invoice_id: "inv_1", number: "2026-1", amount_due: 250, currency: "EUR" });
  await expect(page.getByText("Invoice 2026-1: 250")).toBeVisible({ timeout: 15_000 });
  await expectAccessible(page);
  await page.getByRole("link", { name: "ED-1" }).click();
  await expect(page.getByRole("cell", { name: /^Wrote Summary/ })).toBeVisible();

  // Somebody works in Jira.
  await jira.act({ act: "transition", key: "ED-1", status: "In Progress" });
  await expect(page.getByRole("cell", { name: "Moved to In Progress in Jira." })).toBeVisible({ timeout: 15_000 });
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
      await picture(page, `jira-issue-${theme}-${width}`);
    }
  }
  await hub.postEvent("invoice.paid", { invoice_id: "inv_1", number: "2026-1", amount_due: 250, currency: "EUR" });
  await expect(page.getByRole("cell", { name: "Moved from In Progress to In Review." })).toBeVisible({ timeout: 15_000 });

  await page.getByRole("link", { name: "Acme" }).first().click();
  await picture(page, "jira-connection-dark-1440");
  await page.getByText("Disconnect…").click();
  await page.getByRole("button", { name: "Disconnect", exact: true }).click();
  await expect(page.getByText(/^Disconnected\./)).toBeVisible();
});

test("when both sides change an issue at once, the rule says who wins, and both values are shown", async ({ jira, signedIn: page, hub }) => {
  test.setTimeout(180_000);
  await connectJira(page, []);
  await expect(page.getByText(/\d+ projects, updated/)).toBeVisible({ timeout: 20_000 });
  await page.getByRole("link", { name: "Add rule" }).click();
  await page.getByRole("searchbox", { name: "Search projects" }).fill("Example");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/q=Example/);
  await page.getByRole("link", { name: "Example ED" }).click();
  await page.getByRole("link", { name: "Task", exact: true }).click();
  await hydrated(page);
  await page.getByLabel("Events").fill("invoice.*");
  await page.getByLabel("One issue for each").fill("data.invoice_id");
  await page.getByLabel("Summary").fill("Invoice {{data.number}}: {{data.amount_due}}");
  await page.getByRole("button", { name: "Save rule" }).click();
  await expect(page.getByText("The rule is saved.")).toBeVisible();
  const failed = (amount: number) =>
    hub.postEvent("invoice.failed", { invoice_id: "inv_1", number: "2026-1", amount_due: amount, currency: "EUR" });
  const issue = async () => (await hub.api("GET", "/linked-issues")).body.data[0];
  await failed(100);
  await expect.poll(async () => (await issue())?.summary).toBe("Invoice 2026-1: 100");
  await page.getByRole("link", { name: "Linked issues" }).click();
  await page.getByRole("link", { name: "ED-1" }).click();

  // Somebody renames it in Jira, and an event that says something else comes before anybody has looked at that.
  await jira.act({ act: "edit", key: "ED-1", summary: "Ask Globex first" });
  await failed(250);
  await expect(page.getByRole("cell", { name: /^Summary: somebody set “Ask Globex first” in Jira, this event says “Invoice 2026-1: 250”\. Jira's stays/ })).toBeVisible({ timeout: 20_000 });
  await expect.poll(async () => (await issue()).summary).toBe("Ask Globex first");
  await expectAccessible(page);
});

test("who says no at Atlassian is told so", async ({ jira: _, signedIn: page }) => {
  await page.goto("/integrations/jira");
  await page.getByRole("button", { name: "Connect Jira" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("alert")).toContainText("Jira was not connected.");
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("Jira is connected, and a rule is made, refused and mended", async ({ jira: _, signedIn: page, allowConsole }) => {
    allowConsole(/was preloaded using link preload but not used/);
    await connectJira(page, []);
    await expect
      .poll(async () => {
        await page.reload();
        return page.getByText(/\d+ projects, updated/).count();
      }, { timeout: 20_000 })
      .toBe(1);
    await page.getByRole("link", { name: "Add rule" }).click();
    await page.getByRole("searchbox", { name: "Search projects" }).fill("Website");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Website WEB" }).click();
    await page.getByRole("link", { name: "Task", exact: true }).click();
    await page.getByLabel("Events").fill("user.*");
    await page.getByLabel("One issue for each").fill("user.id");
    await page.getByRole("button", { name: "Save rule" }).click();
    await expect(page.getByText(/must be `event_type`/i)).toBeVisible();
    await expect(page.getByLabel("Events")).toHaveValue("user.*");
    await page.getByLabel("One issue for each").fill("data.user.id");
    await page.getByRole("button", { name: "Save rule" }).click();
    await expect(page.getByText("The rule is saved.")).toBeVisible();
    await page.getByRole("button", { name: "Send test to Website" }).click();
    await expect(page.getByText("The test has made an issue.")).toBeVisible();
    await page.getByRole("link", { name: "Linked issues" }).click();
    await expect(page.getByRole("link", { name: "WEB-1" })).toBeVisible();
  });
});
