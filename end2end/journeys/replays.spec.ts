import { expect, expectAccessible, hydrated, openLiveLog, row, test } from "../support/test.ts";
import type { Hub } from "../support/hub.ts";

/** Waits until no delivery is under way, and returns how many there are by status. */
async function settled(hub: Hub, count: number): Promise<void> {
  await expect
    .poll(async () => (await hub.api("GET", "/deliveries?status=delivered,failed&limit=200")).body.data.length, { message: "ended deliveries" })
    .toBe(count);
}

test("a plan says what would be sent, and only the dead letters are sent", async ({ signedIn: page, hub, receiver, allowConsole }) => {
  allowConsole(/status of 422/);
  const endpoint = await hub.addEndpoint(receiver.url, { name: "Billing", retry: [] });
  receiver.failsThenAccepts(3, 503);
  for (let n = 1; n <= 3; n++) await hub.postEvent("invoice.paid", { id: `inv_dead_${n}` });
  await settled(hub, 3);
  for (let n = 1; n <= 2; n++) await hub.postEvent("user.joined", { id: `usr_${n}` });
  await settled(hub, 5);
  const dead = (await hub.api("GET", "/deliveries?status=failed")).body.data;

  await openLiveLog(page, `/deliveries?endpoint=${endpoint.id}`);
  await page.getByRole("link", { name: "Replay all that match…" }).click();
  await expect(page).toHaveURL(new RegExp(`/replays/new\\?endpoint=${endpoint.id}`));
  const plan = page.getByRole("region", { name: "The plan" });
  await expect(plan.getByText("3 deliveries will be made, as the endpoints are now.")).toBeVisible();
  await expect(plan.getByRole("listitem").filter({ hasText: "arrived already" })).toContainText("2");
  await expect(plan.getByRole("link", { name: /^endpoint:\s*Billing$/ })).toBeVisible();
  for (const { id } of dead) await expect(plan.getByRole("link", { name: id })).toBeVisible();

  await test.step("the plan follows the form", async () => {
    await hydrated(page);
    await page.getByLabel("Speed").fill("a lot");
    await page.getByRole("button", { name: "Update plan" }).click();
    await expect(page.getByText("Must be a whole number of deliveries a minute, or empty.")).toBeVisible();
    await page.getByLabel("Speed").fill("6000");
    await page.getByRole("checkbox", { name: /^Skip what arrived/ }).uncheck();
    await page.getByRole("button", { name: "Update plan" }).click();
    await expect(plan.getByText(/^5 deliveries will be made/)).toBeVisible();
    await expect(plan.getByText(/at most 6,000 a minute/)).toBeVisible();
    await expect(page).toHaveURL(/rate=6000&skip=no$/);
    await page.getByRole("checkbox", { name: /^Skip what arrived/ }).check();
    await page.getByRole("button", { name: "Update plan" }).click();
    await expect(plan.getByText(/^3 deliveries will be made/)).toBeVisible();
  });

  await page.getByRole("button", { name: "Start replay" }).click();
  await expect(page.getByRole("heading", { name: "Replay of 3 deliveries", level: 1 })).toBeVisible();
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
  await expect(page.getByRole("img", { name: "3 of 3 made" })).toBeVisible();
  await expectAccessible(page);
  const requests = await receiver.waitFor(8);
  await settled(hub, 8);
  expect(receiver.requests, "nothing but the dead letters went out again").toHaveLength(8);
  expect(requests.slice(5).map((request) => JSON.parse(request.body).data.id).sort()).toEqual(["inv_dead_1", "inv_dead_2", "inv_dead_3"]);

  await page.getByRole("link", { name: "What it made, in the log" }).click();
  await expect(row(page, "Delivered")).toHaveCount(3);
  await page.getByRole("link", { name: "Replays", exact: true }).click();
  await expect(row(page, "Finished")).toContainText("3 / 3");
});

