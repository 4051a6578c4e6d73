import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, expectAccessible, hydrated, isSigned, openCountedLog, openLiveLog, row, test } from "../support/test.ts";
import type { Hub } from "../support/hub.ts";

/** Waits until nothing is under way and so many deliveries are on record. */
async function settled(hub: Hub, count: number): Promise<void> {
  const ended = async () => (await hub.api("GET", "/deliveries?status=delivered,failed&limit=200")).body.data.length;
  await expect.poll(ended).toBe(count);
}

test("filters and words stand in the URL, as facets, chips and columns", async ({ signedIn: page, hub, receiver, allowConsole }) => {
  const good = await hub.addEndpoint(receiver.url, { name: "Good" });
  await hub.addEndpoint(receiver.url.replace("/hook", "/bad"), { name: "Bad", event_types: ["invoice.*"], retry: [] });
  receiver.answersAt("/bad", { status: 503, body: "the boiler room is flooded" });
  await hub.postEvent("invoice.paid", { id: "inv_1", note: "umbrella stand" });
  await hub.postEvent("invoice.failed", { id: "inv_2" });
  await hub.postEvent("user.joined", { email: "grace@example.com" });
  await settled(hub, 5);
  await page.goto("/deliveries");
  await hydrated(page);
  const filters = page.getByRole("navigation", { name: "Filters" });
  const rows = page.getByRole("row").filter({ has: page.getByRole("link", { name: /dlv_/ }) });
  const box = page.getByRole("combobox", { name: "Search deliveries" });
  await expect(rows).toHaveCount(5);

  await test.step("a facet counts, sets its filter and takes it off", async () => {
    await expect(filters.getByRole("link", { name: "Failed 2", exact: true })).toBeVisible();
    await filters.getByRole("link", { name: "Failed 2", exact: true }).click();
    await expect(page).toHaveURL(/status=failed/);
    await expect(rows).toHaveCount(2);
    await filters.getByRole("link", { name: "Delivered 3" }).click();
    await expect(rows, "statuses add up").toHaveCount(5);
    await filters.getByRole("link", { name: /^Delivered/ }).click();
    await filters.getByRole("link", { name: "Bad 2" }).click();
    await expect(rows).toHaveCount(2);
    await expect(page.getByRole("link", { name: "Remove the filter endpoint: Bad" })).toBeVisible();
  });

  await test.step("what leaves nothing says which filter to drop", async () => {
    await page.goto(`/deliveries?status=failed&endpoint_id=${good.id}`);
    await hydrated(page);
    await expect(page.getByRole("heading", { name: "No delivery matches all filters" })).toBeVisible();
    await page.getByRole("link", { name: /^Without status: failed/ }).click();
    await expect(rows).toHaveCount(3);
    await page.getByRole("link", { name: "Remove the filter endpoint: Good" }).click();
    await expect(rows).toHaveCount(5);
    await expect(page).toHaveURL(/\/deliveries$/);
  });

  await test.step("words are found in the payload and in the answer", async () => {
    // The index follows behind, and an open list of words is not asked for again.
    for (const [words, count] of [["umbrella", 2], ["grace@example.com", 1], ["boiler room", 2]] as const) {
      await expect.poll(async () => (await hub.api("GET", `/deliveries?q=${encodeURIComponent(words)}`)).body.data.length).toBe(count);
    }
    for (const [words, count] of [["umbrella", 2], ["grace@example.com", 1], ["boiler room", 2], ["nowhere", 0]] as const) {
      await box.fill(words);
      await box.press("Enter");
      await expect(page).toHaveURL((url) => url.searchParams.get("q") === words);
      await expect(rows, words).toHaveCount(count);
    }
  });

  await test.step("tokens become chips; the URL alone brings the view back", async () => {
    await box.fill("code:5xx type:invoice.* flooded");
    await box.press("Enter");
    await expect(rows).toHaveCount(2);
    await expect(page.getByRole("link", { name: "Remove the filter code: 5xx" })).toBeVisible();
    await expect(box).toHaveValue("flooded");
    await page.reload();
    await expect(rows).toHaveCount(2);
    await expect(box).toHaveValue("flooded");
    await page.goBack();
    await expect(page).toHaveURL(/q=nowhere/);
  });

  await test.step("an endpoint is a token by its name, and attempts and durations compare", async () => {
    for (const [token, count, chip] of [
      ['endpoint:"bad"', 2, "endpoint: bad"],
      ["attempt:>1", 0, "attempt: >1"],
      ["dur:<60s", 2, "dur: <60s"],
    ] as const) {
      await page.goto(token.startsWith("endpoint") ? "/deliveries" : "/deliveries?endpoint=Bad");
      await hydrated(page);
      await box.fill(token);
      await box.press("Enter");
      await expect(page.getByRole("link", { name: `Remove the filter ${chip}` })).toBeVisible();
      await expect(rows, token).toHaveCount(count);
      await expect(box).toHaveValue("");
    }
    await expect(filters.getByRole("link", { name: "Bad ×" }), "the facet knows the name too").toHaveAttribute("aria-current", "true");
    allowConsole(/422 \(Unprocessable Entity\)/);
    await box.fill("attempt:few");
    await box.press("Enter");
    await expect(page.getByRole("alert").filter({ hasText: "attempt" })).toBeVisible();
  });

  await test.step("a column of the histogram narrows the time", async () => {
    await page.goto("/deliveries");
    await page.getByText("Show as a table").click();
    await page.getByRole("region", { name: "Deliveries over time as a table" }).getByRole("link").first().click();
    await expect(page).toHaveURL(/since=.*until=/);
    await expect(page.getByRole("link", { name: /^Remove the filter since/ })).toBeVisible();
    await expect(rows).not.toHaveCount(0);
  });
});

