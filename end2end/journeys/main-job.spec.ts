import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { expect, openLiveLog, row, test } from "../support/test.ts";

test.use({ hubOptions: { bootstrap: false } });

test("on a new installation an event posted by REST arrives signed, and the log shows it at once", async ({ page, hub, receiver }) => {
  await test.step("set up with the token from the console", async () => {
    await page.goto("/");
    await expect(page).toHaveURL(/\/setup$/);
    await page.getByLabel("Set-up token").fill(await hub.setupToken());
    await page.getByLabel("Organization").fill("Lovelace Ltd");
    await page.getByLabel("Your name").fill("Ada");
    await page.getByLabel("E-mail").fill("ada@example.com");
    await page.getByLabel("Password").fill("correct horse battery staple");
    await page.getByRole("button", { name: "Set up" }).click();
    await expect(page.getByRole("heading", { name: "Home", level: 1 })).toBeVisible();
  });

  const secret = await test.step("add the first endpoint", async () => {
    await page.getByRole("link", { name: "Add endpoint" }).first().click();
    await page.getByLabel("URL", { exact: true }).fill(receiver.url);
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Billing");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Billing", level: 1 })).toBeVisible();
    const secret = await page.getByRole("textbox", { name: "Signing secret" }).inputValue();
    expect(secret).toMatch(/^whsec_/);
    await page.reload();
    await expect(page.getByRole("heading", { name: "Billing", level: 1 })).toBeVisible();
    await expect(page.getByText(secret)).toHaveCount(0);
    await expect(page.getByRole("textbox", { name: "Signing secret" })).toHaveCount(0);
    return secret;
  });

  await test.step("make an API key", async () => {
    await page.getByRole("link", { name: "Developers" }).click();
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Shop");
    await page.getByRole("button", { name: "Make key" }).click();
    hub.apiKey = await page.getByRole("textbox", { name: "API key" }).inputValue();
    expect(hub.apiKey).toMatch(/^pb_/);
    await expect(row(page, "Shop")).toContainText("2 scopes");
  });

  await openLiveLog(page);
  await page.evaluate(() => Object.assign(window, { notReloaded: true }));
  const id = await hub.postEvent("invoice.paid", { id: "inv_8812", amount: 12900, currency: "eur" });

  const received = await test.step("the receiver gets it, signed in both ways", async () => {
    const [request] = await receiver.waitFor(1);
    const header = (name: string) => String(request!.headers[name]);
    const body = new Webhook(secret).verify(request!.body, request!.headers as Record<string, string>);
    expect(body).toMatchObject({ webhook_id: id, event_type: "invoice.paid", data: { id: "inv_8812", amount: 12900, currency: "eur" } });
    const mac = createHmac("sha256", secret).update(`${header("x-webhook-timestamp")}.${request!.body}`).digest("hex");
    expect(header("x-webhook-signature")).toBe(`sha256=${mac}`);
    expect([header("x-webhook-id"), header("webhook-id")]).toEqual([id, id]);
    expect(header("user-agent")).toMatch(/^Patchbay\//);
    return { signature: header("webhook-signature"), plain: header("x-webhook-signature") };
  });

  await test.step("the log shows it without a reload", async () => {
    await expect(row(page, "invoice.paid")).toContainText("Delivered");
    await expect(row(page, "invoice.paid")).toContainText("Billing");
    expect(await page.evaluate(() => "notReloaded" in window)).toBe(true);
  });

  await test.step("its page shows request, response and signature", async () => {
    await page.getByRole("link", { name: /^invoice\.paid to Billing/ }).click();
    await expect(page.getByRole("heading", { name: "invoice.paid", level: 1 })).toBeVisible();
    await expect(page.getByText(receiver.url)).toBeVisible();
    await expect(page.getByText("inv_8812")).toBeVisible();
    const sections = page.getByRole("navigation", { name: "Sections" });
    await sections.getByRole("link", { name: "Response" }).click();
    await expect(page.getByText("thanks", { exact: true })).toBeVisible();
    await sections.getByRole("link", { name: "Signature" }).click();
    await expect(page.getByRole("definition").filter({ hasText: received.signature })).toBeVisible();
    await expect(page.getByRole("definition").filter({ hasText: received.plain })).toBeVisible();
  });
});