test("what an endpoint missed is replayed from its page, slowly, paused, resumed and cancelled", async ({ signedIn: page, hub, receiver }) => {
  const endpoint = await hub.addEndpoint(receiver.url, { name: "Slow", retry: [] });
  receiver.failsThenAccepts(4, 500);
  for (let n = 1; n <= 4; n++) await hub.postEvent("invoice.paid", { id: `inv_${n}` });
  await settled(hub, 4);
  await page.goto(`/endpoints/${endpoint.id}`);
  await page.getByRole("link", { name: "Replay what it missed" }).click();
  await expect(page.getByRole("button", { name: "Start replay" })).toBeVisible();
  await hydrated(page);
  await page.getByLabel("Speed").fill("5");
  await page.getByRole("button", { name: "Start replay" }).click();
  await expect(page.getByText("Running", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByText("Paused", { exact: true })).toBeVisible();
  const id = page.url().split("/").pop()!;
  const made = async () => (await hub.api("GET", `/replays/${id}`)).body.made as number;
  const before = await made();
  expect(before).toBeLessThan(4);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByText("Running", { exact: true })).toBeVisible();
  await expect.poll(made, { message: "it goes on", timeout: 30_000 }).toBeGreaterThan(before);
  await expect(page.getByRole("img", { name: `${before + 1} of 4 made` })).toBeVisible();

  await page.getByText("Cancel replay…").click();
  await page.getByRole("group", { name: "Cancel this replay?" }).getByRole("button", { name: "Cancel replay" }).click();
  await expect(page.getByText("Cancelled", { exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: /Pause|Resume|Cancel/ })).toHaveCount(0);
  expect(await made()).toBeLessThan(4);
});

test("a delivery is sent again as its endpoint was then", async ({ signedIn: page, hub, receiver }) => {
  const endpoint = await hub.addEndpoint(`${receiver.url}/then`, { name: "Moved", retry: [] });
  receiver.answers(500, 200);
  await hub.postEvent("invoice.paid", { id: "inv_1" });
  await settled(hub, 1);
  await hub.api("PATCH", `/endpoints/${endpoint.id}`, { url: `${receiver.url}/now` });
  const dead = (await hub.api("GET", "/deliveries?status=failed")).body.data[0].id;
  await page.goto(`/deliveries/${dead}`);
  await page.getByRole("button", { name: "As it was then" }).click();
  await page.waitForURL((url) => !url.pathname.endsWith(dead));
  await expect(page.getByText("Delivered", { exact: true })).toBeVisible();
  await page.goto(`/deliveries/${dead}`);
  await page.getByRole("button", { name: "Replay" }).click();
  const requests = await receiver.waitFor(3);
  expect(requests.map((request) => request.path)).toEqual(["/hook/then", "/hook/then", "/hook/now"]);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a replay is planned, started, watched, paused and cancelled", async ({ signedIn: page, hub, receiver, allowConsole }) => {
    allowConsole(/was preloaded using link preload but not used/);
    await hub.addEndpoint(receiver.url, { name: "Plain", retry: [] });
    receiver.failsThenAccepts(3, 500);
    for (let n = 1; n <= 3; n++) await hub.postEvent("invoice.paid", { id: `inv_${n}` });
    await settled(hub, 3);
    await page.goto("/deliveries?status=failed");
    await page.getByRole("link", { name: "Replay all that match…" }).click();
    await page.getByLabel("Speed").fill("quick");
    await page.getByRole("button", { name: "Update plan" }).click();
    await expect(page.getByText("Must be a whole number of deliveries a minute, or empty.")).toBeVisible();
    await page.getByLabel("Speed").fill("5");
    await page.getByRole("radio", { name: /^As they were then/ }).check();
    await page.getByRole("button", { name: "Update plan" }).click();
    await expect(page.getByText("3 deliveries will be made, as the endpoints were then.")).toBeVisible();
    await expect(page.getByText(/That takes about 36 s, at most 5 a minute/)).toBeVisible();
    await page.getByRole("button", { name: "Start replay" }).click();
    await expect(page.getByText("Running", { exact: true })).toBeVisible();
    await expect(page.getByRole("img", { name: "1 of 3 made" }), "the page loads itself again").toBeVisible();
    await page.getByRole("button", { name: "Pause" }).click();
    await expect(page.getByText("Paused", { exact: true })).toBeVisible();
    await page.getByText("Cancel replay…").click();
    await page.getByRole("group", { name: "Cancel this replay?" }).getByRole("button", { name: "Cancel replay" }).click();
    await expect(page.getByText("Cancelled", { exact: true })).toBeVisible();
    await page.getByRole("link", { name: "Replays", exact: true }).click();
    await expect(row(page, "Cancelled")).toHaveCount(1);
  });
});