test("the search box suggests tokens and values", async ({ signedIn: page, hub, receiver }) => {
  await hub.addEndpoint(receiver.url, { name: "Billing sync" });
  await hub.addEndpoint(receiver.url.replace("/hook", "/other"), { name: "Audit" });
  await hub.postEvent("invoice.paid", { id: "inv_1" });
  await settled(hub, 2);
  await page.goto("/deliveries");
  await hydrated(page);
  const box = page.getByRole("combobox", { name: "Search deliveries" });
  const list = page.getByRole("listbox", { name: "Suggestions" });
  const options = list.getByRole("option");
  const chosen = list.getByRole("option", { selected: true });
  const rows = page.getByRole("row").filter({ has: page.getByRole("link", { name: /dlv_/ }) });

  await test.step("by keyboard alone", async () => {
    await expect(list).toBeHidden();
    await page.keyboard.press("/");
    await expect(list).toBeVisible();
    await expect(box).toHaveAttribute("aria-expanded", "true");
    await expect(options.first()).toHaveText(/^status:/);
    await page.keyboard.type("umbrella end");
    await expect(options.first()).toHaveText(/^endpoint:Name/);
    await page.keyboard.press("ArrowDown");
    await expect(box).toHaveAttribute("aria-activedescendant", (await chosen.getAttribute("id"))!);
    await page.keyboard.press("Enter");
    await expect(box).toHaveValue("umbrella endpoint:");
    await expect(options).toHaveCount(2);
    await page.keyboard.type("sync");
    await expect(options).toHaveText([/^endpoint:"Billing sync"/]);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await expect(chosen, "beyond the last is none").toHaveCount(0);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("link", { name: "Remove the filter endpoint: Billing sync" })).toBeVisible();
    await expect(box, "words stay").toHaveValue("umbrella");
    await expect(box).toBeFocused();
    await expect(list).toBeHidden();
    await box.fill("");
    await page.keyboard.press("Enter");
    await expect(rows).toHaveCount(1);
  });

  await test.step("values fit by the beginning of any word; Esc closes the list, then leaves the field", async () => {
    await page.keyboard.type("deliv");
    await expect(options.first()).toHaveText(/^status:delivered/);
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expect(list).toBeHidden();
    await expect(box).toHaveValue("deliv");
    await page.keyboard.press("Escape");
    await expect(box).not.toBeFocused();
    await box.fill("");
  });

  await test.step("with the pointer", async () => {
    await box.fill("type:invoice.p");
    await options.filter({ hasText: "type:invoice.paid" }).click();
    await expect(page).toHaveURL(/event_type=invoice\.paid/);
    await expect(rows).toHaveCount(1);
  });

  await test.step("the link to all this is copied", async () => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy link" }).click();
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());
  });
});

