import type { Locator, Page } from "@playwright/test";
import { expect, hydrated, openLiveLog, row, test } from "../support/test.ts";

/** Presses Tab until this has the focus, which must be seen. */
async function tabTo(page: Page, target: Locator, key = "Tab"): Promise<void> {
  for (let press = 0; press < 60; press++) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      const seen = await target.evaluate((element) => {
        const marks = [element, element.parentElement!];
        return marks.some((mark) => {
          const styles = [getComputedStyle(mark), getComputedStyle(mark, "::after")];
          return styles.some((style) => (style.outlineStyle !== "none" && style.outlineWidth !== "0px") || style.boxShadow !== "none");
        });
      });
      expect(seen, `the focus on ${target} can be seen`).toBe(true);
      return;
    }
    await page.keyboard.press(key);
  }
  throw new Error(`Tab does not reach ${target}`);
}

test("from signing in to the delivery of an event by keyboard alone", async ({ page, hub, receiver }) => {
  await page.goto("/sign-in");
  await expect(page.getByLabel("E-mail")).toBeFocused();
  await page.keyboard.type(hub.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(hub.password);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Home", level: 1 })).toBeVisible();

  await test.step("the first Tab offers to skip the navigation", async () => {
    await page.goto("/endpoints");
    await hydrated(page);
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Skip to the page" })).toBeFocused();
    await page.keyboard.press("Enter");
    await tabTo(page, page.getByRole("main").getByRole("link", { name: "Add endpoint" }).first());
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Add endpoint", level: 1 })).toBeVisible();
    await hydrated(page);
  });

  await test.step("an endpoint is filled in and saved", async () => {
    await tabTo(page, page.getByLabel("URL", { exact: true }));
    await page.keyboard.type(receiver.url);
    await tabTo(page, page.getByRole("textbox", { name: "Name", exact: true }));
    await page.keyboard.type("Keys");
    await tabTo(page, page.getByRole("checkbox", { name: /^Every event type/ }));
    await page.keyboard.press("Space");
    await expect(page.getByRole("checkbox", { name: /^Every event type/ })).not.toBeChecked();
    await tabTo(page, page.getByRole("checkbox", { name: /^invoice/ }).first());
    await page.keyboard.press("Space");
    await tabTo(page, page.getByLabel("Timeout"));
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Keys", level: 1 })).toBeVisible();
    await expect(page.getByText("invoice.*")).toBeVisible();
  });

  await test.step("a test is sent", async () => {
    await tabTo(page, page.getByRole("button", { name: "Send test" }));
    await page.keyboard.press("Enter");
    await receiver.waitFor(1);
    await expect(page.getByRole("link", { name: "Open the delivery" })).toBeVisible();
  });

  await test.step("the palette and the letters jump", async () => {
    await hydrated(page);
    await page.keyboard.press("Control+k");
    const palette = page.getByRole("dialog", { name: "Jump to a page" });
    await expect(palette).toBeVisible();
    await page.keyboard.type("audit");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/settings\/audit$/);
    await expect(palette).toBeHidden();
    await hydrated(page);
    await page.keyboard.press("g");
    await page.keyboard.press("d");
    await expect(page).toHaveURL(/\/deliveries$/);
  });
});

test("the delivery log by keyboard alone", async ({ signedIn: page, hub, receiver }) => {
  receiver.answersAt("/hook", 500);
  await hub.addEndpoint(receiver.url, { name: "Down", retry: [1] });
  await hub.postEvent("invoice.failed", { id: "inv_1" });
  await hub.postEvent("invoice.paid", { id: "inv_2" });
  await expect.poll(async () => (await hub.api("GET", "/deliveries?status=failed")).body.data.length).toBe(2);
  await openLiveLog(page);
  await expect(row(page, "Failed")).toHaveCount(2);

  await test.step("search and filter", async () => {
    await page.keyboard.press("/");
    await expect(page.getByRole("combobox", { name: "Search deliveries" })).toBeFocused();
    await page.keyboard.type("type:invoice.failed");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/event_type=invoice\.failed/);
    await page.keyboard.press("Escape");
    await page.keyboard.press("f");
    await expect(page).toHaveURL(/status=failed/);
    await page.keyboard.press("f");
    await expect(page).not.toHaveURL(/status=failed/);
    await tabTo(page, page.getByRole("link", { name: /^Remove the filter type/ }));
    await page.keyboard.press("Enter");
    await expect(row(page, "Failed")).toHaveCount(2);
  });

  await test.step("walk, select, replay", async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await expect(page.getByRole("link", { name: /^invoice\.paid to Down/ })).toBeFocused();
    await page.keyboard.press("j");
    await expect(page.getByRole("link", { name: /^invoice\.failed to Down/ })).toBeFocused();
    await page.keyboard.press("k");
    await page.keyboard.press("x");
    await expect(page.getByRole("checkbox", { name: /^Select invoice\.paid/ })).toBeChecked();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("checkbox", { name: /^Select invoice\.paid/ })).not.toBeChecked();
    await page.keyboard.press("j");
    await page.keyboard.press("r");
    await expect(page.getByText("1 delivery replayed.")).toBeVisible();
    await receiver.waitFor(5);
  });

  await test.step("open, walk through the attempts, and back", async () => {
    await page.goto("/deliveries?event_type=invoice.failed");
    await hydrated(page);
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Attempt 2 of 2" })).toBeVisible();
    await page.keyboard.press("[");
    await expect(page.getByRole("heading", { name: "Attempt 1 of 2" })).toBeVisible();
    await page.keyboard.press("]");
    await expect(page.getByRole("heading", { name: "Attempt 2 of 2" })).toBeVisible();
    await page.keyboard.press("?");
    await expect(page.getByRole("heading", { name: "Keyboard shortcuts" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("heading", { name: "Keyboard shortcuts" })).toBeHidden();
    await page.keyboard.press("Escape");
    await expect(page).toHaveURL(/\/deliveries$/);
  });
});
