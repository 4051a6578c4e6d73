import { expect, openLiveLog, row, test } from "../support/test.ts";

test("what happens while the server is away is there when it is back", async ({ signedIn: page, hub, receiver, allowConsole }) => {
  allowConsole(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/);
  await hub.addEndpoint(receiver.url, { name: "Crm" });
  await openLiveLog(page);
  await page.evaluate(() => Object.assign(window, { notReloaded: true }));
  await hub.postEvent("user.invited", { n: 1 });
  await expect(row(page, "Delivered")).toHaveCount(1);

  await hub.kill();
  await expect(page.getByRole("switch", { name: /Reconnecting/ })).toBeVisible();
  await hub.serve();
  for (let n = 2; n <= 9; n++) await hub.postEvent("user.invited", { n });
  await expect(row(page, "Delivered")).toHaveCount(9);
  await expect(page.getByRole("switch", { name: /Live updates: Live/ })).toBeVisible();
  await hub.postEvent("user.joined", { n: 10 });
  await expect(row(page, "user.joined")).toContainText("Delivered");
  expect(await page.evaluate(() => "notReloaded" in window)).toBe(true);
});

test("a page that was cut off for a while goes on where it was, without a gap and without doubles", async ({ signedIn: page, hub, receiver, context, allowConsole }) => {
  allowConsole(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/);
  await hub.addEndpoint(receiver.url, { name: "Crm" });
  await openLiveLog(page);
  let asked = 0;
  page.on("request", (request) => (asked += request.url().includes("list_log") ? 1 : 0));
  await hub.postEvent("user.invited", { n: 0 });
  await expect(row(page, "Delivered")).toHaveCount(1);
  const before = asked;
  await context.setOffline(true);
  for (let n = 1; n <= 5; n++) await hub.postEvent("user.joined", { n });
  await receiver.waitFor(6);
  await context.setOffline(false);
  await expect(row(page, "user.joined")).toHaveCount(5);
  await expect(row(page, "user.joined").filter({ hasText: "Delivered" })).toHaveCount(5);
  await hub.postEvent("user.removed", { n: 6 });
  await expect(row(page, "user.removed")).toContainText("Delivered");
  await expect(row(page, "user.joined")).toHaveCount(5);
  expect(asked, "the list was not loaded again").toBe(before);
});

test("rows stand still while one is selected; what is new waits behind a button", async ({ signedIn: page, hub, receiver }) => {
  await hub.addEndpoint(receiver.url, { name: "Crm" });
  await openLiveLog(page);
  await hub.postEvent("invoice.paid", { n: 1 });
  await expect(row(page, "invoice.paid")).toContainText("Delivered");

  await page.getByRole("checkbox", { name: /^Select invoice\.paid/ }).check();
  await hub.postEvent("user.invited", { n: 2 });
  await hub.postEvent("user.joined", { n: 3 });
  const pill = page.getByRole("button", { name: "2 new" });
  await expect(pill).toBeVisible();
  await expect(row(page, /user\./)).toHaveCount(0);
  await pill.click();
  await expect(row(page, /user\./)).toHaveCount(2);
  await expect(page.getByRole("checkbox", { name: /^Select invoice\.paid/ })).toBeChecked();
});

test("a paused log keeps what comes and shows it when it goes on", async ({ signedIn: page, hub, receiver }) => {
  await hub.addEndpoint(receiver.url, { name: "Crm" });
  await openLiveLog(page);
  await hub.postEvent("invoice.paid", { n: 1 });
  await expect(row(page, "invoice.paid")).toContainText("Delivered");
  await page.keyboard.press("l");
  const live = page.getByRole("switch", { name: /^Live updates/ });
  await expect(live).toHaveAttribute("aria-checked", "false");
  await hub.postEvent("user.joined", { n: 2 });
  await expect(live).toContainText("waiting");
  await expect(row(page, "user.joined")).toHaveCount(0);
  await live.click();
  await expect(row(page, "user.joined")).toContainText("Delivered");
  await expect(live).toHaveAttribute("aria-checked", "true");
});