test("a range of time is dragged on the histogram, or chosen with the arrow keys", async ({ signedIn: page, hub, receiver }) => {
  await hub.addEndpoint(receiver.url, { name: "Good" });
  for (let n = 1; n <= 3; n++) {
    await hub.postEvent("user.joined", { n });
    // A column is a second at least.
    await page.waitForTimeout(1100);
  }
  await settled(hub, 3);
  await openCountedLog(page);
  const columns = page.getByRole("group", { name: /^Columns of time/ });
  const column = columns.getByRole("link");
  const rows = page.getByRole("row").filter({ has: page.getByRole("link", { name: /dlv_/ }) });
  await expect(rows).toHaveCount(3);
  const range = async (place: number) => new URL((await column.nth(place).getAttribute("href"))!, hub.url).searchParams;
  const middle = async (place: number) => {
    const box = (await column.nth(place).boundingBox())!;
    return [box.x + box.width / 2, box.y + box.height / 2] as const;
  };
  await test.step("from right to left, ending below the bars", async () => {
    await page.mouse.move(...(await middle(1)));
    await page.mouse.down();
    const [x, y] = await middle(0);
    await page.mouse.move(x, y + 120, { steps: 4 });
    await expect(columns.locator("[data-on]")).toHaveCount(2);
    // While a range is in hand nothing is drawn anew.
    const [since, until] = [(await range(0)).get("since"), (await range(1)).get("until")];
    await page.mouse.up();
    await expect(page).toHaveURL((url) => url.searchParams.get("since") === since && url.searchParams.get("until") === until);
    await expect(page.getByRole("link", { name: /^Remove the filter until/ })).toBeVisible();
    await expect(rows).not.toHaveCount(3);
  });

  await test.step("a press on one column is a range of one", async () => {
    await page.goBack();
    await expect(rows).toHaveCount(3);
    const one = await range(0);
    await column.first().click();
    await expect(page).toHaveURL((url) => url.searchParams.get("until") === one.get("until"));
  });

  await test.step("with Shift and the arrow keys", async () => {
    await page.goBack();
    await expect(rows).toHaveCount(3);
    await expect(column.first()).toHaveAttribute("href", /since=/);
    const [from, to] = [(await range(0)).get("since"), (await range(1)).get("until")];
    await column.last().focus();
    for (let place = (await column.count()) - 1; place > 0; place--) await page.keyboard.press("ArrowLeft");
    await expect(column.first()).toBeFocused();
    await page.keyboard.press("Shift+ArrowRight");
    await expect(columns.locator("[data-on]")).toHaveCount(2);
    await page.keyboard.press("Escape");
    await expect(columns.locator("[data-on]")).toHaveCount(0);
    // Who leaves the columns has chosen none.
    await page.keyboard.press("Shift+ArrowLeft");
    await expect(columns.locator("[data-on]")).toHaveCount(2);
    await column.first().evaluate((link) => (link as HTMLElement).blur());
    await expect(columns.locator("[data-on]")).toHaveCount(0);
    await column.nth(1).focus();
    await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL((url) => url.searchParams.get("since") === from && url.searchParams.get("until") === to);
  });
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the browser itself suggests, and the columns are links", async ({ signedIn: page, hub, receiver, allowConsole }) => {
    allowConsole(/was preloaded using link preload but not used/);
    await hub.addEndpoint(receiver.url, { name: "Billing sync" });
    await hub.postEvent("invoice.paid", { id: "inv_1" });
    await settled(hub, 1);
    await page.goto("/deliveries");
    const box = page.getByRole("combobox", { name: "Search deliveries" });
    const listed = page.locator(`datalist#${await box.getAttribute("list")} option`);
    for (const token of ["status:failed", "since:24h", "type:invoice.paid", 'endpoint:"Billing sync"']) {
      await expect(listed.and(page.locator(`[value='${token}']`)), token).toHaveCount(1);
    }
    await box.fill('endpoint:"Billing sync"');
    await box.press("Enter");
    await expect(page.getByRole("link", { name: "Remove the filter endpoint: Billing sync" })).toBeVisible();
    await expect(row(page, "Delivered")).toHaveCount(1);
    await page.getByRole("group", { name: /^Columns of time/ }).getByRole("link").first().click();
    await expect(page).toHaveURL(/since=.*until=/);
    await expect(row(page, "Delivered")).toHaveCount(1);
  });
});

