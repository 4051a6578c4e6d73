import { expect, test } from "../support/test.ts";

test("in the first five minutes a newcomer sees a signed delivery without a server", async ({ signedIn: page, hub }) => {
  const steps = page.getByRole("region", { name: "Your first five minutes" });
  await expect(steps.getByText("0 of 4")).toBeVisible();
  await steps.getByRole("button", { name: "Use the inbox" }).click();
  await expect(steps.getByText("1 of 4")).toBeVisible();
  await expect(steps.getByRole("region", { name: "Command" })).toContainText(`${hub.url}/api/v1/events`);
  await steps.getByRole("button", { name: "Send a test event" }).click();
  await expect(steps.getByText("3 of 4")).toBeVisible();
  await expect(steps.getByText("Delivered", { exact: true })).toBeVisible();

  await steps.getByRole("link", { name: "Look into the inbox" }).click();
  await expect(page.getByRole("heading", { name: "Inbox", level: 1 })).toBeVisible();
  const requests = page.getByRole("group").filter({ hasText: "signature verified" });
  await expect(requests).toHaveCount(1);
  await expect(requests.getByText("webhook-signature", { exact: true })).toBeVisible();

  await test.step("what arrives while the page is open is on top at once", async () => {
    await expect(page.getByRole("status").filter({ hasText: "Live" })).toBeVisible();
    await hub.postEvent("user.joined", { email: "grace@example.com" });
    await expect(requests).toHaveCount(2);
    await expect(requests.first()).toContainText("user.joined");
    const url = await page.getByRole("textbox", { name: "URL of the inbox" }).inputValue();
    await fetch(url, { method: "PUT", body: "hello" });
    await expect(page.getByRole("group").filter({ hasText: "PUT" })).not.toContainText("signature verified");
  });

  await test.step("the steps can be hidden and shown again", async () => {
    await page.getByRole("link", { name: "Home" }).click();
    await steps.getByRole("button", { name: "Skip" }).click();
    await expect(steps).toHaveCount(0);
    await page.reload();
    await expect(page.getByRole("heading", { name: "Recent deliveries" })).toBeVisible();
    await expect(steps).toHaveCount(0);
    await page.getByRole("button", { name: "Show the first steps" }).click();
    await expect(steps).toBeVisible();
  });
});
