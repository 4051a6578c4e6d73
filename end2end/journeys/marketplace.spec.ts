import { expect, expectAccessible, expectNoSidewaysScroll, hydrated, picture, test } from "../support/test.ts";

const card = (page: import("@playwright/test").Page, name: string) => page.getByRole("listitem").filter({ has: page.getByRole("heading", { name, exact: true }) });

test("an integration is found by category, by words and by state, and a source is set up from its card", async ({ signedIn: page }) => {
  await page.goto("/integrations");
  await hydrated(page);
  await expect(card(page, "Slack")).toContainText("Available");
  await expect(card(page, "Webhooks")).toContainText("Featured");
  await page.getByRole("link", { name: "E-mail", exact: true }).click();
  await expect(card(page, "Postmark (e-mail in)")).toBeVisible();
  await expect(card(page, "Slack")).toHaveCount(0);
  await page.getByRole("link", { name: "E-mail", exact: true }).click();
  await page.getByRole("searchbox", { name: "Search integrations" }).fill("stripe");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main").getByRole("heading", { level: 2 })).toHaveText(["Stripe"]);
  await page.getByRole("link", { name: "Set up Stripe" }).click();
  await page.getByRole("button", { name: "Add a source for Stripe" }).click();
  await expect(page.getByRole("heading", { name: "Stripe", level: 1 })).toBeVisible();

  await page.goto("/integrations?show=attention");
  await expect(card(page, "Stripe")).toContainText("1 needs attention");
  await page.goto("/integrations?show=connected");
  await expect(page.getByRole("main").getByRole("heading", { level: 2 })).toHaveText(["Stripe"]);
  await page.goto("/integrations");
  const names = () => page.getByRole("main").getByRole("heading", { level: 2 }).allTextContents();
  await page.getByRole("link", { name: "A–Z" }).click();
  await expect(page).toHaveURL(/sort=name/);
  const isSorted = (all: string[]) => all.every((name, index) => index === 0 || all[index - 1]!.toLowerCase() <= name.toLowerCase());
  await expect.poll(async () => isSorted(await names())).toBe(true);
  await page.getByRole("link", { name: "New", exact: true }).click();
  await expect(page).toHaveURL(/sort=new/);
  await expect(page.getByRole("main").getByRole("heading", { level: 2 }).first()).not.toHaveText("Webhooks");
  await expect(page.getByRole("link", { name: "Request an integration" })).toHaveCount(0);
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
      await picture(page, `marketplace-${theme}-${width}`);
    }
  }
});

test.describe("where some integrations are kept for certain plans", () => {
  test.use({
    hubOptions: {
      env: {
        PATCHBAY_GATED_INTEGRATIONS: "jira",
        PATCHBAY_CONTACT_URL: "mailto:sales@example.com",
        PATCHBAY_JIRA_CLIENT_ID: "client",
        PATCHBAY_JIRA_CLIENT_SECRET: "secret",
      },
    },
  });

  test("people are shown whom to ask, until an operator gives the integration to their organization", async ({ signedIn: page }) => {
    await page.goto("/integrations");
    await expect(card(page, "Jira")).toContainText("Not in your plan");
    await expect(page.getByRole("link", { name: "Contact sales about Jira" })).toHaveAttribute("href", "mailto:sales@example.com");
    await expect(page.getByRole("link", { name: "Request an integration" })).toHaveAttribute("href", "mailto:sales@example.com");
    await page.goto("/integrations/jira");
    await expect(page.getByRole("region", { name: "Changes" })).toContainText("Issues of events, kept in step from both sides.");
    await expect(page.getByText("Jira is not in your organization's plan.")).toBeVisible();
    await expect(page.getByRole("button", { name: "Connect Jira" })).toHaveCount(0);
    await expectAccessible(page);

    await page.goto("/settings");
    await page.getByRole("button", { name: "Include Jira" }).click();
    await expect(page.getByRole("button", { name: "Exclude Jira" })).toBeVisible();
    await expectAccessible(page);
    await picture(page, "settings-plan-light-1440");
    await page.goto("/integrations/jira");
    await expect(page.getByRole("button", { name: "Connect Jira" })).toBeVisible();
  });
});