test("older rows are pages away, in both directions", async ({ signedIn: page, hub, receiver }) => {
  await hub.addEndpoint(receiver.url, { name: "Good" });
  for (let n = 1; n <= 7; n++) await hub.postEvent("user.joined", { n });
  await settled(hub, 7);
  await page.goto("/deliveries?limit=3");
  const links = page.getByRole("link", { name: /^user\.joined to Good/ });
  const seen: (string | null)[] = [];
  for (const count of [3, 3, 1]) {
    await expect(links).toHaveCount(count);
    for (const link of await links.all()) seen.push(await link.getAttribute("href"));
    if (count === 3) await page.getByRole("link", { name: "Older" }).click();
    if (count === 3) await expect(page.getByRole("link", { name: /^user\.joined to Good/ }).first()).not.toHaveAttribute("href", seen.at(-3)!);
  }
  expect(new Set(seen).size).toBe(7);
  await expect(page.getByRole("link", { name: "Older" })).toHaveCount(0);
  await page.getByRole("link", { name: "Newer" }).click();
  await expect(links.first()).toHaveAttribute("href", seen[3]!);
});

test("an attempt copied as curl runs, and the receiver gets the same signed request", async ({ signedIn: page, hub, receiver, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const endpoint = await hub.addEndpoint(receiver.url, { name: "Good" });
  await hub.postEvent("invoice.paid", { id: "inv_1", note: "it's $HOME & \"more\"" });
  await openLiveLog(page);
  await page.getByRole("link", { name: /^invoice\.paid to Good/ }).click();
  await expect(page.getByText("Delivered", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Copy as curl" }).click();
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(copied).toMatch(/^curl /);
  const command = await copied();
  await promisify(execFile)("sh", ["-c", command]);
  const [first, copy] = await receiver.waitFor(2);
  expect(copy!.body).toBe(first!.body);
  expect(isSigned(copy!, endpoint.secret)).toBe(true);
});

test("a selection and all dead letters are replayed together", async ({ signedIn: page, hub, receiver }) => {
  await hub.addEndpoint(receiver.url, { name: "Down", retry: [] });
  receiver.failsThenAccepts(4);
  for (const type of ["invoice.paid", "invoice.failed", "user.joined", "user.removed"]) await hub.postEvent(type, {});
  await settled(hub, 4);
  await openLiveLog(page);
  await page.getByRole("checkbox", { name: /^Select invoice\.paid/ }).check();
  await page.getByRole("checkbox", { name: /^Select invoice\.failed/ }).check();
  await page.getByRole("button", { name: "Replay 2 selected" }).click();
  await expect(page.getByText("2 deliveries replayed.")).toBeVisible();
  await receiver.waitFor(6);
  await expect(row(page, "Delivered")).toHaveCount(2);

  await page.getByText("Replay all failed…").click();
  await page.getByRole("group", { name: /^Replay 4 failed deliveries/ }).getByRole("button", { name: "Replay all failed" }).click();
  await expect(page.getByText("2 deliveries replayed.")).toBeVisible();
  await expect(row(page, "Delivered")).toHaveCount(4);
  expect(receiver.requests).toHaveLength(8);
});
