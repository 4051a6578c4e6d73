import { expect, expectAccessible, hydrated, test } from "../support/test.ts";
import type { Hub } from "../support/hub.ts";
import type { Receiver } from "../support/receiver.ts";

/** Two endpoints of one host, each with a dead letter, and one delivery that arrived. */
async function furnish(hub: Hub, receiver: Receiver): Promise<void> {
  await hub.addEndpoint(`${receiver.url}/billing`, { name: "Billing", event_types: ["invoice.*"], retry: [] });
  await hub.addEndpoint(`${receiver.url}/archive`, { name: "Archive", event_types: ["invoice.*"], retry: [] });
  receiver.answersAt("/hook/billing", { status: 503, body: "down" });
  receiver.answersAt("/hook/archive", { status: 500, body: "disk full" });
  await hub.addEndpoint(receiver.url, { name: "CRM", event_types: ["user.*"] });
  await hub.postEvent("invoice.paid", { id: "inv_1" });
  await hub.postEvent("user.joined", { id: "usr_1" });
  await expect.poll(async () => (await hub.api("GET", "/deliveries?status=delivered,failed")).body.data.length).toBe(3);
  // Health is counted a moment after a delivery has ended.
  await expect
    .poll(async () => {
      const { totals, failing_hosts } = (await hub.api("GET", "/health?span=24h")).body;
      return [totals.delivered, totals.failed, failing_hosts[0]?.failures];
    })
    .toEqual([1, 2, 2]);
}

test("health shows figures with their limits, and one host that fails in one row that leads to the log", async ({ signedIn: page, hub, receiver }) => {
  await furnish(hub, receiver);
  await page.goto("/");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Health", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Health", level: 1 })).toBeVisible();
  const figures = page.getByRole("region", { name: "Figures" });
  await expect(figures).toContainText("33.33 %");
  await expect(figures).toContainText("Target over 99.9 %, alert under 99 %");
  await expect(page.getByRole("img", { name: /^Arrived and failed/ })).toBeVisible();
  await expectAccessible(page);

  const hosts = page.getByRole("region", { name: "Hosts that failed" });
  await expect(hosts.getByRole("row")).toHaveCount(2);
  await expect(hosts).toContainText("Failing");
  await hosts.getByRole("link", { name: "Billing" }).click();
  await expect(page).toHaveURL(/\/deliveries\?status=failed,retrying&endpoint=ep_\w+&since=24h$/);

  await page.goto("/health");
  await hydrated(page);
  await page.getByRole("navigation", { name: "Time range" }).getByRole("link", { name: "30d" }).click();
  await expect(page).toHaveURL(/\/health\?span=30d$/);
  await page.getByText("Show as a table").click();
  await expect(page.getByRole("region", { name: "Health over time as a table" }).getByRole("row")).toHaveCount(31);
});

test("failed deliveries are told by why they failed, and replayed by it", async ({ signedIn: page, hub, receiver }) => {
  await furnish(hub, receiver);
  await page.goto("/deliveries?status=failed");
  const why = page.getByRole("region", { name: "Why" });
  await expect(why.getByRole("row")).toHaveCount(3);
  await expect(why.getByRole("link", { name: "503", exact: true })).toBeVisible();
  await expectAccessible(page);
  await why.getByRole("link", { name: "Replay these: 503" }).click();
  await expect(page).toHaveURL(/\/replays\/new\?status=failed&code=503&error=http$/);
  await expect(page.getByText("1 delivery will be made, as the endpoints are now.")).toBeVisible();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("health is a page like any other", async ({ signedIn: page, hub, receiver, allowConsole }) => {
    allowConsole(/was preloaded using link preload but not used/);
    await furnish(hub, receiver);
    await page.goto("/health");
    await page.getByRole("link", { name: "7d" }).click();
    await expect(page.getByRole("region", { name: "Hosts that failed" })).toContainText("127.0.0.1");
  });
});
