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
  const chart = page.getByRole("img", { name: /^Arrived and failed/ });
  await expect(chart).toBeVisible();
  await expect(chart.locator("text").filter({ hasText: /^2$/ }), "a round value at its side").toHaveCount(1);
  await expect(chart.locator("text").filter({ hasText: /^(\d\d:00|\d+ \w{3})$/ }), "times at its foot").toHaveCount(4);
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
  await expect(page.getByRole("navigation", { name: "Time range" }).getByRole("link", { name: "30d" })).toHaveAttribute("aria-current", "true");
  await page.getByText("Show as a table").click();
  await expect(page.getByRole("region", { name: "Health over time as a table" }).getByRole("row")).toHaveCount(31);
});

test("health is drawn again while somebody looks, but not under their hands", async ({ signedIn: page, hub, receiver }) => {
  await furnish(hub, receiver);
  await page.clock.install();
  await page.goto("/health");
  await hydrated(page);
  const figures = page.getByRole("region", { name: "Figures" });
  await expect(figures).toContainText("33.33 %");
  const arrived = async (count: number) => {
    for (let n = 0; n < 3; n++) await hub.postEvent("user.joined", { id: `usr_${count}_${n}` });
    await expect.poll(async () => (await hub.api("GET", "/health?span=24h")).body.totals.delivered).toBe(count);
  };
  await arrived(4);
  // The first tick of the clock says since when the page is there, a later one that it is old.
  const time = async () => {
    await page.mouse.move(0, 0);
    await page.clock.runFor(20_000);
  };
  await time();
  await expect(figures).toContainText("66.66 %");

  await page.getByText("Show as a table").click();
  await arrived(7);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await time();
  expect(asked.filter((url) => url.includes("load_health")), "an open table stays").toHaveLength(0);
  await page.getByText("Show as a table").click();
  await time();
  await expect(figures).toContainText("77.77 %");
});

test("a figure of the whole installation beyond its limit is told to its operator, who has seen it", async ({ signedIn: page, hub, receiver }) => {
  const free = { retry: [], rate_limit_per_minute: null };
  await hub.addEndpoint(`${receiver.url}/archive`, { name: "Archive", event_types: ["invoice.failed"], ...free });
  receiver.answersAt("/hook/archive", { status: 500, body: "disk full" });
  await hub.addEndpoint(receiver.url, { name: "Billing", event_types: ["invoice.paid"], ...free });
  for (let n = 0; n < 2; n++) await hub.postEvent("invoice.failed", { id: `inv_bad_${n}` });
  for (let n = 0; n < 98; n++) await hub.postEvent("invoice.paid", { id: `inv_${n}` });
  await expect
    .poll(async () => {
      const { totals } = (await hub.api("GET", "/health?span=24h")).body;
      return [totals.delivered, totals.failed];
    })
    .toEqual([98, 2]);
  const open = page.getByRole("region", { name: "Open alerts" });
  // What watches the figures looks every minute, and when the program starts; it sees what is counted by then.
  await expect(async () => {
    await page.goto("about:blank");
    await hub.stop();
    await hub.serve();
    await page.goto("/operator/health");
    await expect(open).toContainText("Delivery rate is 98 %, less than 99 %.", { timeout: 5000 });
  }).toPass();
  // The rail counts when a page is asked for, which may have been just before.
  await page.reload();
  const place = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: /^Installation health/ });
  await expect(place).toHaveText(/Installation health\s*1/);
  await expect(page.getByRole("region", { name: "Nodes" })).toContainText("Serves and delivers");
  await expectAccessible(page);
  await open.getByRole("button", { name: "Seen" }).click();
  await expect(page).toHaveURL(/\/operator\/health\??$/);
  await expect(open).toContainText(/Seen/);
  await expect(open.getByRole("button", { name: "Seen" })).toHaveCount(0);
  await expect(place, "nothing is unseen").toHaveText("Installation health");
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
