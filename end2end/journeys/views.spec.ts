import type { Locator, Page } from "@playwright/test";
import { expect, expectAccessible, hydrated, openLiveLog, row, test } from "../support/test.ts";
import type { Hub } from "../support/hub.ts";
import type { Receiver } from "../support/receiver.ts";

/** Two endpoints, of which one refuses: two deliveries have arrived and one is a dead letter. */
async function furnish(hub: Hub, receiver: Receiver): Promise<void> {
  await hub.addEndpoint(receiver.url, { name: "Good" });
  await hub.addEndpoint(receiver.url.replace("/hook", "/bad"), { name: "Bad", event_types: ["invoice.*"], retry: [] });
  receiver.answersAt("/bad", { status: 503, body: "closed" });
  await hub.postEvent("invoice.paid", { id: "inv_1" });
  await hub.postEvent("user.joined", { email: "grace@example.com" });
  const ended = async () => (await hub.api("GET", "/deliveries?status=delivered,failed")).body.data.length;
  await expect.poll(ended).toBe(3);
}

const views = (page: Page): Locator => page.getByRole("navigation", { name: "Saved views" });
const view = (page: Page, name: string): Locator => views(page).getByRole("link", { name, exact: true });
const rows = (page: Page): Locator => page.getByRole("row").filter({ has: page.getByRole("link", { name: /dlv_/ }) });

/** Opens the form for saving what is shown and sends it. */
async function save(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Save view" }).click();
  const form = page.getByRole("dialog", { name: "Save view" });
  await form.getByLabel("Name").fill(name);
  await form.getByRole("button", { name: "Save view" }).click();
}

async function rename(page: Page, from: string, to: string): Promise<void> {
  await page.getByRole("button", { name: `Rename ${from}` }).click();
  const form = page.getByRole("dialog", { name: `Rename ${from}` });
  await expect(form.getByLabel("Name")).toHaveValue(from);
  await form.getByLabel("Name").fill(to);
  await form.getByRole("button", { name: "Rename" }).click();
}

async function remove(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: `Delete ${name}…` }).click();
  await page.getByRole("dialog", { name: `Delete the view ${name}?` }).getByRole("button", { name: "Delete" }).click();
}

test("a view is saved, found by a colleague, renamed and deleted", async ({ signedIn: page, hub, receiver }) => {
  await furnish(hub, receiver);
  await openLiveLog(page);
  await expect(rows(page)).toHaveCount(3);
  await expect(page.getByRole("button", { name: "Save view" }), "the whole log is no view").toHaveCount(0);

  await test.step("filters are kept under a name", async () => {
    await page.getByRole("navigation", { name: "Filters" }).getByRole("link", { name: /^Failed/ }).click();
    await expect(rows(page)).toHaveCount(1);
    await page.getByRole("button", { name: "Save view" }).click();
    const form = page.getByRole("dialog", { name: "Save view" });
    await expect(form.getByLabel("Name")).toBeFocused();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expect(form).toBeHidden();
    await save(page, "Dead letters");
    await expect(page).toHaveURL(/\/deliveries\?status=failed$/);
    await expect(view(page, "Dead letters")).toHaveAttribute("aria-current", "true");
    await expect(page.getByRole("button", { name: "Save view" }), "it is saved already").toHaveCount(0);
  });

  await test.step("a taken name is told and changes nothing", async () => {
    await page.goto("/deliveries?event_type=user.*");
    await hydrated(page);
    await save(page, "dead LETTERS");
    await expect(page.getByRole("alert").filter({ hasText: "There is a view called" })).toBeVisible();
    await expect(rows(page), "the filters stay").toHaveCount(1);
    await hydrated(page);
    await save(page, "People");
    await expect(view(page, "People")).toHaveAttribute("aria-current", "true");
    await expect(page.getByRole("alert").filter({ hasText: "There is a view called" })).toHaveCount(0);
  });

  await test.step("its link leads back to it", async () => {
    await openLiveLog(page);
    await expect(views(page).getByRole("link")).toHaveText(["Dead letters", "People"]);
    await expect(views(page).locator("[aria-current]")).toHaveCount(0);
    await view(page, "Dead letters").click();
    await expect(page).toHaveURL(/\/deliveries\?status=failed$/);
    await expect(row(page, "Bad")).toHaveCount(1);
    await expect(rows(page)).toHaveCount(1);
    await expect(view(page, "Dead letters")).toHaveAttribute("aria-current", "true");
    await expect(view(page, "People")).not.toHaveAttribute("aria-current", "true");
  });

  await test.step("a question is not answered by a key of the log", async () => {
    await page.getByRole("button", { name: "Delete Dead letters…" }).click();
    const question = page.getByRole("dialog", { name: "Delete the view Dead letters?" });
    await page.keyboard.press("f");
    await expect(question).toBeVisible();
    await expect(page).toHaveURL(/status=failed$/);
    await page.keyboard.press("Escape");
    await expect(question).toBeHidden();
    await page.getByRole("button", { name: "Delete Dead letters…" }).click();
    await question.getByRole("button", { name: "Cancel" }).click();
    await expect(question).toBeHidden();
    await expect(view(page, "Dead letters")).toBeVisible();
  });

  await test.step("it is renamed, then deleted; the filters stay", async () => {
    await rename(page, "Dead letters", "To be repaired");
    await expect(view(page, "To be repaired")).toHaveAttribute("aria-current", "true");
    await expect(view(page, "Dead letters")).toHaveCount(0);
    await remove(page, "To be repaired");
    await expect(view(page, "To be repaired")).toHaveCount(0);
    await expect(page).toHaveURL(/\/deliveries\?status=failed$/);
    await expect(rows(page)).toHaveCount(1);
    expect((await hub.api("GET", "/saved-views")).body.data.map((kept: { name: string }) => kept.name)).toEqual(["People"]);
  });
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a view is saved, opened, renamed and deleted", async ({ signedIn: page, hub, receiver, allowConsole }) => {
    allowConsole(/was preloaded using link preload but not used/);
    await furnish(hub, receiver);
    await page.goto("/deliveries?status=failed&since=24h");
    await save(page, "Late");
    await expect(page).toHaveURL(/\/deliveries\?status=failed&since=24h$/);
    await expect(view(page, "Late")).toHaveAttribute("aria-current", "true");

    await page.goto("/deliveries?status=delivered");
    await save(page, "LATE");
    await expect(page.getByRole("alert").filter({ hasText: "There is a view called" })).toBeVisible();
    await expect(rows(page)).toHaveCount(2);
    await view(page, "Late").click();
    await expect(rows(page)).toHaveCount(1);

    await page.getByRole("button", { name: "Delete Late…" }).click();
    await page.getByRole("dialog", { name: "Delete the view Late?" }).getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await rename(page, "Late", "Too late");
    await expect(view(page, "Too late")).toHaveAttribute("aria-current", "true");
    await remove(page, "Too late");
    await expect(views(page)).toHaveCount(0);
    await expect(page).toHaveURL(/\/deliveries\?status=failed&since=24h$/);
    await expect(rows(page)).toHaveCount(1);
  });
});
