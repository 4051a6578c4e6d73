import { expect, hydrated, test } from "../support/test.ts";

test("a receiver that is gone raises an alert, seen and over once the endpoint is active again", async ({ signedIn: page, hub, receiver }) => {
  const endpoint = await hub.addEndpoint(receiver.url, { name: "Billing" });
  const rail = page.getByRole("navigation", { name: "Main" });
  const place = rail.getByRole("link", { name: /^Alerts/ });
  await page.goto("/deliveries");
  await hydrated(page);
  await expect(page.getByRole("switch", { name: /Live updates: Live/ })).toBeVisible();
  await expect(place).toHaveText("Alerts");
  receiver.answers(410);
  await hub.postEvent("invoice.paid", { id: "inv_1" });
  await expect(place, "the badge comes without a reload").toHaveText(/Alerts\s*1/);

  await page.goto("/");
  await expect(page.getByRole("region", { name: "Open alerts" })).toContainText("Billing");
  await place.click();
  const open = page.getByRole("region", { name: "Open alerts" });
  await expect(open.getByRole("listitem")).toHaveCount(1);
  await expect(open).toContainText("Billing");
  await open.getByRole("button", { name: "Seen" }).click();
  await expect(open.getByRole("button", { name: "Seen" })).toHaveCount(0);
  await expect(place, "nothing is unseen").toHaveText("Alerts");
  await expect(open.getByRole("listitem"), "but it is not over").toHaveCount(1);

  await open.getByRole("link", { name: "Open the endpoint" }).click();
  await page.getByRole("button", { name: "Enable" }).first().click();
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  expect((await hub.api("GET", `/endpoints/${endpoint.id}`)).body.status).toBe("active");
  await page.goto("/alerts");
  await expect(page.getByRole("heading", { name: "All is well" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Over" }).getByRole("row")).toHaveCount(2);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("an alert is counted, shown and seen", async ({ signedIn: page, hub, receiver, allowConsole }) => {
    allowConsole(/was preloaded using link preload but not used/);
    await hub.addEndpoint(receiver.url, { name: "Billing" });
    receiver.answers(410);
    await hub.postEvent("invoice.paid", { id: "inv_1" });
    await expect.poll(async () => (await hub.api("GET", "/alerts?open=true")).body.data.length).toBe(1);
    await page.goto("/endpoints");
    const place = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: /^Alerts/ });
    await expect(place).toHaveText(/Alerts\s*1/);
    await place.click();
    await page.getByRole("button", { name: "Seen" }).click();
    await expect(page.getByRole("button", { name: "Seen" })).toHaveCount(0);
    await expect(place).toHaveText("Alerts");
  });
});
